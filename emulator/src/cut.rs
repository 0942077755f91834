//! Answers that break off: the marker of one that is never sent, and bodies that end early or lie about their length.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use axum::response::Response;
use http_body::Frame;

/// Why a connection is dropped: a fault said so.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cut;

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a fault cut the connection")
    }
}

impl std::error::Error for Cut {}

impl From<Infallible> for Cut {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// An answer that the server must not send: it drops the connection instead.
pub(crate) fn before() -> Response {
    let mut response = Response::default();
    response.extensions_mut().insert(Cut);
    response
}

/// Whether an answer came from [`before`].
pub(crate) fn is_before(response: &Response) -> bool {
    response.extensions().get::<Cut>().is_some()
}

/// The answer with its full length declared and half of its body; an empty body is declared as one byte that never comes.
pub(crate) async fn mid_body(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let whole = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.remove(TRANSFER_ENCODING);
    if !parts.headers.contains_key(CONTENT_LENGTH) {
        parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(whole.len().max(1)));
    }
    let half = whole.slice(..whole.len() / 2);
    Response::from_parts(parts, Body::new(Pieces { data: Some(half), flushed: false, cut: true }))
}

/// A body that declares no length of its own.
pub(crate) fn of_unknown_length(data: Bytes) -> Body {
    Body::new(Pieces { data: Some(data), flushed: false, cut: false })
}

/// Data, then a pause in which the server writes it out, then the end or the cut.
/// Without the pause an early end would make the server throw away what it has not written yet, headers included.
struct Pieces {
    data: Option<Bytes>,
    flushed: bool,
    cut: bool,
}

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        if let Some(data) = self.data.take().filter(|data| !data.is_empty()) {
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        if !self.flushed {
            self.flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(self.cut.then_some(Err(Cut)))
    }
}
