//! Paths and segments that reach exactly the route they name, whatever a URL parser or a server makes of them.

use std::borrow::Cow;
use std::io;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::marks::is_invisible;

/// All but RFC 3986's unreserved characters.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// In a path that a caller wrote, the sub-delimiters and existing escapes stay as they are.
const PATH: &AsciiSet = &SEGMENT
    .remove(b'/')
    .remove(b'%')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

/// Encodes text as one path segment.
pub(crate) fn encode_segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// Refuses text that can't be one segment safely. The error completes a sentence about the argument.
pub(crate) fn check_segment(text: &str) -> Result<(), &'static str> {
    check_text(text)?;
    check_spellings(text)
}

/// Checks a path below the tenant and encodes what is not encoded yet. A slash at its start is optional.
pub(crate) fn check_path(text: &str) -> Result<String, &'static str> {
    check_text(text)?;
    let path = text.strip_prefix('/').unwrap_or(text);
    if path.is_empty() {
        return Err("is empty");
    }
    if path.contains(['?', '#']) {
        return Err("contains `?` or `#`; the query is an argument of its own");
    }
    if path.contains('\\') {
        return Err("contains a backslash");
    }
    if path.contains("://") {
        return Err("is a whole URL; give the part after the tenant");
    }
    if path.split('/').any(str::is_empty) {
        return Err("contains an empty segment");
    }
    if !escapes_are_complete(path) {
        return Err("contains a `%` that starts no percent-escape; write it as %25");
    }
    check_spellings(path)?;
    Ok(utf8_percent_encode(path, PATH).to_string())
}

/// Words of routes that stand where an id could.
const WORDS: [&str; 6] = ["groups", "members", "roles", "search", "token-exchange", "users"];

/// The path with every segment replaced that may be an id, which doesn't belong into logs and would make a series of metrics of its
/// own. Known words stay, and versions such as `v2.0`; and where a collection stands, letters behind a capital, as the service
/// writes its routes.
pub(crate) fn template(path: &str) -> String {
    let is_version = |segment: &str| {
        segment
            .strip_prefix(['v', 'V'])
            .is_some_and(|rest| rest.len() <= 4 && rest.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
    };
    let is_name = |segment: &str| {
        segment.len() <= 32
            && segment.starts_with(|c: char| c.is_ascii_uppercase())
            && segment.bytes().all(|b| b.is_ascii_alphabetic())
    };
    let is_word = |segment: &str| WORDS.iter().any(|word| segment.eq_ignore_ascii_case(word));
    let mut behind_collection = false;
    let segments = path.split('/').map(|segment| {
        if is_version(segment) || segment.eq_ignore_ascii_case("api") {
            return segment;
        }
        let is_kept = is_word(segment) || (is_name(segment) && !behind_collection);
        behind_collection = is_kept;
        if is_kept { segment } else { "{id}" }
    });
    segments.collect::<Vec<_>>().join("/")
}

/// Why a file can't be read, in words for people.
pub(crate) fn why_unreadable(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file".to_owned(),
        io::ErrorKind::IsADirectory => "it is a directory".to_owned(),
        kind => kind.to_string(),
    }
}

/// What no id and no path may contain.
fn check_text(text: &str) -> Result<(), &'static str> {
    if text.trim().is_empty() {
        return Err("is empty");
    }
    if text.len() > 1024 {
        return Err("is longer than 1024 bytes");
    }
    check_characters(text)
}

/// Invisible marks make two ids look the same in every log; no id of the service needs one.
fn check_characters(text: &str) -> Result<(), &'static str> {
    let breaks_lines = |c: char| matches!(c, '\u{2028}' | '\u{2029}');
    if text.chars().any(|c| c.is_control() || breaks_lines(c) || is_invisible(c)) {
        return Err("contains a control character or an invisible mark");
    }
    Ok(())
}

/// What any number of decodings yields: some servers decode twice, some drop `;parameters`, and some take slashes of either
/// kind.
fn check_spellings(text: &str) -> Result<(), &'static str> {
    let mut current = Cow::Borrowed(text);
    loop {
        let dotted = current.split(['/', '\\']).any(|segment| {
            let name = segment.split(';').next().unwrap_or(segment);
            matches!(name, "." | "..")
        });
        if dotted {
            return Err("contains a `.` or `..` segment in some spelling, which could reach another route");
        }
        if !current.contains('%') {
            return Ok(());
        }
        let decoded = percent_decode_str(&current).decode_utf8_lossy().into_owned();
        if decoded == *current {
            return Ok(());
        }
        check_characters(&decoded)?;
        current = Cow::Owned(decoded);
    }
}

fn escapes_are_complete(path: &str) -> bool {
    path.split('%').skip(1).all(|rest| {
        let mut bytes = rest.bytes();
        matches!((bytes.next(), bytes.next()), (Some(a), Some(b)) if a.is_ascii_hexdigit() && b.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_dot_segment_is_refused() {
        for text in [
            ".",
            "..",
            "%2e%2e",
            ".%2e",
            "%252e",
            "%25252E%2e",
            "..;",
            "..;a=b",
            "a/../../groups",
            "a\\..\\b",
            "a%2f..%2f..",
            "a%5c%2e%2e",
        ] {
            assert!(check_segment(text).is_err(), "{text}");
            assert!(check_path(&format!("Users/{text}")).is_err(), "{text}");
        }
    }

    #[test]
    fn a_segment_stays_one_segment() {
        for (text, encoded) in [
            ("a b", "a%20b"),
            ("a/b", "a%2Fb"),
            ("a?x", "a%3Fx"),
            ("a#f", "a%23f"),
            ("a%b", "a%25b"),
            ("ä", "%C3%A4"),
            ("...", "..."),
            ("a;b", "a%3Bb"),
        ] {
            assert_eq!(check_segment(text), Ok(()), "{text}");
            assert_eq!(encode_segment(text), encoded);
        }
    }

    #[test]
    fn unreadable_or_endless_text_is_refused() {
        for text in [
            "",
            " ",
            "a\nb",
            "a\0b",
            "a\u{7f}",
            "a\u{2028}b",
            "a\u{202e}b",
            "a\u{fe0f}",
            "a\u{e0041}",
            "\u{feff}a",
            "a%00",
            "a%2500",
            "a%0d%0aX-A:%20b",
            "a%E2%80%8B",
            "a%7F",
            &"x".repeat(10_000),
        ] {
            assert!(check_segment(text).is_err(), "{text:?}");
            assert!(check_path(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_template_names_no_id_and_keeps_the_words_of_the_route() {
        for (path, expected) in [
            ("api/v2.0/Users", "api/v2.0/Users"),
            ("api/v2.0/Users/3fa85f64-5717", "api/v2.0/Users/{id}"),
            ("api/v2.0/Users/amelia", "api/v2.0/Users/{id}"),
            ("api/Groups/admins/members/amelia", "api/Groups/{id}/members/{id}"),
            ("api/Users/amelia/Sessions/abc", "api/Users/{id}/Sessions/{id}"),
            ("api/Users/amelia/sessions/abc", "api/Users/{id}/{id}/{id}"),
            ("jane-doe", "{id}"),
            ("v1/jane", "v1/{id}"),
            ("v12345/Jane-Doe", "{id}/{id}"),
            (&"A".repeat(33), "{id}"),
            ("v2.0/Auth/token-exchange", "v2.0/Auth/token-exchange"),
            ("api/v2/a%20b", "api/v2/{id}"),
        ] {
            assert_eq!(template(path), expected);
        }
    }

    #[test]
    fn a_path_keeps_its_escapes_and_gets_the_missing_ones() {
        assert_eq!(check_path("/api/Users/a%2Fb").unwrap(), "api/Users/a%2Fb");
        assert_eq!(check_path("api/Gruppen/für alle").unwrap(), "api/Gruppen/f%C3%BCr%20alle");
        for text in ["/", "//a", "a//b", "a/", "a?b", "a#b", "a\\b", "https://evil.example/a", "100%"] {
            assert!(check_path(text).is_err(), "{text}");
        }
    }
}
