//! Reads what the service says about an error, in every shape its documentation leaves open.

use serde_json::{Map, Value};

/// What an error body tells.
#[derive(Debug, Default)]
pub(crate) struct Problem {
    /// The service's own words.
    pub message: Option<String>,
    /// Its name for the request: ASP.NET writes `traceId` into its problems.
    pub trace_id: Option<String>,
}

impl Problem {
    /// Reads a problem-details body (RFC 9457), `{"message"}`, `{"error"}` or `{"errors": {..}}` (`service.md`, "Errors and
    /// limits"), whatever content type it was sent with. Anything else tells nothing.
    ///
    /// Of a problem's members `detail` and `title` are words. Its `type` is a name for programs, quoted where there are no
    /// words; its `instance` is as a rule the path that was asked for, with the ids in it, and stays out of messages.
    pub fn read(body: &[u8]) -> Problem {
        let json: Option<Value> = serde_json::from_slice(body).ok();
        let Some(object) = json.as_ref().and_then(Value::as_object) else { return Problem::default() };
        let trace_id = object.get("traceId").and_then(Value::as_str).map(str::to_owned);
        Problem { message: message(object), trace_id }
    }
}

fn message(object: &Map<String, Value>) -> Option<String> {
    let text = |name: &str| object.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let nested = || object.get("error")?.get("message")?.as_str();
    let main = text("detail")
        .or_else(|| text("message"))
        .or_else(nested)
        .or_else(|| text("error_description"))
        .or_else(|| text("error"))
        .or_else(|| text("title"))
        .or_else(|| text("type").filter(|name| *name != "about:blank"));
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
            // ASP.NET puts what belongs to no field under an empty name.
            let named = fields.iter().map(|(name, value)| match name.as_str() {
                "" => flat(value),
                name => format!("{name}: {}", flat(value)),
            });
            let named: Vec<_> = named.collect();
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
            (r#"{"type":"https://e.example/locked","status":403}"#, "https://e.example/locked"),
            (r#"{"type":"https://e.example/locked","title":"Locked"}"#, "Locked"),
        ] {
            assert_eq!(Problem::read(body.as_bytes()).message.as_deref(), Some(expected), "{body}");
        }
    }

    #[test]
    fn an_asp_net_problem_names_its_fields_and_its_request_and_not_the_path() {
        let body = br#"{"type":"https://tools.ietf.org/html/rfc9110#section-15.5.1","title":"Invalid.","status":400,
            "errors":{"$.email":["No address.","Too long."],"":["Empty."]},"instance":"/tenant/t/api/Users/id-1",
            "traceId":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"}"#;
        let problem = Problem::read(body);
        assert_eq!(problem.message.unwrap(), "Invalid. (Empty.; $.email: No address.; Too long.)");
        assert!(problem.trace_id.unwrap().starts_with("00-0af7651916cd43dd"));
    }

    #[test]
    fn anything_else_says_nothing() {
        for body in ["", "<html>", "null", "[]", "{}", r#"{"errors":{}}"#, r#"{"message":7}"#, "\u{feff}{}"] {
            assert_eq!(Problem::read(body.as_bytes()).message, None, "{body}");
        }
        for body in [r#"{"type":"about:blank","status":404}"#, r#"{"instance":"/Users/id-1","traceId":7}"#] {
            let problem = Problem::read(body.as_bytes());
            assert_eq!((problem.message, problem.trace_id), (None, None), "{body}");
        }
    }
}
