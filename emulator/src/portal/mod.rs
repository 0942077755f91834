//! The portal page at `/portal`: the tenant's keys for people, as the vendor's portal has them, and who uses which.
//! Three files compiled into the binary, and the few calls that the page's script makes.

mod api;
mod session;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use crate::routes::nothing_here;
use crate::state::Shared;
pub(crate) use session::{Peer, Session};

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
const SIGN_IN: &str = include_str!("sign_in.html");

/// What every answer here says: nothing from elsewhere may run in the page, frame it, learn of it or keep it.
const HEADERS: [(HeaderName, &str); 7] = [
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (X_FRAME_OPTIONS, "DENY"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // Not "no-referrer": that makes browsers hide the origin of the sign-in form too, which is checked.
    (REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (CACHE_CONTROL, "no-store"),
];

/// Everything at and below `/portal`.
pub(crate) fn router(shared: &Arc<Shared>) -> Router<Arc<Shared>> {
    Router::new()
        .route("/", get(page))
        .route("/page.css", get(async || text("text/css", STYLE)))
        .route("/page.js", get(async || text("text/javascript", SCRIPT)))
        .route("/sign-in", post(session::sign_in))
        .nest("/api", api::router(shared))
        .fallback(async || nothing_here())
        .layer(from_fn_with_state(Arc::clone(shared), session::check_host))
        .layer(from_fn(protected))
}

/// Gives the page to whoever may have it, with the cookie that its script needs; asks everybody else for the control token.
async fn page(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    if shared.portal.admits(&request) {
        (shared.portal.cookie(request.headers()), text("text/html", PAGE)).into_response()
    } else {
        sign_in_page("")
    }
}

/// The page that asks for the control token.
fn sign_in_page(complaint: &str) -> Response {
    text("text/html", SIGN_IN.replace("{complaint}", complaint))
}

/// Where the page is.
pub(crate) fn to_the_page() -> Redirect {
    Redirect::to("/portal")
}

fn text(kind: &str, text: impl Into<Body>) -> Response {
    let mut response = Response::new(text.into());
    let kind = HeaderValue::try_from(format!("{kind}; charset=utf-8")).expect("a type is ASCII");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

async fn protected(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_the_page_is_small() {
        let size: usize = [PAGE, STYLE, SCRIPT].map(str::len).iter().sum();
        assert!(size < 25_000, "{size} bytes");
    }

    #[test]
    fn the_page_names_no_other_place() {
        for file in [PAGE, STYLE, SCRIPT, SIGN_IN] {
            let places = file.replace("http://www.w3.org/2000/svg", "");
            assert!(!places.contains("//") || !places.contains("http"), "an address in {file}");
            assert!(!places.contains("url("), "a picture in {file}");
        }
    }
}
