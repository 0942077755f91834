//! What a call hands to a driver and gets back: plain data, so that no call needs a network to be tested.

use std::time::Duration;

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, Method};

use crate::observation::Wait;

/// One request, complete: the driver adds nothing and decides nothing.
#[derive(Debug)]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// Path and query, encoded.
    pub target: PathAndQuery,
    /// All headers; credentials are marked sensitive.
    pub headers: HeaderMap,
    /// The body.
    pub body: Option<Bytes>,
    /// How long the attempt may take, connecting included.
    pub timeout: Duration,
    /// How long the call has altogether: so long may it wait for a connection.
    pub time_left: Duration,
    /// How long connecting may take, where that is not what the client is configured for.
    pub connect_timeout: Option<Duration>,
    /// How many bytes of body may be read, counted after decompression.
    pub max_body: usize,
    /// Whether sending it twice is as good as once. If not, it gets no connection that may be at its end.
    pub repeatable: bool,
    /// Whether it wants a connection that nobody has used before.
    pub fresh: bool,
    /// To be told when there is a connection.
    pub(crate) wait: Wait,
}

/// One complete answer.
#[derive(Debug)]
pub struct HttpResponse {
    /// The status.
    pub status: u16,
    /// All headers.
    pub headers: HeaderMap,
    /// The body, decompressed.
    pub body: Vec<u8>,
}

/// Why there was no complete answer.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The class of failure.
    pub kind: FailureKind,
    /// Whether the service may have seen the request.
    pub sent: bool,
    /// Whether the connection had been idle before: it may have been at its end already.
    pub reused: bool,
    /// What the transport said of it; never holds the URL.
    pub detail: String,
}

impl Failure {
    /// Nothing was sent.
    pub(crate) fn unsent(kind: FailureKind) -> Failure {
        Failure { kind, sent: false, reused: false, detail: String::new() }
    }

    #[cfg(test)]
    pub(crate) fn testing(kind: FailureKind, sent: bool) -> Failure {
        Failure { kind, sent, reused: false, detail: "detail".to_owned() }
    }
}

/// The classes of failure that a call tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// All connections that the client may have were in use until the call had no time left.
    Busy,
    /// No connection was made, so nothing was sent.
    NotConnected,
    /// Nobody listens where the service should be, so nothing was sent.
    NotListening,
    /// The process may open no more files, so there is no socket.
    NoFiles,
    /// The proxy wants a user and password, or others than it got; nothing was sent.
    ProxyDenied,
    /// The certificate or the handshake; nothing was sent.
    Tls,
    /// The attempt's time ran out.
    TimedOut,
    /// The service refused the request before it looked at it.
    Refused,
    /// The connection ended before the answer was complete.
    Lost,
    /// The body exceeds the limit.
    TooLarge,
    /// The answer could not be read as HTTP or could not be decompressed.
    Unreadable,
}
