//! What a call hands to a driver and gets back: plain data, so that no call needs a network to be tested.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method};
use url::Url;

/// One request, complete: the driver adds nothing and decides nothing.
#[derive(Debug)]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// The whole URL.
    pub url: Url,
    /// All headers; credentials are marked sensitive.
    pub headers: HeaderMap,
    /// The body.
    pub body: Option<Bytes>,
    /// How long the attempt may take, connecting included.
    pub timeout: Duration,
    /// How long connecting may take, where that is not what the client is configured for.
    pub connect_timeout: Option<Duration>,
    /// How many bytes of body may be read, counted after decompression.
    pub max_body: usize,
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
#[derive(Debug)]
pub struct Failure {
    /// The class of failure.
    pub kind: FailureKind,
    /// Whether the service may have seen the request.
    pub sent: bool,
    /// What the transport said of it; never holds the URL.
    pub detail: String,
}

impl Failure {
    #[cfg(test)]
    pub(crate) fn testing(kind: FailureKind, sent: bool) -> Failure {
        Failure { kind, sent, detail: "detail".to_owned() }
    }
}

/// The classes of failure that a call tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// No connection was made, so nothing was sent.
    NotConnected,
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
    /// The body is over the cap.
    TooLarge,
    /// The answer could not be read as HTTP or could not be decompressed.
    Unreadable,
}
