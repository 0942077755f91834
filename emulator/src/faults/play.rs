//! What a fault does to the request that it meets.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use axum::middleware::Next;
use axum::response::Response;
use http_body::Body as _;

use super::body::{Repeated, drip, gzip};
use super::cut::{self, Cut};
use super::fault::{Close, Fault, FaultAnswer};

impl Fault {
    /// Does what the fault says, and what it leaves open as usual.
    pub(crate) async fn play(self: Arc<Self>, request: Request, next: Next) -> Response {
        if !self.delay.is_zero() {
            tokio::time::sleep(self.delay).await;
        }
        if self.close == Some(Close::Before) {
            return Cut::Reset.instead();
        }
        if self.raw.is_some() {
            return Cut::Raw(self).instead();
        }
        let mut response = match &self.answer {
            Some(answer) => answer.response(self.repeat),
            None => next.run(request).await,
        };
        if self.gzip {
            response.headers_mut().entry(CONTENT_ENCODING).or_insert(HeaderValue::from_static("gzip"));
            response = response.map(gzip);
        }
        if self.close.is_some() {
            response = cut::mid_body(response).await;
        }
        if !self.drip.is_zero() {
            response = dripping(response, self.drip);
        }
        response
    }

    /// The raw bytes, as often and as slowly as the fault says.
    pub(super) fn raw_body(&self) -> Body {
        let bytes = self.raw.clone().unwrap_or_default();
        let body = Body::new(Repeated::new(bytes, self.repeat));
        if self.drip.is_zero() { body } else { drip(body, self.drip) }
    }
}

impl FaultAnswer {
    fn response(&self, repeat: u32) -> Response {
        let body = Body::new(Repeated::new(self.body.clone(), repeat));
        // A length given by hand may be a lie, and only a body of unknown length lets one be told.
        let told = self.headers.contains_key(CONTENT_LENGTH);
        let mut response = Response::new(if told { cut::of_unknown_length(body) } else { body });
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers.clone();
        response
    }
}

/// The answer with the length that it would have had, and its body byte by byte.
fn dripping(mut response: Response, pause: Duration) -> Response {
    if let Some(length) = response.body().size_hint().exact() {
        response.headers_mut().entry(CONTENT_LENGTH).or_insert(HeaderValue::from(length));
    }
    response.map(|body| drip(body, pause))
}
