//! `${name}` in the strings of a case: what only the running emulator knows, and texts too long to write out.

use serde_json::Value;

/// The values of the placeholders.
pub struct Placeholders(pub Vec<(&'static str, String)>);

impl Placeholders {
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

    /// Fills in one string. An unknown name stays as it is, so that it shows in the failure.
    pub fn text(&self, text: &str) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            filled += before;
            let Some((name, behind)) = after.split_once('}') else {
                return filled + "${" + after;
            };
            match self.value(name) {
                Some(value) => filled += &value,
                None => filled += &format!("${{{name}}}"),
            }
            rest = behind;
        }
        filled + rest
    }

    fn value(&self, name: &str) -> Option<String> {
        if let Some(repeat) = name.strip_prefix("repeat:") {
            let (text, times) = repeat.rsplit_once(':')?;
            return Some(text.repeat(times.parse().ok()?));
        }
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::Placeholders;
    use serde_json::json;

    #[test]
    fn names_are_filled_in_everywhere() {
        let known = Placeholders(vec![("url", "http://x".into()), ("tenant", "t".into())]);
        assert_eq!(known.fill(&json!({"a": ["${url}/${tenant}", 1]})), json!({"a": ["http://x/t", 1]}));
        assert_eq!(known.text("${repeat:ab:3}!"), "ababab!");
        assert_eq!(known.text("${other} ${"), "${other} ${");
    }
}
