//! How a language writes what messages name: settings, arguments and spans of time.
//!
//! Within the core a name is snake case in backticks, and a span carries marks around its seconds. A face asks for an error
//! in its own spelling and never looks into a message.

use std::borrow::Cow;
use std::fmt;

const SPAN: char = '\u{e000}';
const SPAN_END: char = '\u{e001}';

/// How a language spells names and times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// `base_url` and seconds, as in C, Python and Rust.
    Snake,
    /// `baseUrl` and milliseconds, as in JavaScript.
    Camel,
    /// `BaseUrl` for a setting, `userId` for an argument, and seconds, as in C#.
    Pascal,
}

/// A span of time in a message.
pub(crate) struct Span(pub f64);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SPAN}{}{SPAN_END}", self.0)
    }
}

impl Spelling {
    /// A setting's name.
    pub fn setting(self, name: &str) -> String {
        match self {
            Spelling::Snake => name.to_owned(),
            Spelling::Camel => join(name, false),
            Spelling::Pascal => join(name, true),
        }
    }

    /// An argument's name.
    pub fn argument(self, name: &str) -> String {
        match self {
            Spelling::Snake => name.to_owned(),
            Spelling::Camel | Spelling::Pascal => join(name, false),
        }
    }

    /// A text of the core in this spelling. A name in it is a setting's, unless it is that of the argument.
    pub(crate) fn text<'a>(self, text: &'a str, argument: Option<&str>) -> Cow<'a, str> {
        let text = if text.contains(SPAN) { Cow::Owned(self.spans(text)) } else { Cow::Borrowed(text) };
        if self == Spelling::Snake || !text.contains('`') {
            return text;
        }
        // Every second part stands in backticks, if they are paired.
        let parts: Vec<&str> = text.split('`').collect();
        let spelt = parts.iter().enumerate().map(|(index, part)| {
            let quoted = index % 2 == 1 && index + 1 < parts.len();
            let is_name = quoted && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            match argument {
                _ if !is_name => Cow::Borrowed(*part),
                Some(name) if name == *part => self.argument(part).into(),
                _ => self.setting(part).into(),
            }
        });
        spelt.collect::<Vec<_>>().join("`").into()
    }

    /// Spans with their unit: seconds and `s`, or milliseconds and `ms`.
    fn spans(self, text: &str) -> String {
        let mut spelt = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(SPAN) {
            let (seconds, after) = after.split_once(SPAN_END).unwrap_or((after, ""));
            spelt.push_str(before);
            match (self, seconds.parse::<f64>()) {
                (Spelling::Camel, Ok(seconds)) => {
                    // To the microsecond: what a caller wrote in milliseconds comes back as it was.
                    let milliseconds = (seconds * 1e6).round() / 1e3;
                    let milliseconds = milliseconds.to_string().replace("inf", "Infinity");
                    spelt.push_str(&format!("{milliseconds} ms"));
                }
                _ => spelt.push_str(&format!("{seconds} s")),
            }
            rest = after;
        }
        spelt.push_str(rest);
        spelt
    }
}

fn join(name: &str, capital: bool) -> String {
    let mut joined = String::with_capacity(name.len());
    let mut capital = capital;
    for letter in name.chars() {
        match letter {
            '_' => capital = true,
            letter if capital => {
                joined.push(letter.to_ascii_uppercase());
                capital = false;
            }
            letter => joined.push(letter),
        }
    }
    joined
}

/// Text from outside without the marks of this module.
pub(crate) fn without_marks(text: &str) -> Cow<'_, str> {
    if text.contains([SPAN, SPAN_END]) {
        return text.replace([SPAN, SPAN_END], "").into();
    }
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spelt_as_each_language_does() {
        let text = "`user_id` is `..`, see `base_url` and user_id";
        let spelt = |spelling: Spelling| spelling.text(text, Some("user_id")).into_owned();
        assert_eq!(spelt(Spelling::Snake), text);
        assert_eq!(spelt(Spelling::Camel), "`userId` is `..`, see `baseUrl` and user_id");
        assert_eq!(spelt(Spelling::Pascal), "`userId` is `..`, see `BaseUrl` and user_id");
        assert_eq!(Spelling::Pascal.text("a ` alone_ ", None), "a ` alone_ ");
    }

    #[test]
    fn spans_have_the_unit_of_the_language() {
        let text = format!("`timeout` is {}; at most {} are accepted", Span(0.0025), Span(86_400.0));
        assert_eq!(Spelling::Snake.text(&text, None), "`timeout` is 0.0025 s; at most 86400 s are accepted");
        assert_eq!(
            Spelling::Camel.text(&text, None),
            "`timeout` is 2.5 ms; at most 86400000 ms are accepted"
        );
        assert_eq!(Spelling::Camel.text(&Span(f64::NAN).to_string(), None), "NaN ms");
        assert_eq!(Spelling::Camel.text(&Span(-f64::INFINITY).to_string(), None), "-Infinity ms");
        assert_eq!(Spelling::Camel.text(&Span(0.0001 / 3.0).to_string(), None), "0.033 ms");
    }
}
