//! Connections that are not ended by HTTP: how a fault tells the server so, and what the server does then.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use axum::response::Response;
use futures_util::StreamExt;
use futures_util::stream;
use http_body_util::BodyExt;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, copy, sink, split};
use tokio::net::TcpStream;
use tokio_io_timeout::TimeoutWriter;
use tokio_rustls::server::TlsStream;

use super::fault::{Close, Fault};

/// How long a peer may take to close after everything was sent.
const LINGER: Duration = Duration::from_secs(10);

/// Why HTTP ends on a connection: a fault said so.
#[derive(Clone, Debug)]
pub(crate) enum Cut {
    /// By a reset.
    Reset,
    /// With the raw bytes of a fault.
    Raw(Arc<Fault>),
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a fault cut the connection")
    }
}

impl Error for Cut {}

impl Cut {
    /// An answer that the server must not send: it cuts the connection instead.
    pub(crate) fn instead(self) -> Response {
        let mut response = Response::default();
        response.extensions_mut().insert(self);
        response
    }

    /// The answer, if it did not come from [`instead`](Self::instead).
    pub(crate) fn unless(mut response: Response) -> Result<Response, Self> {
        match response.extensions_mut().remove() {
            Some(cut) => Err(cut),
            None => Ok(response),
        }
    }

    /// Whether an answer came from [`instead`](Self::instead).
    pub(crate) fn is_instead(response: &Response) -> bool {
        response.extensions().get::<Self>().is_some()
    }

    /// What `error`, by which HTTP ended, asks for. Answers that a fault has end too early are reset.
    pub(crate) fn of(error: &hyper::Error) -> Self {
        error.source().and_then(|source| source.downcast_ref()).cloned().unwrap_or(Self::Reset)
    }

    /// Ends the connection.
    pub(crate) async fn carry_out<S: AsyncRead + AsyncWrite + Reset + Unpin>(self, mut stream: S) {
        match self {
            // A plain close could pass for the end of the answer.
            Self::Reset => stream.reset(),
            Self::Raw(fault) => {
                let sent = send(&mut stream, fault.raw_body(), fault.close.is_none()).await;
                if sent && fault.close == Some(Close::After) {
                    stream.reset();
                }
            }
        }
    }
}

/// A connection that can be reset: it is closed by a reset when it is dropped.
pub(crate) trait Reset {
    fn reset(self);
}

impl Reset for Pin<Box<TimeoutWriter<TcpStream>>> {
    fn reset(self) {
        let _ = self.get_ref().set_zero_linger();
    }
}

impl<S: Reset> Reset for TlsStream<S> {
    fn reset(self) {
        self.into_inner().0.reset();
    }
}

/// Writes the bytes out, and with `finish` closes properly. Says whether the peer has stayed as long.
/// What it still sends is read meanwhile: the system would otherwise close by a reset, which takes back what was written.
async fn send(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), mut body: Body, finish: bool) -> bool {
    let (mut reading, mut writing) = split(stream);
    let mut nothing = sink();
    let mut gone = std::pin::pin!(copy(&mut reading, &mut nothing));
    let write = async {
        while let Some(Ok(frame)) = body.frame().await {
            writing.write_all(&frame.into_data().unwrap_or_default()).await?;
        }
        if finish { writing.shutdown().await } else { Ok(()) }
    };
    let sent = tokio::select! {
        written = write => written.is_ok(),
        _ = &mut gone => false,
    };
    if sent && finish {
        let _ = tokio::time::timeout(LINGER, gone).await;
    }
    sent
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
    Response::from_parts(parts, ending(Body::from(half), Err(Cut::Reset)))
}

/// A body that declares no length of its own, so that a header may lie about it.
pub(crate) fn of_unknown_length(body: Body) -> Body {
    ending(body, Ok(()))
}

/// Data, then a pause in which the server writes it out, then the end or the cut.
/// Without the pause an early end would make the server throw away what it has not written yet, headers included.
fn ending(body: Body, end: Result<(), Cut>) -> Body {
    let end = stream::once(async {
        tokio::task::yield_now().await;
        end.map(|()| axum::body::Bytes::new()).map_err(axum::Error::new)
    });
    Body::from_stream(body.into_data_stream().chain(end))
}
