//! Swagger UI at `/swagger`, from the binary's own assets. Its page asks the portal for the demo key, so it is as careful as
//! the portal is: who may not open that gets no cookie here, and the key is never in the page.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::portal::{check_host, protected, text};
use crate::problem::Problem;
use crate::state::Shared;

const PAGE: &str = include_str!("page.html");
const SCRIPT: &str = include_str!("page.js");
const BUNDLE: &str = include_str!("../../assets/swagger-ui/swagger-ui-bundle.js");
const STYLE: &str = include_str!("../../assets/swagger-ui/swagger-ui.css");

/// Unlike the portal, Swagger UI sets styles in its markup and asks the service itself.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; \
     img-src 'self' data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
);

pub(crate) fn router(shared: &Arc<Shared>) -> Router<Arc<Shared>> {
    Router::new()
        .route("/", get(page))
        .route("/page.js", get(async || text("text/javascript", SCRIPT)))
        .route("/swagger-ui-bundle.js", get(async || text("text/javascript", BUNDLE)))
        .route("/swagger-ui.css", get(async || text("text/css", STYLE)))
        .fallback(async || Problem::nothing_here())
        .layer(from_fn_with_state(Arc::clone(shared), check_host))
        .layer(from_fn(own_policy))
        .layer(from_fn(protected))
}

/// Whoever may use the portal gets its cookie with this page too.
async fn page(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let page = text("text/html", PAGE);
    if shared.visitors.admits(&request) {
        (shared.visitors.cookie(request.headers()), page).into_response()
    } else {
        page
    }
}

async fn own_policy(request: Request, next: Next) -> Response {
    let is_asset = request.uri().path().contains("swagger-ui");
    let mut response = next.run(request).await;
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, POLICY);
    if is_asset {
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, max-age=3600"));
    }
    response
}
