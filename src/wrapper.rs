//! What a key is wrapped in by mistake on its way from where it is kept.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::value::RawValue;

/// What the text is instead of a key, and what to do. Completes a sentence about the argument.
pub(crate) fn wrapped(text: &str) -> Option<&'static str> {
    let text = text.trim();
    if is_json_object(text) {
        Some("is a JSON object; give the key that is in it, not the whole secret")
    } else if is_base64_of_json(text) {
        Some("is a JSON object in base64; decode it and give the key that is in it")
    } else if is_assignment(text) {
        Some("is a whole line of a .env file; give what comes after the =")
    } else if is_quoted(text) {
        Some("is in quotes, which docker --env-file keeps; write it without them")
    } else if is_header(text) {
        Some("is a whole header; give the value alone")
    } else {
        None
    }
}

fn is_json_object(text: &str) -> bool {
    text.starts_with('{') && serde_json::from_str::<&RawValue>(text).is_ok()
}

fn is_base64_of_json(text: &str) -> bool {
    // What `{` becomes, whatever follows.
    let brace = text.starts_with('e')
        && text.as_bytes().get(1).is_some_and(|second| b"wxyz0123456789+/".contains(second));
    brace
        && STANDARD
            .decode(text)
            .is_ok_and(|bytes| std::str::from_utf8(&bytes).is_ok_and(|text| is_json_object(text.trim())))
}

fn is_quoted(text: &str) -> bool {
    text.starts_with(['"', '\'']) || text.ends_with(['"', '\''])
}

/// `NAME=value`, as for a shell. A key may hold an equals sign, and end with some in base64; a variable is written in capitals,
/// or says that it is a key.
fn is_assignment(text: &str) -> bool {
    let text = text.strip_prefix("export ").unwrap_or(text).trim_start();
    let Some((name, value)) = text.split_once('=') else { return false };
    let name = name.trim_end();
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let is_variable = name.contains('_') && !name.contains(|letter: char| letter.is_ascii_lowercase());
    let says_key = name.to_ascii_lowercase().ends_with("key");
    is_name && (is_variable || says_key) && value.contains(|rest| rest != '=')
}

fn is_header(text: &str) -> bool {
    let lower = text.get(..10).unwrap_or(text).to_ascii_lowercase();
    lower.starts_with("x-api-key:") || lower.starts_with("bearer ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wrapper_is_known_and_what_it_holds_is_not_told() {
        for (text, what) in [
            ("\"planted\"", "quotes"),
            ("'planted'", "quotes"),
            ("planted\"", "quotes"),
            (r#"{"api_key": "planted"}"#, "JSON object;"),
            ("{\n  \"primary\": \"planted\"\n}\n", "JSON object;"),
            ("eyJhcGlfa2V5IjogInBsYW50ZWQifQ==", "base64"),
            ("AGGLESTONE_API_KEY=planted", ".env"),
            ("AGGLESTONE_API_KEY=\"planted\"", ".env"),
            ("export AGGLESTONE_API_KEY=\"planted key\" # ours", ".env"),
            ("apiKey=planted", ".env"),
            ("X-API-Key: planted", "header"),
            ("Bearer planted", "header"),
        ] {
            let told = wrapped(text).unwrap_or_else(|| panic!("{text} is a key"));
            assert!(told.contains(what) && !told.contains("planted"), "{text}: {told}");
        }
    }

    #[test]
    fn a_key_may_look_like_much() {
        for key in [
            "k-12345678",
            "{3fa85f64-5717-4562-b3fc-2c963f66afa6}",
            "c2VjcmV0LWtleQ==",
            "ABC_DEF==",
            "abc=def",
            "eyJhbGciOiJIUzI1NiJ9.e30.c2ln",
            "e30x",
            "/slash/and+plus==",
            "KEY",
        ] {
            assert_eq!(wrapped(key), None, "{key}");
        }
    }
}
