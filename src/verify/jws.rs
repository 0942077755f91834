//! A signed token taken apart (RFC 7515, compact form): strict about everything that two readers could see differently.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::members::{Members, Unread};
use super::reason::{Reason, Refusal};

/// Longer than any header that servers take, and short enough to be looked at for nothing.
const MAX_TOKEN_BYTES: usize = 64 * 1024;

/// The algorithms that are believed: asymmetric ones only, so that a public key is never used as a shared secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Rs256,
    Ps256,
    Es256,
    EdDsa,
}

impl Algorithm {
    pub fn named(name: &str) -> Option<Algorithm> {
        Some(match name {
            "RS256" => Algorithm::Rs256,
            "PS256" => Algorithm::Ps256,
            "ES256" => Algorithm::Es256,
            "EdDSA" => Algorithm::EdDsa,
            _ => return None,
        })
    }
}

/// A token whose form is right. Nothing of it is to be believed yet.
pub(super) struct Jws<'a> {
    pub algorithm: Algorithm,
    pub key_id: Option<String>,
    /// What was signed, as it stands in the token.
    pub signed: &'a [u8],
    pub signature: Vec<u8>,
    /// JSON: an object in which no name comes twice.
    pub payload: Vec<u8>,
}

/// Refuses what is too long to be a token before anybody looks at it.
pub(super) fn check_length(token: &str) -> Result<(), Refusal> {
    match token.len() {
        ..=MAX_TOKEN_BYTES => Ok(()),
        _ => Err(Reason::Malformed.refusal("is longer than 64 KiB")),
    }
}

impl Jws<'_> {
    pub fn parse(token: &str) -> Result<Jws<'_>, Refusal> {
        let malformed = |what| Reason::Malformed.refusal(what);
        check_length(token)?;
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(malformed("is not a signed JSON Web Token: three parts, with dots between them"));
        };
        let decode = |part: &str| {
            URL_SAFE_NO_PAD
                .decode(part)
                .map_err(|_| malformed("has a part that is not base64url without padding"))
        };
        let signed = &token.as_bytes()[..header.len() + 1 + payload.len()];
        let (header, payload, signature) = (decode(header)?, decode(payload)?, decode(signature)?);
        let header =
            Members::read(&header).map_err(|Unread| malformed("has a header that is no JSON object"))?;
        // An extension that must be understood (RFC 7515, 4.1.11), of which none is; `b64` is only valid among them.
        if header.has("crit") || header.has("b64") {
            return Err(malformed("has a header with extensions that must be understood"));
        }
        let algorithm = header.text("alg").and_then(|name| Algorithm::named(&name));
        let algorithm = algorithm
            .ok_or(Reason::Algorithm.refusal("is signed by no algorithm of RS256, PS256, ES256 and EdDSA"))?;
        let key_id = match header.has("kid") {
            true => Some(header.text("kid").ok_or(malformed("has a `kid` that is no text"))?.into_owned()),
            false => None,
        };
        Ok(Jws { algorithm, key_id, signed, signature, payload })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(header: &str) -> String {
        format!("{}.e30.c2ln", URL_SAFE_NO_PAD.encode(header))
    }

    fn reason(token: &str) -> Option<Reason> {
        Jws::parse(token).err().map(|refusal| refusal.reason)
    }

    #[test]
    fn only_asymmetric_algorithms_are_taken() {
        for name in ["RS256", "PS256", "ES256", "EdDSA"] {
            assert_eq!(reason(&token(&format!(r#"{{"alg":"{name}"}}"#))), None, "{name}");
        }
        for alg in
            [r#""none""#, r#""None""#, r#""HS256""#, r#""RS512""#, r#""rs256""#, r#"["RS256"]"#, "null"]
        {
            assert_eq!(reason(&token(&format!(r#"{{"alg":{alg}}}"#))), Some(Reason::Algorithm), "{alg}");
        }
        assert_eq!(reason(&token("{}")), Some(Reason::Algorithm));
    }

    #[test]
    fn what_two_readers_could_see_differently_is_malformed() {
        let good = token(r#"{"alg":"RS256"}"#);
        let headers = [
            r#"{"alg":"none","alg":"RS256"}"#,
            r#"{"alg":"RS256","crit":["exp"],"exp":1}"#,
            r#"{"alg":"RS256","b64":false}"#,
            r#"{"alg":"RS256","kid":7}"#,
            r#"["RS256"]"#,
            "",
        ];
        let mut bad: Vec<String> = headers.iter().map(|header| token(header)).collect();
        bad.extend(
            ["", ".", "..", "a.b", &format!("Bearer {good}"), &format!("{good}\n")].map(str::to_owned),
        );
        // Padding, the other alphabet, bits that no byte holds, a fourth part, and what is no UTF-8.
        bad.extend([format!("{good}="), format!("{good}/+"), format!("{good}."), good.replace("e30", "e31")]);
        bad.push(format!("{}.e30.c2ln", URL_SAFE_NO_PAD.encode(b"{\"alg\":\"RS256\",\"x\":\"\xff\"}")));
        bad.push(format!("{good}{}", "A".repeat(64 * 1024)));
        for token in bad {
            assert_eq!(reason(&token), Some(Reason::Malformed), "{token:.80}");
        }
    }
}
