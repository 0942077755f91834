//! What a refusal looks like on the wire: `application/problem+json` (RFC 9457), and the plain JSON of a success beside it.

use axum::body::Body;
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// A refusal. `detail` is for people and never holds a credential.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    detail: String,
    header: Option<(HeaderName, HeaderValue)>,
}

/// What a handler gives: an answer or a refusal.
pub(crate) type Answer = Result<Response, Problem>;

impl Problem {
    fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), header: None }
    }

    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    pub(crate) fn unauthorized(detail: impl Into<String>) -> Self {
        Self {
            // RFC 9110 wants a challenge on every 401, and API keys have no registered scheme.
            header: Some((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
            ..Self::new(StatusCode::UNAUTHORIZED, detail)
        }
    }

    pub(crate) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// For an address that nothing answers.
    pub(crate) fn nothing_here() -> Self {
        Self::not_found("No such endpoint.")
    }

    pub(crate) fn method_not_allowed(allowed: &'static str) -> Self {
        Self {
            header: Some((ALLOW, HeaderValue::from_static(allowed))),
            ..Self::new(StatusCode::METHOD_NOT_ALLOWED, format!("Method not allowed; use {allowed}."))
        }
    }

    /// For addresses whose methods axum knows: it adds `Allow` itself.
    pub(crate) fn wrong_method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed.")
    }

    pub(crate) fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
    }

    /// For requests that take too long to arrive.
    pub(crate) fn timeout() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "The request took too long to arrive.")
    }

    pub(crate) fn too_large(limit: usize) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, format!("The request body exceeds {limit} bytes."))
    }

    /// For a change that is made and lost at the next start.
    pub(crate) fn not_kept(error: &std::io::Error) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, format!("The data file cannot be written: {error}."))
    }

    pub(crate) fn too_many_requests(detail: impl Into<String>, retry_after_seconds: u64) -> Self {
        Self {
            header: Some((RETRY_AFTER, HeaderValue::from(retry_after_seconds))),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, detail)
        }
    }

    pub(crate) fn not_json(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
    }
}

#[derive(Serialize)]
struct Wire<'a> {
    r#type: &'a str,
    title: &'a str,
    status: u16,
    detail: &'a str,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Wire {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: &self.detail,
        };
        let mut response = json(self.status, &body);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some((name, value)) = self.header {
            headers.insert(name, value);
        }
        response
    }
}

/// A JSON answer.
pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    json_text(status, serde_json::to_string(value).expect("the emulator's own types always serialize"))
}

/// A JSON answer whose text is ready.
pub(crate) fn json_text(status: StatusCode, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A JSON answer that holds a secret, which nothing on the way may keep.
pub(crate) fn secret_json(value: &impl Serialize) -> Response {
    let mut response = json(StatusCode::OK, value);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
