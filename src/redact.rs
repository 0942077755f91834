//! Cleans text that came from outside before it may enter a message.

use secrecy::ExposeSecret;
use secrecy::SecretString;

use crate::marks::is_invisible;
use crate::spelling::without_marks;

/// The longest text of the service that a message quotes, in characters.
const MAX_QUOTED: usize = 500;

/// Replaces the secrets a call was made with, anything shaped like a JWT, and what would break a log line.
pub(crate) struct Redactor(Vec<SecretString>);

impl Redactor {
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Redactor {
        Redactor(secrets.into_iter().map(SecretString::from).collect())
    }

    /// The text, fit for a message; `None` when nothing readable is left.
    pub fn clean(&self, text: &str) -> Option<String> {
        // First, so that no secret is put together by taking out what stood between its letters.
        let mut text = without_marks(text).replace(is_invisible, "");
        for secret in &self.0 {
            text = text.replace(secret.expose_secret(), "[redacted]");
        }
        let words: Vec<&str> = text
            .split(|c: char| c.is_whitespace() || c.is_control())
            .filter(|word| !word.is_empty())
            .map(|word| if looks_like_jwt(word) { "[redacted]" } else { word })
            .collect();
        let mut clean = words.join(" ");
        if let Some((end, _)) = clean.char_indices().nth(MAX_QUOTED) {
            clean.truncate(end);
            clean.push('…');
        }
        (!clean.is_empty()).then_some(clean)
    }
}

/// Whether cleaning would leave the text as it is but for secrets in it.
pub(crate) fn is_plain(text: &str) -> bool {
    (1..=MAX_QUOTED).contains(&text.len())
        && text.bytes().fold(true, |all, byte| all & byte.is_ascii_graphic())
        && !looks_like_jwt(text)
}

/// A JWT starts with the base64 of `{"`, whatever surrounds it.
fn looks_like_jwt(word: &str) -> bool {
    let has_dots = |text: &str| text.bytes().filter(|byte| *byte == b'.').count() >= 2;
    // Twice, because nearly no word has them, and to count is cheaper than to search.
    has_dots(word) && word.find("eyJ").is_some_and(|start| has_dots(&word[start..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redactor() -> Redactor {
        Redactor::new(["planted-primary", "planted-secondary"])
    }

    #[test]
    fn keys_and_tokens_do_not_survive() {
        let text = "key planted-primary, other \"planted-secondary\", token eyJhbGciOi.J9eyJz.c2ln!";
        let clean = redactor().clean(text).unwrap();
        assert_eq!(clean, "key [redacted], other \"[redacted]\", token [redacted]");
    }

    #[test]
    fn what_is_plain_is_cleaned_to_itself() {
        let jwt = "eyJhbGciOi.J9eyJz.c2ln";
        let long = "a".repeat(501);
        for text in [
            "",
            "0HN7:00000001",
            "a.b.eyJ",
            "a.eyJ.b",
            "a b",
            "a\nb",
            "ä",
            "plan\u{200d}ted",
            jwt,
            &long,
            &long[..500],
        ] {
            let stays = redactor().clean(text).as_deref() == Some(text);
            assert_eq!(is_plain(text), stays && text.bytes().all(|byte| byte.is_ascii_graphic()), "{text:?}");
        }
    }

    #[test]
    fn control_characters_and_endless_texts_do_not_reach_a_log() {
        assert_eq!(redactor().clean("a\r\nb\u{1b}[31m\0c").unwrap(), "a b [31m c");
        assert_eq!(redactor().clean(&"ä".repeat(10_000)).unwrap().chars().count(), 501);
        assert_eq!(redactor().clean(" \n"), None);
    }

    #[test]
    fn marks_that_turn_or_hide_text_are_taken_out_and_hide_no_secret() {
        assert_eq!(redactor().clean("is \u{202e}toor\u{202c} \u{2066}a\u{2069}").unwrap(), "is toor a");
        assert_eq!(redactor().clean("\u{200b}\u{feff}"), None);
        assert_eq!(redactor().clean("plan\u{200d}ted-\u{202e}primary").unwrap(), "[redacted]");
        for mark in ['\u{fe0f}', '\u{e0041}', '\u{34f}', '\u{3164}', '\u{fffa}'] {
            assert_eq!(
                redactor().clean(&format!("planted{mark}-primary")).unwrap(),
                "[redacted]",
                "{mark:?}"
            );
        }
        assert_eq!(redactor().clean("one\u{2028}two\u{85}three").unwrap(), "one two three");
    }
}
