//! Keys and tokens: types that are wiped when dropped and that no formatter shows.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::time::is_credible_life;
use crate::wrapper::wrapped;

/// The longest key accepted, in bytes. The service documents no length; a header of 8 KiB is refused by most servers.
const MAX_KEY_BYTES: usize = 4096;

/// An API key of the tenant: system-level access, so it is shown by nothing but its [fingerprint](ApiKey::fingerprint).
#[derive(Clone)]
pub struct ApiKey {
    value: SecretString,
    fingerprint: Arc<str>,
}

impl ApiKey {
    /// Checks that the text can be a header value as it stands. The error completes a sentence about the argument.
    pub(crate) fn new(text: &str) -> Result<ApiKey, &'static str> {
        if text.trim().is_empty() {
            return Err("is empty");
        }
        if let Some(what) = wrapped(text) {
            return Err(what);
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
        let digest = Sha256::digest(text.as_bytes());
        let start = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
        Ok(ApiKey { value: SecretString::from(text), fingerprint: format!("{start:08x}").into() })
    }

    /// First 8 hex digits of the key's SHA-256: tells keys apart without telling the key.
    pub fn fingerprint(&self) -> String {
        self.fingerprint.to_string()
    }

    /// The same, for what has one in each call.
    pub(crate) fn shared_fingerprint(&self) -> Arc<str> {
        self.fingerprint.clone()
    }

    pub(crate) fn header(&self) -> HeaderValue {
        sensitive(self.value.expose_secret())
    }

    pub(crate) fn expose(&self) -> &str {
        self.value.expose_secret()
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

/// A user's JWT, as the service issued it. Cheap to clone.
///
/// ```no_run
/// # fn example(client: agglestone::Client) -> Result<(), agglestone::Error> {
/// let token = client.exchange_api_key_for_token("3fa85f64-5717-4562-b3fc-2c963f66afa6")?;
/// let header = format!("Bearer {}", token.expose());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Token {
    value: Arc<SecretString>,
    claims: Claims,
    life: Option<Duration>,
    /// How old it was when it came, from a place that had kept it.
    age: Duration,
}

/// The claims that name the user.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Names {
    sub: serde_json::Value,
    #[serde(rename = "userId")]
    user_id: serde_json::Value,
}

/// The claims that tell how long a token lives, in seconds since 1970. They are read and not verified: the answer of our
/// own service over TLS is to be believed, and nobody but the service can judge the token anyway.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
struct Claims {
    exp: Option<f64>,
    iat: Option<f64>,
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
        Ok(Token {
            value: Arc::new(SecretString::from(text)),
            claims: read(parts[1]),
            life: None,
            age: Duration::ZERO,
        })
    }

    /// Whom the token says that it is of, by either claim.
    pub(crate) fn user_ids(&self) -> [Option<String>; 2] {
        let names: Names = read(self.expose().split('.').nth(1).unwrap_or_default());
        let text =
            |value: serde_json::Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        [text(names.sub), text(names.user_id)]
    }

    /// Works out how long the token lives from now: by its expiry against the service's clock or its own beginning, whichever
    /// is later, or by what the answer says beside it. `Err` when the result can't be true.
    pub(crate) fn with_life(
        mut self,
        service_time: Option<SystemTime>,
        expires_in: Option<f64>,
        now: SystemTime,
    ) -> Result<Token, &'static str> {
        let unix = |time: SystemTime| time.duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs_f64());
        let seconds = match self.claims.exp {
            Some(exp) => {
                // A proxy may answer with an old `Date`; with it alone the token would outlive its expiry.
                let known = [service_time.and_then(unix), self.claims.iat].into_iter().flatten();
                let issued = known.reduce(f64::max).or(unix(now));
                issued.map(|issued| exp - issued)
            }
            None => {
                self.claims.exp = expires_in.and_then(|life| Some(unix(now)? + life));
                expires_in
            }
        };
        let Some(seconds) = seconds else { return Ok(self) };
        let life = Duration::try_from_secs_f64(seconds).map_err(|_| "expired before it was issued")?;
        if !is_credible_life(life) {
            return Err("has a lifetime that can't be true");
        }
        self.life = Some(life);
        Ok(self)
    }

    /// The token as it came from a place that had kept it: of a known life, of which this much is left. `None` when that can't be.
    pub(crate) fn kept(mut self, life: Duration, left: Duration, now: SystemTime) -> Option<Token> {
        if !is_credible_life(life) || left > life {
            return None;
        }
        (self.life, self.age) = (Some(life), life - left);
        if self.claims.exp.is_none() {
            let end = now.checked_add(left)?.duration_since(UNIX_EPOCH).ok()?;
            self.claims.exp = Some(end.as_secs_f64());
        }
        Some(self)
    }

    /// How old the token was when it came.
    pub(crate) fn age(&self) -> Duration {
        self.age
    }

    /// How long the token lived when it was issued, where that is known.
    pub(crate) fn life(&self) -> Option<Duration> {
        self.life
    }

    /// The token itself, for an `Authorization: Bearer` header. It acts as the user: keep it out of logs.
    pub fn expose(&self) -> &str {
        self.value.expose_secret()
    }

    /// The token with a NUL behind it, for C.
    pub fn terminated(&self) -> Terminated {
        // Of its size at once: a text that grows leaves pieces of itself in memory that nobody wipes.
        let mut text = String::with_capacity(self.expose().len() + 1);
        text.push_str(self.expose());
        text.push('\0');
        Terminated(SecretString::from(text))
    }

    /// When it expires. `None` when neither the token nor the service's answer says so.
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.expires_at_unix().and_then(|seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds)))
    }

    /// [`expires_at`](Token::expires_at) in whole seconds since 1970.
    pub fn expires_at_unix(&self) -> Option<u64> {
        self.claims.exp.filter(|exp| (0.0..1e12).contains(exp)).map(|exp| exp as u64)
    }

    pub(crate) fn header(&self) -> HeaderValue {
        let mut bearer = Zeroizing::new(String::with_capacity(7 + self.expose().len()));
        bearer.push_str("Bearer ");
        bearer.push_str(self.expose());
        sensitive(&bearer)
    }

    #[cfg(test)]
    pub(crate) fn testing(name: &str, life: Duration) -> Token {
        let token = Token::new(&format!("{name}.e30.sig")).unwrap();
        Token { life: Some(life), ..token }
    }
}

impl PartialEq for Token {
    fn eq(&self, other: &Token) -> bool {
        self.expose().as_bytes().ct_eq(other.expose().as_bytes()).into()
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
        f.debug_struct("Token").field("expires_at", &self.expires_at_unix()).finish_non_exhaustive()
    }
}

/// Reads a JWT's payload. What can't be read is as if absent.
fn read<T: Default + DeserializeOwned>(payload: &str) -> T {
    use base64::Engine;
    let json = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap_or_default();
    serde_json::from_slice(&json).unwrap_or_default()
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
    fn a_life_counts_from_the_services_clock_and_must_be_credible() {
        use base64::Engine;
        let token = |claims: &str| {
            let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(claims);
            Token::new(&format!("e30.{payload}.sig")).unwrap()
        };
        let time = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        let life = |claims, service, expires_in| {
            token(claims)
                .with_life(service, expires_in, time(5000))
                .map(|token| token.life().map(|life| life.as_secs()))
        };
        assert_eq!(life(r#"{"exp":10900,"iat":10000}"#, Some(time(10_100)), Some(7.0)), Ok(Some(800)));
        assert_eq!(life(r#"{"exp":10900,"iat":10000}"#, None, None), Ok(Some(900)));
        assert_eq!(life(r#"{"exp":10900,"iat":10000}"#, Some(time(100)), None), Ok(Some(900)));
        assert_eq!(life(r#"{"exp":10900}"#, Some(time(10_100)), None), Ok(Some(800)));
        assert_eq!(life(r#"{"exp":5900}"#, None, None), Ok(Some(900)));
        assert_eq!(life("{}", None, Some(300.0)), Ok(Some(300)));
        assert_eq!(life("{}", None, None), Ok(None));
        assert!(life(r#"{"exp":10900}"#, Some(time(11_000)), None).is_err());
        assert!(life(r#"{"exp":99999999999}"#, Some(time(10_000)), None).is_err());
        assert!(life("{}", None, Some(f64::NAN)).is_err());
        assert!(life("{}", None, Some(0.0)).is_err());
    }

    #[test]
    fn a_token_must_look_like_a_jwt() {
        for text in ["", "a.b", "a.b.c.d", "a..c", "a.b.c\n", "a b.c.d"] {
            assert!(Token::new(text).is_err(), "{text:?}");
        }
    }
}
