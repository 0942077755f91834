//! What the service's discovery document says of its tokens (OpenID Connect Discovery 1.0), and how far that is followed.

use url::Url;

use super::members::Members;

/// Where discovery is, below the tenant (`service.md`, "Tokens").
pub(super) const DISCOVERY_PATH: &str = "v2.0/Auth/.well-known/openid-configuration";

/// Who issues tokens, and where the keys are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Discovered {
    pub issuer: String,
    /// Path and query on the configured host.
    pub keys_target: String,
}

impl Discovered {
    /// Reads the document. Both addresses have to be where the client is configured to go: whoever can write one document
    /// must not be able to send the client elsewhere. The error completes a sentence about the document.
    pub fn parse(body: &[u8], origin: &str) -> Result<Discovered, &'static str> {
        let document = Members::read(body).map_err(|_| "is not a JSON object")?;
        let issuer = document.text("issuer").ok_or("has no `issuer`")?;
        if on_origin(&issuer, origin).is_none() {
            return Err("has an `issuer` that is not on the host of `base_url`");
        }
        let keys = document.text("jwks_uri").ok_or("has no `jwks_uri`")?;
        let keys =
            on_origin(&keys, origin).ok_or("has a `jwks_uri` that is not on the host of `base_url`")?;
        let keys_target = match keys.query() {
            Some(query) => format!("{}?{query}", keys.path()),
            None => keys.path().to_owned(),
        };
        Ok(Discovered { issuer: issuer.into_owned(), keys_target })
    }
}

/// The URL, where scheme, host and port are those of the base URL, which was checked for https.
fn on_origin(text: &str, origin: &str) -> Option<Url> {
    let (url, origin) = (Url::parse(text).ok()?, Url::parse(origin).ok()?);
    let is_plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    (is_plain && url.origin() == origin.origin()).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(issuer: &str, keys: &str) -> Result<Discovered, &'static str> {
        let document = serde_json::json!({"issuer": issuer, "jwks_uri": keys}).to_string();
        Discovered::parse(document.as_bytes(), "https://auth.agglestone.com")
    }

    #[test]
    fn keys_are_read_from_the_configured_host_alone() {
        let (issuer, keys) =
            ("https://auth.agglestone.com/tenant/t/v2.0/Auth", "https://auth.agglestone.com:443/k?a=b");
        let discovered = parse(issuer, keys).unwrap();
        assert_eq!((discovered.issuer.as_str(), discovered.keys_target.as_str()), (issuer, "/k?a=b"));
        for elsewhere in [
            "http://auth.agglestone.com/k",
            "https://auth.agglestone.com.evil.example/k",
            "https://auth.agglestone.com@evil.example/k",
            "https://user@auth.agglestone.com/k",
            "https://auth.agglestone.com:444/k",
            "file:///k",
            "/k",
        ] {
            assert!(parse(issuer, elsewhere).unwrap_err().contains("jwks_uri"), "{elsewhere}");
            assert!(parse(elsewhere, keys).unwrap_err().contains("issuer"), "{elsewhere}");
        }
    }

    #[test]
    fn a_document_of_another_shape_is_refused() {
        for body in
            ["", "[]", "{}", r#"{"issuer":1,"jwks_uri":"https://a/k"}"#, r#"{"issuer":"a","issuer":"b"}"#]
        {
            assert!(Discovered::parse(body.as_bytes(), "https://a").is_err(), "{body}");
        }
    }
}
