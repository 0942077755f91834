//! The portal page at `/portal`: the tenant's keys for people, as the vendor's portal has them, and who uses which.
//! Static files compiled into the binary, and the few calls that the page's script makes.

mod api;
mod guard;
mod lists;
mod pages;

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};

use crate::problem::Problem;
use crate::state::Shared;
pub(crate) use guard::check_host;
use pages::{COMMON, LISTS, SCRIPT, STYLE, page};
pub(crate) use pages::{text, to_the_page};

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
        .route("/common.js", get(async || text("text/javascript", COMMON)))
        .route("/page.js", get(async || text("text/javascript", SCRIPT)))
        .route("/lists.js", get(async || text("text/javascript", LISTS)))
        .route("/sign-in", post(guard::sign_in))
        .nest("/api", api::router(shared))
        .fallback(async || Problem::nothing_here())
        .layer(from_fn_with_state(Arc::clone(shared), guard::check_host))
        .layer(from_fn(protected))
}

/// Adds what every answer here says, where it says nothing else.
pub(crate) async fn protected(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
