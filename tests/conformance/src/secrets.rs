//! Nothing that a face can print may show a key or a token: errors, `repr`, serialized forms, logs at their loudest, panics.

use anyhow::{Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use regex::Regex;
use serde_json::Value;

/// Shorter texts are no secrets; such a key could be found in any message by chance.
const SHORTEST: usize = 8;
/// What a driver writes before bytes that are no text, such as a pickle.
const BINARY: &str = "base64:";

/// The secrets that a case has used so far.
pub struct Secrets {
    secrets: Vec<Secret>,
    /// Any JWT, not only those that this case has seen: its first part begins with base64url of `{"`.
    jwt: Regex,
}

struct Secret {
    plain: String,
    /// Every spelling that would give it away.
    spellings: Vec<String>,
}

impl Secrets {
    /// Those of the service to begin with.
    pub fn new(keys: impl IntoIterator<Item = String>) -> Self {
        let jwt = Regex::new(r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}").expect("a regular expression");
        let mut secrets = Self { secrets: Vec::new(), jwt };
        keys.into_iter().for_each(|key| secrets.add(&key.into()));
        secrets
    }

    /// Adds every text in `value`: of settings, arguments and answers that hold keys.
    pub fn add(&mut self, value: &Value) {
        let mut texts = Vec::new();
        collect_texts(value, &mut texts);
        for text in texts.into_iter().map(str::trim).filter(|text| text.len() >= SHORTEST) {
            if self.secrets.iter().all(|known| known.plain != text) {
                self.secrets.push(Secret { plain: text.to_string(), spellings: spellings(text) });
            }
        }
    }

    /// Fails if any text in `value`, an error or what a driver has shown, holds one of them, or any JWT.
    pub fn check(&self, what: &str, value: &Value) -> Result<()> {
        let mut texts = Vec::new();
        collect_texts(value, &mut texts);
        texts.into_iter().try_for_each(|text| self.check_text(what, text))
    }

    /// Fails if `text` holds one of them, or any JWT.
    pub fn check_text(&self, what: &str, text: &str) -> Result<()> {
        let bytes = text.strip_prefix(BINARY).map(|encoded| STANDARD.decode(encoded)).transpose()?;
        // UTF-16 as .NET and V8 write it is readable once its zeros are gone.
        let readable: Option<String> =
            bytes.map(|bytes| bytes.into_iter().filter(|byte| *byte != 0).map(char::from).collect());
        let text = readable.as_deref().unwrap_or(text);
        let spelled = self.secrets.iter().find_map(|secret| Some((secret, secret.find(text)?)));
        if let Some((secret, place)) = spelled {
            let start: String = secret.plain.chars().take(4).collect();
            bail!("{what} shows a secret ({start}…): {}", around(text, place));
        }
        if let Some(token) = self.jwt.find(text) {
            bail!("{what} shows a token: {}", around(text, token.start()));
        }
        Ok(())
    }
}

impl Secret {
    fn find(&self, text: &str) -> Option<usize> {
        self.spellings.iter().find_map(|spelling| text.find(spelling))
    }
}

/// As it is, escaped for JSON or a URL, in hex, and in base64 at each of the three places a group of bytes can begin.
fn spellings(secret: &str) -> Vec<String> {
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut all = vec![
        secret.to_string(),
        Value::from(secret).to_string().trim_matches('"').to_string(),
        utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
        hex.to_uppercase(),
        hex,
    ];
    for skipped in 0..3 {
        // Only whole groups, which are the same whatever comes before and after.
        let bytes = secret.as_bytes().get(skipped..).unwrap_or_default();
        all.push(STANDARD.encode(&bytes[..bytes.len() / 3 * 3]));
    }
    all.retain(|spelling| spelling.len() >= SHORTEST);
    all.sort();
    all.dedup();
    all
}

fn around(text: &str, place: usize) -> String {
    let before: String = text[..place].chars().rev().take(120).collect();
    format!("{}⟨here⟩", before.chars().rev().collect::<String>())
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

    const KEY: &str = "planted/key+1";

    fn found(text: &str) -> bool {
        Secrets::new([KEY.to_string()]).check_text("a test", text).is_err()
    }

    #[test]
    fn a_secret_anywhere_in_an_error_is_found() {
        let mut secrets = Secrets::new([]);
        secrets.add(&json!(["planted-key-1\n", {"secondary": "short"}]));
        let verdict = |error| secrets.check("the error", &error);
        assert!(verdict(json!({"message": "fine, and short"})).is_ok());
        assert!(verdict(json!({"message": "fine", "service_message": "you sent planted-key-1"})).is_err());
        let token = format!("eyJhbGciOiJSUzI1NiJ9.{}.sig", "eyJzdWIiOiIxMjM0NTY3ODkwIn0");
        assert!(verdict(json!({"message": format!("token {token}")})).is_err());
    }

    #[test]
    fn a_secret_is_found_in_every_spelling() {
        assert!(found("api_key='planted/key+1'") && found("?key=planted%2Fkey%2B1&x"));
        assert!(found("706C616E7465642F6B65792B31") && found("706c616e7465642f6b65792b31"));
        for before in ["", "a", "ab"] {
            assert!(found(&STANDARD.encode(format!("{before}{KEY} and more"))), "{before}");
        }
        let utf16: Vec<u8> = KEY.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(found(&format!("base64:{}", STANDARD.encode(utf16))));
        assert!(!found("planted key 1") && !found("base64:AAAA"));
    }

    #[test]
    fn what_is_shown_of_a_find_ends_before_the_secret() {
        let error = Secrets::new([KEY.to_string()]).check_text("a log", &format!("x={KEY}!")).unwrap_err();
        assert_eq!(error.to_string(), "a log shows a secret (plan…): x=⟨here⟩");
    }
}
