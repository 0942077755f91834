//! The proxy between this machine and the service, as the environment names it.

use std::fmt;

use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};

/// The proxy that a client's requests go through.
#[derive(Clone)]
pub(crate) struct Proxy {
    address: String,
    /// The user and password that the variable gave, as the header that carries them.
    authorization: Option<HeaderValue>,
    variable: &'static str,
}

/// The proxies of an environment, under the names that curl knows too.
pub(super) fn named_by(environment: &impl Fn(&str) -> Option<String>) -> Matcher {
    // In a CGI program it is a header of the request that is in `HTTP_PROXY`.
    if environment("REQUEST_METHOD").is_some() {
        return Matcher::builder().build();
    }
    let value = |name: &str| {
        environment(name).or_else(|| environment(&name.to_ascii_lowercase())).unwrap_or_default()
    };
    Matcher::builder()
        .all(value("ALL_PROXY"))
        .http(value("HTTP_PROXY"))
        .https(value("HTTPS_PROXY"))
        .no(value("NO_PROXY"))
        .build()
}

impl Proxy {
    /// The proxy to a URL, if there is one. The error completes a sentence about the URL.
    pub fn to(url: &str, proxies: &Matcher) -> Result<Option<Proxy>, String> {
        let url: Uri = url.parse().map_err(|error| format!("is not a URI ({error})"))?;
        let Some(found) = proxies.intercept(&url) else { return Ok(None) };
        let variable = if url.scheme_str() == Some("http") { "HTTP_PROXY" } else { "HTTPS_PROXY" };
        let proxy = Proxy { address: address(&found), authorization: found.basic_auth().cloned(), variable };
        match found.uri().scheme_str() {
            Some("http" | "https") => Ok(Some(proxy)),
            _ => Err(format!(
                "is behind the proxy {}, and only http and https proxies are supported; {}",
                proxy.address,
                proxy.advice()
            )),
        }
    }

    /// `scheme://host:port`, without user and password.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Whether the proxy itself shows a certificate.
    pub fn is_tls(&self) -> bool {
        self.address.starts_with("https://")
    }

    /// The header that tells the proxy who asks.
    pub fn authorization(&self) -> Option<&HeaderValue> {
        self.authorization.as_ref()
    }

    /// User and password as they are sent: what must not appear in a message.
    pub fn secret(&self) -> Option<&str> {
        self.authorization.as_ref()?.to_str().ok()?.strip_prefix("Basic ")
    }

    /// What to do when it does not work.
    pub fn advice(&self) -> String {
        format!("check {}, or name the service's host in NO_PROXY", self.variable)
    }

    /// What to do when it asks who is calling.
    pub fn advice_on_users(&self) -> String {
        format!(
            "check user and password in {}, as in http://user:password@host:port, or name the service's host in NO_PROXY",
            self.variable
        )
    }
}

fn address(proxy: &Intercept) -> String {
    let (scheme, authority) = (proxy.uri().scheme_str(), proxy.uri().authority());
    format!("{}://{}", scheme.unwrap_or("http"), authority.map_or("", |authority| authority.as_str()))
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(url: &str, variables: &[(&str, &str)]) -> Result<Option<Proxy>, String> {
        let environment = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Proxy::to(url, &named_by(&environment))
    }

    fn address(variables: &[(&str, &str)]) -> Option<String> {
        proxy("https://auth.agglestone.com", variables).unwrap().map(|proxy| proxy.address)
    }

    #[test]
    fn the_usual_variables_are_read_and_the_nearest_one_counts() {
        let found = |variables| address(variables).unwrap();
        assert_eq!(found(&[("HTTPS_PROXY", "http://a:1"), ("ALL_PROXY", "http://b:2")]), "http://a:1");
        assert_eq!(found(&[("https_proxy", "a:1")]), "http://a:1");
        assert_eq!(found(&[("ALL_PROXY", "https://b")]), "https://b");
        assert_eq!(address(&[("HTTP_PROXY", "http://a:1")]), None);
        assert_eq!(address(&[("HTTPS_PROXY", "http://a:1"), ("REQUEST_METHOD", "GET")]), None);
        let plain = proxy("http://emulator:8970", &[("HTTP_PROXY", "http://a:1")]).unwrap().unwrap();
        assert!(plain.advice().contains("HTTP_PROXY"));
    }

    #[test]
    fn no_proxy_excepts_hosts_and_what_is_under_them() {
        let proxied = |no| address(&[("HTTPS_PROXY", "http://a:1"), ("NO_PROXY", no)]).is_some();
        for no in ["auth.agglestone.com", "agglestone.com", ".agglestone.com", "x, agglestone.com", "*"] {
            assert!(!proxied(no), "{no}");
        }
        for no in ["", "other.example", "glestone.com", "www.auth.agglestone.com"] {
            assert!(proxied(no), "{no}");
        }
    }

    #[test]
    fn user_and_password_go_into_the_header_and_nowhere_else() {
        let variables = [("HTTPS_PROXY", "http://planted-user:planted%20pass@a:1")];
        let proxy = proxy("https://auth.agglestone.com", &variables).unwrap().unwrap();
        assert_eq!(proxy.address(), "http://a:1");
        assert_eq!(proxy.authorization().unwrap(), "Basic cGxhbnRlZC11c2VyOnBsYW50ZWQgcGFzcw==");
        assert!(proxy.authorization().unwrap().is_sensitive());
        assert!(!format!("{proxy:?}").contains("planted"));
    }

    #[test]
    fn a_socks_proxy_is_refused_and_not_spoken_to_in_http() {
        let error = proxy("https://a.example", &[("ALL_PROXY", "socks5://planted:secret@b:9")]).unwrap_err();
        assert!(error.contains("socks5://b:9") && error.contains("HTTPS_PROXY"), "{error}");
        assert!(!error.contains("planted"), "{error}");
    }
}
