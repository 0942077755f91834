//! Which browsers the portal knows, and which hosts it answers to.

use std::net::{IpAddr, SocketAddr};

use axum::extract::Request;
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName};
use axum::response::AppendHeaders;
use subtle::ConstantTimeEq;

use crate::address::authority;
use crate::keys::random_secret;

/// Where a request came from.
#[derive(Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// What one emulator's portal knows its visitors by.
pub(crate) struct Visitors {
    /// The names it answers to beside those of this machine, in lower case.
    names: Vec<String>,
    /// The cookie's value, the same for all visitors of this run.
    secret: String,
}

impl Visitors {
    pub(crate) fn new(names: &[String]) -> Self {
        let names = names.iter().map(|name| name.to_ascii_lowercase()).collect();
        Self { names, secret: random_secret() }
    }

    /// Whether a visitor gets the page without being asked: this machine, where the keys are in the terminal anyway,
    /// and whoever signed in.
    pub(crate) fn admits(&self, request: &Request) -> bool {
        let here = |peer: &Peer| peer.0.ip().to_canonical().is_loopback();
        request.extensions().get().is_some_and(here) || self.knows(request.headers())
    }

    /// The header that makes a browser one that [`knows`](Self::knows) accepts.
    pub(crate) fn cookie(&self, headers: &HeaderMap) -> AppendHeaders<[(HeaderName, String); 1]> {
        let cookie =
            format!("{}={}; Path=/portal; HttpOnly; SameSite=Strict", cookie_name(headers), self.secret);
        AppendHeaders([(SET_COOKIE, cookie)])
    }

    /// Whether a request carries the cookie.
    pub(crate) fn knows(&self, headers: &HeaderMap) -> bool {
        let name = cookie_name(headers);
        let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut cookies =
            cookies.flat_map(|value| value.split(';')).filter_map(|one| one.trim().split_once('='));
        cookies.any(|(other, value)| other == name && value.as_bytes().ct_eq(self.secret.as_bytes()).into())
    }

    /// Whether a browser that asks for `host` asks for this emulator. An address can't be rebound, and names for this machine
    /// are the browser's own; any other name may belong to somebody else, unless it was given at start.
    pub(crate) fn answers_to(&self, host: &str) -> bool {
        let address = host.trim_start_matches('[').trim_end_matches(']');
        let name = host.to_ascii_lowercase();
        address.parse::<IpAddr>().is_ok()
            || name == "localhost"
            || name.ends_with(".localhost")
            || self.names.contains(&name)
    }
}

/// Browsers share cookies among all ports of a host, and two emulators need one each.
fn cookie_name(headers: &HeaderMap) -> String {
    let port = authority(headers).and_then(|host| host.port_u16()).unwrap_or(80);
    format!("agglestone-portal-{port}")
}

#[cfg(test)]
mod tests {
    use axum::http::header::HOST;

    use super::*;

    #[test]
    fn addresses_names_of_this_machine_and_the_given_host_are_answered_to() {
        let visitors = Visitors::new(&["Emulator.test".into()]);
        for host in
            ["127.0.0.1", "[::1]", "192.168.1.7", "localhost", "LOCALHOST", "a.localhost", "emulator.test"]
        {
            assert!(visitors.answers_to(host), "{host}");
        }
        for host in
            ["example.com", "127.0.0.1.example.com", "localhost.example.com", "xlocalhost", "test", ""]
        {
            assert!(!visitors.answers_to(host), "{host}");
        }
    }

    #[test]
    fn this_machine_is_admitted_and_others_once_they_have_the_cookie() {
        let visitors = Visitors::new(&[]);
        let admitted = |address: &str, headers: &[(HeaderName, &str)]| {
            let mut request = Request::default();
            request.extensions_mut().insert(Peer((address.parse::<IpAddr>().expect("an address"), 1).into()));
            for (name, value) in headers {
                request.headers_mut().append(name, value.parse().expect("a value"));
            }
            visitors.admits(&request)
        };
        for here in ["127.0.0.1", "127.0.0.9", "::1", "::ffff:127.0.0.1"] {
            assert!(admitted(here, &[]), "{here}");
        }
        for elsewhere in ["192.168.1.7", "::ffff:192.168.1.7", "fe80::1"] {
            assert!(!admitted(elsewhere, &[]), "{elsewhere}");
        }
        let cookie = format!("a=b; agglestone-portal-80={}", visitors.secret);
        assert!(admitted("192.168.1.7", &[(HOST, "192.168.1.2"), (COOKIE, &cookie)]));
        assert!(!admitted("192.168.1.7", &[(HOST, "192.168.1.2:81"), (COOKIE, &cookie)]));
        assert!(!visitors.admits(&Request::default()), "from nobody knows where");
    }
}
