//! Who may use the portal. It holds keys and is driven by a browser, so other web pages are the danger:
//! one that sends requests here from the same browser, and one whose name is made to lead here (DNS rebinding).

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{COOKIE, HOST, ORIGIN, SET_COOKIE};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::middleware::Next;
use axum::response::{AppendHeaders, IntoResponse, Response};
use subtle::ConstantTimeEq;

use super::{sign_in_page, to_the_page};
use crate::keys::random_secret;
use crate::problem::Problem;
use crate::routes::read_body;
use crate::state::Shared;

/// What the page's script adds to its calls. A page from elsewhere can't add it without a preflight, which nothing here answers.
const MARK: HeaderName = HeaderName::from_static("x-agglestone-portal");

/// The longest body read here.
const BODY_LIMIT: usize = 4 << 10;

/// Where a request came from.
#[derive(Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// What one emulator's portal knows its visitors by.
pub(crate) struct Session {
    /// The host it was told to listen on, which may be a name.
    host: String,
    /// The cookie's value, the same for all visitors of this run.
    secret: String,
}

impl Session {
    pub(crate) fn new(host: String) -> Self {
        Self { host, secret: random_secret() }
    }

    /// Whether a visitor gets the page without being asked: this machine, where the keys are in the terminal anyway,
    /// and whoever signed in.
    pub(super) fn admits(&self, request: &Request) -> bool {
        let here = |peer: &Peer| peer.0.ip().to_canonical().is_loopback();
        request.extensions().get().is_some_and(here) || self.knows(request.headers())
    }

    /// The header that makes a browser one that [`knows`](Self::knows) accepts.
    pub(super) fn cookie(&self, headers: &HeaderMap) -> AppendHeaders<[(HeaderName, String); 1]> {
        let cookie =
            format!("{}={}; Path=/portal; HttpOnly; SameSite=Strict", cookie_name(headers), self.secret);
        AppendHeaders([(SET_COOKIE, cookie)])
    }

    /// Whether a request carries the cookie.
    fn knows(&self, headers: &HeaderMap) -> bool {
        let name = cookie_name(headers);
        let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut cookies =
            cookies.flat_map(|value| value.split(';')).filter_map(|one| one.trim().split_once('='));
        cookies.any(|(other, value)| other == name && value.as_bytes().ct_eq(self.secret.as_bytes()).into())
    }

    /// Whether a browser that asks for `host` asks for this emulator. An address can't be rebound, and names for this machine
    /// are the browser's own; any other name may belong to somebody else, unless it is the one given at start.
    fn answers_to(&self, host: &str) -> bool {
        let address = host.trim_start_matches('[').trim_end_matches(']');
        let name = host.to_ascii_lowercase();
        address.parse::<IpAddr>().is_ok()
            || name == "localhost"
            || name.ends_with(".localhost")
            || name == self.host.to_ascii_lowercase()
    }
}

/// Host and port that the browser asked for, if it said so exactly once.
fn authority(headers: &HeaderMap) -> Option<Authority> {
    let hosts: Vec<_> = headers.get_all(HOST).iter().collect();
    match hosts[..] {
        [host] => Authority::try_from(host.as_bytes()).ok().filter(|host| !host.as_str().contains('@')),
        _ => None,
    }
}

/// Browsers share cookies among all ports of a host, and two emulators need one each.
fn cookie_name(headers: &HeaderMap) -> String {
    let port = authority(headers).and_then(|host| host.port_u16()).unwrap_or(80);
    format!("agglestone-portal-{port}")
}

/// Refuses requests for a host that may be somebody else's.
pub(super) async fn check_host(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let host = authority(request.headers());
    if host.is_some_and(|host| shared.portal.answers_to(host.host())) {
        next.run(request).await
    } else {
        let why = "The portal answers to addresses, localhost, and the name given with --host.";
        Problem::forbidden(why).into_response()
    }
}

/// Refuses calls that are not the page's own.
pub(super) async fn check_caller(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    if !headers.contains_key(MARK) || is_from_elsewhere(headers) {
        return Problem::forbidden("Only the portal page may call this.").into_response();
    }
    if !shared.portal.knows(headers) {
        return Problem::forbidden("This needs the cookie of the portal page: load it first.")
            .into_response();
    }
    next.run(request).await
}

/// Whether a browser says that another page sent this. Ports count here, unlike for cookies.
fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(ORIGIN) else {
        return false;
    };
    let from = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    let own = authority(headers);
    !from.zip(own).is_some_and(|(from, own)| from.eq_ignore_ascii_case(own.as_str()))
}

/// Takes the form of the page that asks for the control token.
pub(super) async fn sign_in(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if is_from_elsewhere(&parts.headers) {
        return Problem::forbidden("Only the portal page may call this.").into_response();
    }
    let body = match read_body(body, BODY_LIMIT).await {
        Ok(body) => body,
        Err(problem) => return problem.into_response(),
    };
    let token = form_urlencoded::parse(&body).find(|(name, _)| name == "token");
    let token = token.map(|(_, token)| token.into_owned()).unwrap_or_default();
    if token.trim().as_bytes().ct_eq(shared.control_token.as_bytes()).into() {
        (shared.portal.cookie(&parts.headers), to_the_page()).into_response()
    } else {
        (StatusCode::FORBIDDEN, sign_in_page("This is not the control token of this run.")).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_names_of_this_machine_and_the_given_host_are_answered_to() {
        let session = Session::new("Emulator.test".into());
        for host in
            ["127.0.0.1", "[::1]", "192.168.1.7", "localhost", "LOCALHOST", "a.localhost", "emulator.test"]
        {
            assert!(session.answers_to(host), "{host}");
        }
        for host in
            ["example.com", "127.0.0.1.example.com", "localhost.example.com", "xlocalhost", "test", ""]
        {
            assert!(!session.answers_to(host), "{host}");
        }
    }

    #[test]
    fn this_machine_is_admitted_and_others_once_they_have_the_cookie() {
        let session = Session::new("0.0.0.0".into());
        let admitted = |address: &str, headers: &[(HeaderName, &str)]| {
            let mut request = Request::default();
            request.extensions_mut().insert(Peer((address.parse::<IpAddr>().expect("an address"), 1).into()));
            for (name, value) in headers {
                request.headers_mut().append(name, value.parse().expect("a value"));
            }
            session.admits(&request)
        };
        for here in ["127.0.0.1", "127.0.0.9", "::1", "::ffff:127.0.0.1"] {
            assert!(admitted(here, &[]), "{here}");
        }
        for elsewhere in ["192.168.1.7", "::ffff:192.168.1.7", "fe80::1"] {
            assert!(!admitted(elsewhere, &[]), "{elsewhere}");
        }
        let cookie = format!("a=b; agglestone-portal-80={}", session.secret);
        assert!(admitted("192.168.1.7", &[(HOST, "192.168.1.2"), (COOKIE, &cookie)]));
        assert!(!admitted("192.168.1.7", &[(HOST, "192.168.1.2:81"), (COOKIE, &cookie)]));
        assert!(!session.admits(&Request::default()), "from nobody knows where");
    }
}
