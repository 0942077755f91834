//! Takes anything that looks like a key or a token out of text that is kept.
//! Paths, queries and user agents are the caller's own, and callers do put secrets there by mistake.

use crate::keys::KEY_PREFIX;

/// What stands where a secret was.
const REDACTED: &str = "[redacted]";

/// `text` without the emulator's keys, without tokens, and without `presented`, the credential of the same request.
pub(crate) fn redact(text: &str, presented: Option<&str>) -> String {
    let text = match presented {
        Some(secret) if !secret.is_empty() => text.replace(secret, REDACTED),
        _ => text.to_owned(),
    };
    // Every JSON object begins with `{"`, so every token begins with its base64, `eyJ`.
    let text = without_runs(&text, KEY_PREFIX);
    without_runs(&text, "eyJ")
}

/// Replaces each `start` and the base64url characters and dots after it.
fn without_runs(text: &str, start: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(start) {
        let run = &rest[at + start.len()..];
        let end = run.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c))).unwrap_or(run.len());
        kept.push_str(&rest[..at]);
        kept.push_str(REDACTED);
        rest = &run[end..];
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_tokens_and_the_presented_credential_are_taken_out() {
        assert_eq!(redact("key=agk_ab-C_1&x=1", None), "key=[redacted]&x=1");
        assert_eq!(redact("/eyJh.eyJi.c-_/agk_/own", Some("own")), "/[redacted]/[redacted]/[redacted]");
        assert_eq!(redact("/api/v2.0/Users", None), "/api/v2.0/Users");
    }
}
