//! Who may use the portal. It holds keys and is driven by a browser, so other web pages are the danger:
//! one that sends requests here from the same browser, and one whose name is made to lead here (DNS rebinding).

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::ORIGIN;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use subtle::ConstantTimeEq;

use super::pages::{sign_in_page, to_the_page};
use crate::address::authority;
use crate::body::read_body;
use crate::problem::Problem;
use crate::state::Shared;

/// What the page's script adds to its calls. A page from elsewhere can't add it without a preflight, which nothing here answers.
const MARK: HeaderName = HeaderName::from_static("x-agglestone-portal");

/// The longest body read here.
const BODY_LIMIT: usize = 4 << 10;

/// Refuses requests for a host that may be somebody else's.
pub(crate) async fn check_host(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let host = authority(request.headers());
    if host.is_some_and(|host| shared.visitors.answers_to(host.host())) {
        next.run(request).await
    } else {
        let why = "The portal is served only on IP addresses, localhost and the names passed as --host, --public-url and --allowed-host.";
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
    if !headers.contains_key(MARK) || is_from_elsewhere(&shared, headers) {
        return Problem::forbidden("Only the portal page may call this endpoint.").into_response();
    }
    if !shared.visitors.knows(headers) {
        return Problem::forbidden("The portal's session cookie is missing; reload the page.")
            .into_response();
    }
    next.run(request).await
}

/// Whether a browser says that another page sent this. Ports count here, unlike for cookies.
fn is_from_elsewhere(shared: &Shared, headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(ORIGIN) else {
        return false;
    };
    let from = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    let own = authority(headers);
    let own = own.as_ref().map(Authority::as_str);
    // Behind a proxy the browser and this request name different hosts.
    let public = shared.public_url.as_deref().and_then(|url| url.split("://").nth(1));
    !from.is_some_and(|from| [own, public].into_iter().flatten().any(|name| from.eq_ignore_ascii_case(name)))
}

/// Takes the form of the page that asks for the control token.
pub(super) async fn sign_in(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if is_from_elsewhere(&shared, &parts.headers) {
        return Problem::forbidden("Only the portal page may call this endpoint.").into_response();
    }
    let body = match read_body(body, BODY_LIMIT).await {
        Ok(body) => body,
        Err(problem) => return problem.into_response(),
    };
    let token = form_urlencoded::parse(&body).find(|(name, _)| name == "token");
    let token = token.map(|(_, token)| token.into_owned()).unwrap_or_default();
    if token.trim().as_bytes().ct_eq(shared.control_token.as_bytes()).into() {
        (shared.visitors.cookie(&parts.headers), to_the_page()).into_response()
    } else {
        (StatusCode::FORBIDDEN, sign_in_page("Wrong control token.")).into_response()
    }
}
