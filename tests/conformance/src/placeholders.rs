//! `${name}` in the strings of a case: what only the running emulator knows, and texts too long to write out.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::signing;

/// The values of the placeholders.
#[derive(Default)]
pub struct Placeholders(BTreeMap<String, String>);

impl Placeholders {
    /// From now on `${name}` is `value`.
    pub fn set(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_string(), value.to_string());
    }

    /// Fills in every string of `value`, the names of members too.
    pub fn fill(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(items) => items.iter().map(|item| self.fill(item)).collect(),
            Value::Object(members) => {
                members.iter().map(|(name, value)| (self.text(name), self.fill(value))).collect()
            }
            other => other.clone(),
        }
    }

    /// Fills in one string, the inner placeholder first. An unknown name stays as it is, so that it shows in the failure.
    pub fn text(&self, text: &str) -> String {
        let Some(end) = text.find('}') else { return text.to_string() };
        let (before, after) = (&text[..end], &text[end + 1..]);
        match before.rfind("${") {
            Some(start) => {
                let name = &before[start + 2..];
                match self.value(name) {
                    Some(value) => self.text(&format!("{}{value}{after}", &before[..start])),
                    None => format!("{before}}}{}", self.text(after)),
                }
            }
            None => format!("{before}}}{}", self.text(after)),
        }
    }

    fn value(&self, name: &str) -> Option<String> {
        if let Some(repeat) = name.strip_prefix("repeat:") {
            let (text, times) = repeat.rsplit_once(':')?;
            return Some(text.repeat(times.parse().ok()?));
        }
        if let Some(key) = name.strip_prefix("fingerprint:") {
            return Some(agglestone_emulator::fingerprint(key.as_bytes()));
        }
        if let Some(key) = name.strip_prefix("jwk:") {
            return signing::jwk(key).map(|jwk| jwk.to_string());
        }
        if let Some(later) = name.strip_prefix("now:") {
            return Some(signing::seconds_from_now(later.parse().ok()?).to_string());
        }
        self.0.get(name).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::Placeholders;
    use serde_json::json;

    #[test]
    fn names_are_filled_in_everywhere() {
        let mut known = Placeholders::default();
        known.set("url", "http://x");
        known.set("tenant", "t");
        assert_eq!(known.fill(&json!({"a": ["${url}/${tenant}", 1]})), json!({"a": ["http://x/t", 1]}));
        assert_eq!(known.text("${repeat:ab:3}! {} }"), "ababab! {} }");
        assert_eq!(known.text("${other} ${ ${tenant}"), "${other} ${ t");
        // SHA-256 of "t" begins with e3b98a4d.
        assert_eq!(known.text("key ${fingerprint:${tenant}}"), "key e3b98a4d");
    }
}
