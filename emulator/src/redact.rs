//! Takes anything that looks like a key or a token out of text that is kept, and shortens it.
//! Methods, paths, queries and user agents are the caller's own, and callers do put secrets there, by mistake and in disguise.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::percent_decode_str;

use crate::keys::KEY_PREFIX;

/// What stands where a secret was.
const REDACTED: &str = "[redacted]";

/// What every token begins with: the base64 of `{"`, as every JSON object begins.
const TOKEN_START: &str = "eyJ";

/// How often text is percent-decoded in search of secrets.
const LAYERS: usize = 3;

/// What keys and tokens look like in base64, wherever in the encoded text they begin.
static ENCODED_STARTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    // A token's start is so short that shifted it would be found in innocent text.
    encoded(KEY_PREFIX).chain(encoded(TOKEN_START).take(1)).collect()
});

/// `text` without the secrets in `known`, without the emulator's keys and without tokens, also where they were encoded as
/// base64 or for URLs, and of at most `limit` bytes. Where a secret was encoded for URLs, the decoded text is returned.
pub(crate) fn redact(text: &str, known: &[&str], limit: usize) -> String {
    let mut kept = without_secrets(text, known);
    let mut layer = kept.clone();
    for _ in 0..LAYERS {
        let decoded = percent_decode_str(&layer).decode_utf8_lossy().into_owned();
        if decoded == layer {
            break;
        }
        layer = without_secrets(&decoded, known);
        if layer != decoded {
            kept.clone_from(&layer);
        }
    }
    shortened(kept, limit)
}

fn without_secrets(text: &str, known: &[&str]) -> String {
    let mut text = text.to_owned();
    for secret in known.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, REDACTED);
        for form in encoded(secret).filter(|form| form.len() > 3) {
            text = without_base64(&text, &form, |_| 0);
        }
    }
    let run = |rest: &str| {
        rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c))).unwrap_or(rest.len())
    };
    for start in [KEY_PREFIX, TOKEN_START] {
        text = without(&text, |text| {
            text.find(start).map(|at| (at, at + start.len() + run(&text[at + start.len()..])))
        });
    }
    let base64 = |rest: &str| {
        rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-_+/=".contains(c))).unwrap_or(rest.len())
    };
    for start in ENCODED_STARTS.iter() {
        text = without_base64(&text, start, base64);
    }
    text
}

/// Replaces `form`, whichever of base64's two alphabets spells it, and as much after it as `more` says.
fn without_base64(text: &str, form: &str, more: impl Fn(&str) -> usize) -> String {
    without(text, |text| {
        // As long as the text: both alphabets are ASCII.
        let url_safe = text.replace('+', "-").replace('/', "_");
        let end = url_safe.find(form)? + form.len();
        Some((end - form.len(), end + more(&text[end..])))
    })
}

/// Replaces each part that `find` finds in what is left of `text`.
fn without(text: &str, find: impl Fn(&str) -> Option<(usize, usize)>) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((start, end)) = find(rest) {
        kept.push_str(&rest[..start]);
        kept.push_str(REDACTED);
        rest = &rest[end..];
    }
    kept.push_str(rest);
    kept
}

/// The characters of base64 that say `secret` and nothing else, when it begins at a byte that is a multiple of three, or one
/// or two after it.
fn encoded(secret: &str) -> impl Iterator<Item = String> {
    (0..3).map(move |shift| {
        let text = URL_SAFE_NO_PAD.encode([&[0; 2][..shift], secret.as_bytes()].concat());
        let (first, last) = ((shift * 8).div_ceil(6), (shift + secret.len()) * 8 / 6);
        text[first..last].to_owned()
    })
}

/// A text of its own, so that nothing of a longer one stays in memory.
fn shortened(text: String, limit: usize) -> String {
    const MARK: &str = "…";
    if text.len() <= limit {
        return text.as_str().into();
    }
    let end = text.floor_char_boundary(limit.saturating_sub(MARK.len()));
    [&text[..end], MARK].concat()
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn clean(text: &str, known: &[&str]) -> String {
        redact(text, known, 1000)
    }

    #[test]
    fn keys_tokens_and_known_secrets_are_taken_out() {
        assert_eq!(clean("key=agk_ab-C_1&x=1", &[]), "key=[redacted]&x=1");
        assert_eq!(clean("/eyJh.eyJi.c-_/agk_/own", &["own"]), "/[redacted]/[redacted]/[redacted]");
        assert_eq!(clean("/api/v2.0/Users", &[""]), "/api/v2.0/Users");
        assert_eq!(clean("/a%2Fb?c=%zz%", &[]), "/a%2Fb?c=%zz%", "nothing is decoded without need");
    }

    #[test]
    fn a_secret_that_is_encoded_for_a_url_is_taken_out_however_often() {
        for text in ["a%61gk_secret", "%61%67%6b%5Fsecret", "%2561gk_secret", "%252561gk_secret"] {
            assert!(clean(text, &[]).ends_with("[redacted]"), "{text}");
        }
        assert_eq!(clean("/my%2Dkey%20x", &["my-key"]), "/[redacted] x");
    }

    #[test]
    fn a_secret_in_base64_is_taken_out_wherever_it_begins() {
        // Its encodings use the characters in which the alphabets differ.
        let known = "a>?~key~>?of-ones-own";
        for before in ["", "u", "u:", "usr", "user:", "user::"] {
            for secret in [known, "agk_0123456789abcdef"] {
                for text in [
                    STANDARD.encode(format!("{before}{secret}")),
                    URL_SAFE_NO_PAD.encode(format!("{before}{secret}")),
                ] {
                    let cleaned = clean(&format!("key={text}"), &[known]);
                    assert!(cleaned.contains(REDACTED) && cleaned.len() < 24, "{before}: {cleaned}");
                }
            }
        }
        assert!(clean(&URL_SAFE_NO_PAD.encode("eyJhbGciOi.abc"), &[]).starts_with(REDACTED));
    }

    #[test]
    fn long_text_is_shortened_after_secrets_were_taken_out() {
        let text = format!("{}agk_secret", "x".repeat(45));
        assert_eq!(redact(&text, &[], 50), format!("{}[r…", "x".repeat(45)));
        assert_eq!(redact("ééé", &[], 5), "é…");
        assert_eq!(redact("12345", &[], 5), "12345");
    }
}
