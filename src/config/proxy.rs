//! The proxy between this machine and the service, as the environment names it.

use std::fmt;

use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};

use super::no_proxy::NoProxy;

/// The proxy that a client's requests go through.
#[derive(Clone)]
pub(crate) struct Proxy {
    address: String,
    /// The user and password that the variable gave, as the header that carries them.
    authorization: Option<HeaderValue>,
    variable: &'static str,
}

/// What an environment says of proxies, under the names that curl knows too.
pub(super) struct Variables {
    all: String,
    http: String,
    https: String,
    no: String,
}

impl Variables {
    pub fn of(environment: &impl Fn(&str) -> Option<String>) -> Variables {
        // In a CGI program it is a header of the request that is in `HTTP_PROXY`.
        let is_cgi = environment("REQUEST_METHOD").is_some();
        let value = |name: &str| {
            let found = environment(name).or_else(|| environment(&name.to_ascii_lowercase()));
            found.filter(|_| !is_cgi).unwrap_or_default()
        };
        Variables {
            all: value("ALL_PROXY"),
            http: value("HTTP_PROXY"),
            https: value("HTTPS_PROXY"),
            no: value("NO_PROXY"),
        }
    }

    fn matcher(&self) -> Matcher {
        Matcher::builder().all(&*self.all).http(&*self.http).https(&*self.https).build()
    }

    /// The variable for a URL, and what it says.
    fn proxy_to(&self, url: &Uri) -> (&'static str, &str) {
        let (name, own) = match url.scheme_str() {
            Some("http") => ("HTTP_PROXY", &self.http),
            _ => ("HTTPS_PROXY", &self.https),
        };
        if own.is_empty() && !self.all.is_empty() { ("ALL_PROXY", &self.all) } else { (name, own) }
    }
}

impl Proxy {
    /// The proxy to a URL, if there is one; `system` knows those of more than the environment. The error completes a sentence
    /// about the URL.
    pub(super) fn to(
        url: &str,
        variables: &Variables,
        system: Option<&Matcher>,
    ) -> Result<Option<Proxy>, String> {
        let url: Uri = url.parse().map_err(|error| format!("is not a URI ({error})"))?;
        let excepted = NoProxy::parse(&variables.no);
        if excepted.as_ref().is_ok_and(|excepted| excepted.lists(&url)) {
            return Ok(None);
        }
        let (variable, value) = variables.proxy_to(&url);
        if has_raw_user(value) {
            return Err(format!(
                "is behind the proxy of {variable}, whose user or password holds a character that must be \
                 percent-encoded: @ as %40, / as %2F, ? as %3F, # as %23"
            ));
        }
        let found = match system {
            Some(system) => system.intercept(&url),
            None => variables.matcher().intercept(&url),
        };
        let Some(found) = found else { return Ok(None) };
        if let Err(entry) = excepted {
            return Err(format!(
                "is behind a proxy, and NO_PROXY lists {entry:?}, which is not a host: name, .name, *.name, address, \
                 network such as 10.0.0.0/8, each with or without :port, or * are accepted"
            ));
        }
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

/// Whether the user or password of a proxy's URL ends the part they stand in: what comes behind would be taken for the host,
/// and shown.
fn has_raw_user(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.rsplit_once('@').is_some_and(|(user, _)| user.contains(['@', '/', '?', '#']))
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
        Proxy::to(url, &Variables::of(&environment), None)
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
        for no in ["agglestone.com", "*.agglestone.com", "x auth.agglestone.com:443", "*"] {
            assert!(!proxied(no), "{no}");
        }
        for no in ["", "other.example", "auth.agglestone.com:8443"] {
            assert!(proxied(no), "{no}");
        }
    }

    #[test]
    fn what_is_no_host_in_no_proxy_is_named_where_there_is_a_proxy() {
        let no = ("NO_PROXY", "localhost, auth.*");
        let error = proxy("https://a.example", &[("HTTPS_PROXY", "http://a:1"), no]).unwrap_err();
        assert!(error.contains("NO_PROXY lists \"auth.*\""), "{error}");
        assert!(proxy("https://a.example", &[no]).unwrap().is_none());
    }

    #[test]
    fn a_password_that_is_not_encoded_is_refused_and_not_shown() {
        for user in ["user:planted@tail", "user:plan/ted", "us#er:planted", "user:pl?anted", "a@b:planted"] {
            for variable in ["HTTPS_PROXY", "ALL_PROXY"] {
                let value = format!("http://{user}@proxy.example:1");
                let variables = [(variable, &*value)];
                let error = proxy("https://a.example", &variables).unwrap_err();
                assert!(error.contains(variable) && error.contains("%40"), "{error}");
                assert!(!error.contains("planted") && !error.contains("tail"), "{error}");
                assert!(proxy("https://a.example", &[variables[0], ("NO_PROXY", "*")]).unwrap().is_none());
            }
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
        assert!(error.contains("socks5://b:9") && error.contains("ALL_PROXY"), "{error}");
        assert!(!error.contains("planted"), "{error}");
    }
}
