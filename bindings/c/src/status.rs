//! The status codes of C: the core's error table with a success in front.

use client_core::Code;

/// The result of every function that can fail. Numbers and names never change their meaning; newer versions of the
/// library may add some, so a program must be prepared for a number that is not listed here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum agg_status {
    /// The function did what it says. Outputs are written.
    AGG_OK = 0,
    /// Invalid argument. Nothing was sent.
    AGG_INVALID_ARGUMENT = 100,
    /// Invalid configuration; the message lists every problem.
    AGG_INVALID_CONFIG = 101,
    /// The client was closed.
    AGG_CLOSED = 102,
    /// DNS failure, connection failure, or a connection that closed before the response was complete.
    AGG_CONNECT = 200,
    /// TLS handshake or certificate verification failed.
    AGG_TLS = 201,
    /// An attempt or the whole call took longer than allowed.
    AGG_TIMEOUT = 202,
    /// The call was cancelled.
    AGG_CANCELLED = 203,
    /// The response exceeds the size limit.
    AGG_TOO_LARGE = 204,
    /// The service returned a redirect, which is never followed.
    AGG_UNEXPECTED_REDIRECT = 205,
    /// The service returned 400 or 422.
    AGG_BAD_REQUEST = 300,
    /// The service returned 401 for every credential.
    AGG_UNAUTHORIZED = 301,
    /// The service returned 403.
    AGG_FORBIDDEN = 303,
    /// The service returned 404.
    AGG_NOT_FOUND = 304,
    /// The service returned 409.
    AGG_CONFLICT = 309,
    /// A token that was verified is not to be believed; agg_error_reason says why.
    AGG_INVALID_TOKEN = 310,
    /// There are no signing keys to verify a token with.
    AGG_KEYS_UNAVAILABLE = 311,
    /// The service can't be asked whether the user of a verified token may still.
    AGG_CHECK_UNAVAILABLE = 312,
    /// The service returned 429.
    AGG_RATE_LIMITED = 329,
    /// The service returned 5xx.
    AGG_SERVER = 350,
    /// The service returned a status that has no code of its own.
    AGG_UNEXPECTED_STATUS = 399,
    /// A 2xx response with an unexpected body.
    AGG_INVALID_RESPONSE = 400,
    /// A bug in this library.
    AGG_PANIC = 900,
}

impl From<Code> for agg_status {
    fn from(code: Code) -> agg_status {
        match code {
            Code::InvalidArgument => agg_status::AGG_INVALID_ARGUMENT,
            Code::InvalidConfig => agg_status::AGG_INVALID_CONFIG,
            Code::Closed => agg_status::AGG_CLOSED,
            Code::Connect => agg_status::AGG_CONNECT,
            Code::Tls => agg_status::AGG_TLS,
            Code::Timeout => agg_status::AGG_TIMEOUT,
            Code::Cancelled => agg_status::AGG_CANCELLED,
            Code::TooLarge => agg_status::AGG_TOO_LARGE,
            Code::UnexpectedRedirect => agg_status::AGG_UNEXPECTED_REDIRECT,
            Code::BadRequest => agg_status::AGG_BAD_REQUEST,
            Code::Unauthorized => agg_status::AGG_UNAUTHORIZED,
            Code::Forbidden => agg_status::AGG_FORBIDDEN,
            Code::NotFound => agg_status::AGG_NOT_FOUND,
            Code::Conflict => agg_status::AGG_CONFLICT,
            Code::InvalidToken => agg_status::AGG_INVALID_TOKEN,
            Code::KeysUnavailable => agg_status::AGG_KEYS_UNAVAILABLE,
            Code::CheckUnavailable => agg_status::AGG_CHECK_UNAVAILABLE,
            Code::RateLimited => agg_status::AGG_RATE_LIMITED,
            Code::Server => agg_status::AGG_SERVER,
            Code::UnexpectedStatus => agg_status::AGG_UNEXPECTED_STATUS,
            Code::InvalidResponse => agg_status::AGG_INVALID_RESPONSE,
            // The core's enum may grow; the test below fails until the new code stands here.
            _ => agg_status::AGG_PANIC,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_the_core_has_its_own_status_with_the_same_number_and_name() {
        for code in Code::ALL {
            let status = agg_status::from(*code);
            assert_eq!(status as u32, u32::from(code.number()));
            assert_eq!(format!("{status:?}"), format!("AGG_{}", code.name()));
        }
    }
}
