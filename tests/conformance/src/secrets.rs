//! No error may show a key or a token, wherever it came from.

use anyhow::{Result, bail};
use regex::Regex;
use serde_json::Value;

use crate::driver::Answer;
use crate::expect::short;

/// Shorter texts are no secrets; such a key could be found in any message by chance.
const SHORTEST: usize = 8;

/// The secrets that a case has used so far.
pub struct Secrets(pub Vec<String>);

impl Secrets {
    /// Adds every text in `value`: of settings, arguments and answers that hold keys.
    pub fn add(&mut self, value: &Value) {
        let mut texts = Vec::new();
        collect_texts(value, &mut texts);
        self.0.extend(texts.iter().map(|text| text.trim().to_string()).filter(|text| text.len() >= SHORTEST));
    }

    /// Fails if an error shows one of them, or any JWT.
    pub fn check(&self, answer: &Answer) -> Result<()> {
        let Answer::Error(error) = answer else { return Ok(()) };
        // Any JWT, not only those that this case has seen: its first part begins with base64url of `{"`.
        let jwt = Regex::new(r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}").expect("a regular expression");
        let mut texts = Vec::new();
        collect_texts(error, &mut texts);
        for text in texts {
            if let Some(secret) = self.0.iter().find(|secret| text.contains(*secret)) {
                let start: String = secret.chars().take(4).collect();
                bail!("the error shows a secret ({start}…): {}", short(error));
            }
            if jwt.is_match(text) {
                bail!("the error shows a token: {}", short(error));
            }
        }
        Ok(())
    }
}

fn collect_texts<'a>(value: &'a Value, texts: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => texts.push(text),
        Value::Array(items) => items.iter().for_each(|item| collect_texts(item, texts)),
        Value::Object(members) => members.values().for_each(|member| collect_texts(member, texts)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_secret_anywhere_in_an_error_is_found() {
        let mut secrets = Secrets(Vec::new());
        secrets.add(&json!(["planted-key-1\n", {"secondary": "short"}]));
        let verdict = |error| secrets.check(&Answer::Error(error));
        assert!(verdict(json!({"message": "fine, and short"})).is_ok());
        assert!(verdict(json!({"message": "fine", "service_message": "you sent planted-key-1"})).is_err());
        let token = format!("eyJhbGciOiJSUzI1NiJ9.{}.sig", "eyJzdWIiOiIxMjM0NTY3ODkwIn0");
        assert!(verdict(json!({"message": format!("token {token}")})).is_err());
    }
}
