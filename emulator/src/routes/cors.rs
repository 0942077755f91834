//! Which web pages may call the service from a browser: none, unless somebody said so at start.

use axum::http::header::{DATE, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, Method};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

/// What lets pages of these origins in; none if there are none. Preflights are answered here and are no requests to the service.
pub(super) fn layer(origins: &[HeaderValue]) -> Option<CorsLayer> {
    let all = origins.iter().any(|origin| origin == "*");
    let allowed = if all { AllowOrigin::any() } else { AllowOrigin::list(origins.iter().cloned()) };
    let layer = CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([DATE, RETRY_AFTER, HeaderName::from_static("x-request-id")]);
    (!origins.is_empty()).then_some(layer)
}
