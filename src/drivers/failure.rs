//! Translates the transport's errors into the classes that a call tells apart.

use std::error::Error;
use std::io;

use crate::http::{Failure, FailureKind};

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Failure {
        // The URL holds the tenant and ids; the call names itself.
        let error = error.without_url();
        let kind = classify(&error);
        // A connection that was not made carried nothing.
        let sent = !error.is_connect() && kind != FailureKind::Tls;
        Failure { kind, sent, detail: innermost(&error) }
    }
}

/// Reading a body through `std::io::Read` wraps the transport's error.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        match error.downcast::<reqwest::Error>() {
            Ok(error) => error.into(),
            Err(error) => {
                Failure { kind: classify_io(error.kind()), sent: true, detail: error.kind().to_string() }
            }
        }
    }
}

impl Failure {
    pub(super) fn too_large() -> Failure {
        Failure { kind: FailureKind::TooLarge, sent: true, detail: String::new() }
    }
}

fn classify(error: &reqwest::Error) -> FailureKind {
    if find::<rustls::Error>(error).is_some() {
        FailureKind::Tls
    } else if error.is_connect() {
        if error.is_timeout() { FailureKind::TimedOut } else { FailureKind::NotConnected }
    } else if error.is_timeout() {
        FailureKind::TimedOut
    } else if let Some(error) = find::<hyper::Error>(error) {
        if error.is_parse() { FailureKind::Unreadable } else { FailureKind::Lost }
    } else if let Some(error) = find::<io::Error>(error) {
        classify_io(error.kind())
    } else {
        FailureKind::Lost
    }
}

/// Outside HTTP itself only decompression complains about data.
fn classify_io(kind: io::ErrorKind) -> FailureKind {
    match kind {
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => FailureKind::Unreadable,
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

/// What the deepest cause says: the only part that tells more than "error sending request".
fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut deepest = error;
    while let Some(cause) = deepest.source() {
        deepest = cause;
    }
    deepest.to_string()
}
