//! Reads what the service says about an error, in every shape its documentation leaves open.

use serde_json::Value;

/// The service's own words in an error body, as it sent them: a problem-details body (RFC 9457), `{"message"}`,
/// `{"error"}` or `{"errors": {..}}` (`service.md`, "Errors and limits"). `None` when there are none.
pub(crate) fn message(body: &[u8]) -> Option<String> {
    let json: Value = serde_json::from_slice(body).ok()?;
    let object = json.as_object()?;
    let text = |name: &str| object.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let nested = || object.get("error")?.get("message")?.as_str();
    let main = text("detail")
        .or_else(|| text("message"))
        .or_else(nested)
        .or_else(|| text("error_description"))
        .or_else(|| text("error"))
        .or_else(|| text("title"));
    let fields = object.get("errors").map(field_errors).filter(|text| !text.is_empty());
    match (main, fields) {
        (Some(main), Some(fields)) => Some(format!("{main} ({fields})")),
        (Some(main), None) => Some(main.to_owned()),
        (None, fields) => fields,
    }
}

/// `field: first; second` for each member, or the items of a list.
fn field_errors(errors: &Value) -> String {
    let flat = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; "),
        other => other.get("message").and_then(Value::as_str).unwrap_or_default().to_owned(),
    };
    match errors {
        Value::Object(fields) => {
            let named: Vec<_> =
                fields.iter().map(|(name, value)| format!("{name}: {}", flat(value))).collect();
            named.join("; ")
        }
        other => flat(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_shape_is_read() {
        for (body, expected) in [
            (r#"{"title":"Not Found","detail":"No such user."}"#, "No such user."),
            (r#"{"title":"Not Found","detail":" "}"#, "Not Found"),
            (r#"{"message":"Slow down."}"#, "Slow down."),
            (r#"{"error":"bad"}"#, "bad"),
            (r#"{"error":{"message":"bad"}}"#, "bad"),
            (r#"{"error":"invalid_grant","error_description":"Expired."}"#, "Expired."),
            (r#"{"errors":{"email":["is taken","is long"]}}"#, "email: is taken; is long"),
            (r#"{"title":"Invalid","errors":{"email":"is taken"}}"#, "Invalid (email: is taken)"),
            (r#"{"errors":["one","two"]}"#, "one; two"),
        ] {
            assert_eq!(message(body.as_bytes()).as_deref(), Some(expected), "{body}");
        }
    }

    #[test]
    fn anything_else_says_nothing() {
        for body in ["", "<html>", "null", "[]", "{}", r#"{"errors":{}}"#, r#"{"message":7}"#, "\u{feff}{}"] {
            assert_eq!(message(body.as_bytes()), None, "{body}");
        }
    }
}
