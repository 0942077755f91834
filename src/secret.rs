//! Keys and tokens: types that are wiped when dropped and that no formatter shows.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The longest key accepted, in bytes. The service documents no length; a header of 8 KiB is refused by most servers.
const MAX_KEY_BYTES: usize = 4096;

/// An API key of the tenant: system-level access, so it is shown by nothing but its [fingerprint](ApiKey::fingerprint).
#[derive(Clone)]
pub struct ApiKey(SecretString);

impl ApiKey {
    /// Checks that the text can be a header value as it stands. The error completes a sentence about the argument.
    pub(crate) fn new(text: &str) -> Result<ApiKey, &'static str> {
        if text.trim().is_empty() {
            return Err("is empty");
        }
        if text.len() > MAX_KEY_BYTES {
            return Err("is longer than 4096 bytes");
        }
        if text.contains(['\r', '\n']) {
            return Err("contains a line break; was a whole file pasted?");
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("contains a blank or a character outside visible ASCII");
        }
        Ok(ApiKey(SecretString::from(text)))
    }

    /// First 8 hex digits of the key's SHA-256: tells keys apart without telling the key.
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::digest(self.0.expose_secret().as_bytes());
        digest[..4].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub(crate) fn header(&self) -> HeaderValue {
        sensitive(self.0.expose_secret())
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl PartialEq for ApiKey {
    fn eq(&self, other: &ApiKey) -> bool {
        self.expose().as_bytes().ct_eq(other.expose().as_bytes()).into()
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKey({})", self.fingerprint())
    }
}

/// A user's JWT, as the service issued it.
#[derive(Clone)]
pub struct Token {
    value: SecretString,
    expires_at: Option<u64>,
}

impl Token {
    /// Checks that the text has the shape of a JWT and can be a header value.
    pub(crate) fn new(text: &str) -> Result<Token, &'static str> {
        let parts: Vec<&str> = text.split('.').collect();
        let base64url = |part: &&str| {
            !part.is_empty()
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        };
        if parts.len() != 3 || !parts.iter().all(base64url) {
            return Err("is not a JSON Web Token");
        }
        Ok(Token { value: SecretString::from(text), expires_at: expiry(parts[1]) })
    }

    /// The token itself, for an `Authorization: Bearer` header. It acts as the user: keep it out of logs.
    pub fn expose(&self) -> &str {
        self.value.expose_secret()
    }

    /// The token with a NUL behind it, for C.
    pub fn terminated(&self) -> Terminated {
        Terminated(SecretString::from(format!("{}\0", self.expose())))
    }

    /// When it expires, from its `exp` claim, which is read and not verified. `None` when it has no such claim.
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.expires_at.and_then(|seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds)))
    }

    /// [`expires_at`](Token::expires_at) in whole seconds since 1970.
    pub fn expires_at_unix(&self) -> Option<u64> {
        self.expires_at
    }
}

/// A secret text with a NUL behind it, wiped when dropped.
pub struct Terminated(SecretString);

impl Terminated {
    /// The text and its NUL.
    pub fn bytes(&self) -> &[u8] {
        self.0.expose_secret().as_bytes()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// The `exp` claim of a JWT's payload. Fractions are allowed by RFC 7519 and cut off here.
fn expiry(payload: &str) -> Option<u64> {
    #[derive(Deserialize)]
    struct Claims {
        exp: Option<f64>,
    }
    use base64::Engine;
    let json = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).ok()?;
    let claims: Claims = serde_json::from_slice(&json).ok()?;
    claims.exp.filter(|exp| *exp >= 0.0 && *exp < 1e12).map(|exp| exp as u64)
}

fn sensitive(text: &str) -> HeaderValue {
    let mut value = HeaderValue::from_str(text).expect("keys and tokens are visible ASCII by construction");
    value.set_sensitive(true);
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_refused_for_what_no_header_can_carry() {
        for (text, why) in [
            ("", "empty"),
            (" \t", "empty"),
            ("abc\n", "line break"),
            ("a b", "blank"),
            ("schlüssel", "ASCII"),
            ("a\0b", "ASCII"),
            (&"k".repeat(8192), "4096"),
        ] {
            let error = ApiKey::new(text).expect_err(why);
            assert!(error.contains(why), "{text:?}: {error}");
        }
    }

    #[test]
    fn no_formatter_shows_a_key_or_a_token() {
        let key = ApiKey::new("planted-key").unwrap();
        assert_eq!(format!("{key:?}"), format!("ApiKey({})", key.fingerprint()));
        assert!(format!("{:?}", key.header()).contains("Sensitive"));
        let token = Token::new("planted.e30.token").unwrap();
        assert!(!format!("{token:?}").contains("planted"));
    }

    #[test]
    fn a_fingerprint_is_the_start_of_the_sha_256() {
        assert_eq!(ApiKey::new("abc").unwrap().fingerprint(), "ba7816bf");
    }

    #[test]
    fn expiry_is_read_from_exp_and_absent_when_it_makes_no_sense() {
        let token = |claims: &str| {
            use base64::Engine;
            let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(claims);
            Token::new(&format!("e30.{payload}.sig")).unwrap().expires_at_unix()
        };
        assert_eq!(token(r#"{"exp":1900000000}"#), Some(1_900_000_000));
        assert_eq!(token(r#"{"exp":1900000000.5}"#), Some(1_900_000_000));
        assert_eq!(token(r#"{"exp":-1}"#), None);
        assert_eq!(token(r#"{"exp":"soon"}"#), None);
        assert_eq!(token("{}"), None);
    }

    #[test]
    fn a_token_must_look_like_a_jwt() {
        for text in ["", "a.b", "a.b.c.d", "a..c", "a.b.c\n", "a b.c.d"] {
            assert!(Token::new(text).is_err(), "{text:?}");
        }
    }
}
