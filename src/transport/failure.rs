//! Translates the transport's errors into the classes that a call tells apart.

use std::error::Error;
use std::io;

use hyper_util::client::legacy::connect::{HttpConnector, proxy::Tunnel};
use rustls::CertificateError;

use crate::http::{Failure, FailureKind};

/// Why a proxy made no connection. hyper-util does not name the type in public; this is a way to say it all the same.
type TunnelError = <Tunnel<HttpConnector> as tower_service::Service<http::Uri>>::Error;

/// How far an attempt had come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Connect,
    /// From the first byte of the request to the head of the answer.
    Request,
    Body,
}

impl Failure {
    /// While a connection was made.
    pub(super) fn connecting(error: &(dyn Error + 'static)) -> Failure {
        Failure::at(Phase::Connect, error)
    }

    /// Before the head of the answer was there.
    pub(super) fn sending(error: &hyper::Error) -> Failure {
        Failure::at(Phase::Request, error)
    }

    /// Within the body.
    pub(super) fn receiving(error: &hyper::Error) -> Failure {
        Failure::at(Phase::Body, error)
    }

    pub(crate) fn too_large() -> Failure {
        Failure { sent: true, ..Failure::unsent(FailureKind::TooLarge) }
    }

    fn at(phase: Phase, error: &(dyn Error + 'static)) -> Failure {
        let kind = classify(phase, error);
        // A connection that was not made carried nothing.
        let unsent = phase == Phase::Connect
            || matches!(kind, FailureKind::Tls | FailureKind::Refused)
            || was_left_alone(phase, error);
        Failure { kind, sent: !unsent, reused: false, detail: detail(error) }
    }
}

/// The blocking transport's own errors.
impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Failure {
        // The URL holds the tenant and ids; the call names itself.
        let error = error.without_url();
        let phase = match () {
            () if error.is_connect() => Phase::Connect,
            () if error.is_request() => Phase::Request,
            () => Phase::Body,
        };
        let failure = Failure::at(phase, &error);
        // Its own clock is in no cause.
        let pinged = find::<hyper::Error>(&error).is_some_and(hyper::Error::is_timeout);
        match failure.kind {
            FailureKind::NotConnected | FailureKind::Lost if error.is_timeout() && !pinged => {
                Failure { kind: FailureKind::TimedOut, ..failure }
            }
            _ => failure,
        }
    }
}

/// Reading a body through `std::io::Read` wraps the transport's error.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        match error.downcast::<reqwest::Error>() {
            Ok(error) => error.into(),
            Err(error) => Failure {
                kind: classify_io(error.kind()),
                sent: true,
                reused: false,
                detail: error.kind().to_string(),
            },
        }
    }
}

fn classify(phase: Phase, error: &(dyn Error + 'static)) -> FailureKind {
    if let Some(error) = find::<TunnelError>(error) {
        // Also where the proxy's own certificate is the reason: it is the proxy that has to be looked at.
        match error {
            TunnelError::ProxyAuthRequired => FailureKind::ProxyDenied,
            _ => FailureKind::NotConnected,
        }
    } else if find::<rustls::Error>(error).is_some() {
        FailureKind::Tls
    } else if phase == Phase::Connect {
        find::<io::Error>(error).map_or(FailureKind::NotConnected, classify_connecting)
    } else if is_refused(phase, error) {
        FailureKind::Refused
    } else if let Some(error) = find::<hyper::Error>(error) {
        // A connection that did not answer the question whether it is alive is lost, too.
        if !error.is_timeout() && is_unreadable(error) { FailureKind::Unreadable } else { FailureKind::Lost }
    } else if let Some(error) = find::<io::Error>(error) {
        classify_io(error.kind())
    } else {
        FailureKind::Lost
    }
}

/// The answer is no HTTP. Over HTTP/2 that is a fault of its own stream; one of the whole connection may be another answer's.
fn is_unreadable(error: &hyper::Error) -> bool {
    // The length of a chunk is read with the body, so what is wrong with it is an I/O error.
    let garbled =
        |error: &io::Error| matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput);
    error.is_parse()
        || find::<io::Error>(error).is_some_and(garbled)
        || find::<h2::Error>(error).is_some_and(|error| {
            error.is_reset() && error.is_library() || error.get_io().is_some_and(garbled)
        })
}

/// The service reset the stream and promised that it did not look at the request (RFC 9113, 8.7). A promise that comes
/// after the head of the answer, so that the error is not the request's, is none.
fn is_refused(phase: Phase, error: &(dyn Error + 'static)) -> bool {
    let refused = |error: &h2::Error| {
        error.is_reset() && error.is_remote() && error.reason() == Some(h2::Reason::REFUSED_STREAM)
    };
    phase == Phase::Request && find::<h2::Error>(error).is_some_and(refused)
}

/// Whether the connection ended without the request having been worked on: it was never written, or the service's GOAWAY
/// named an earlier stream as the last it looked at (only streams behind that one fail with it).
fn was_left_alone(phase: Phase, error: &(dyn Error + 'static)) -> bool {
    phase == Phase::Request
        && (find::<hyper::Error>(error).is_some_and(hyper::Error::is_canceled)
            || find::<h2::Error>(error).is_some_and(|error| error.is_go_away() && error.is_remote()))
}

fn classify_connecting(error: &io::Error) -> FailureKind {
    match error.kind() {
        io::ErrorKind::TimedOut => FailureKind::TimedOut,
        io::ErrorKind::ConnectionRefused => FailureKind::NotListening,
        _ if is_out_of_files(error) => FailureKind::NoFiles,
        _ => FailureKind::NotConnected,
    }
}

/// The limit of the process or of the system; the standard library has no name for either.
pub(super) fn is_out_of_files(error: &io::Error) -> bool {
    let codes: &[i32] = if cfg!(windows) { &[10024] } else { &[23, 24] };
    error.raw_os_error().is_some_and(|code| codes.contains(&code))
}

/// Outside HTTP itself only decompression complains about data, or about their end in an answer that is complete.
fn classify_io(kind: io::ErrorKind) -> FailureKind {
    match kind {
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof => {
            FailureKind::Unreadable
        }
        io::ErrorKind::TimedOut => FailureKind::TimedOut,
        _ => FailureKind::Lost,
    }
}

/// The first error of a type among the causes, looking into `io::Error`s, which hide what they carry.
fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        let carried = error.downcast_ref::<io::Error>().and_then(|error| error.get_ref());
        cause = match carried {
            Some(carried) => Some(carried),
            None => error.source(),
        };
    }
    None
}

/// Self-signed certificates mostly are; rustls has no name of its own for it.
fn is_an_authoritys_own(reason: &CertificateError) -> bool {
    matches!(reason, CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity"))
}

/// What the deepest cause says: the only part that tells more than "error sending request".
fn detail(error: &(dyn Error + 'static)) -> String {
    match find::<TunnelError>(error) {
        Some(TunnelError::ProxyAuthRequired) => {
            return "it returned 407 and wants a user name and password".to_owned();
        }
        Some(TunnelError::TunnelUnsuccessful) => return "it refused to".to_owned(),
        Some(TunnelError::TunnelUnexpectedEof) => return "it ended the connection instead".to_owned(),
        _ => {}
    }
    match find::<rustls::Error>(error) {
        Some(rustls::Error::InvalidMessage(_)) => {
            return "the response is not TLS; check that the port is not plain http".to_owned();
        }
        Some(rustls::Error::InvalidCertificate(reason)) if is_an_authoritys_own(reason) => {
            return "this is a CA certificate; use it to sign a server certificate".to_owned();
        }
        _ => {}
    }
    let mut deepest = error;
    while let Some(cause) = deepest.source() {
        deepest = cause;
    }
    deepest.to_string()
}
