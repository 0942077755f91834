//! The error table of the design: each name's number and its class in the languages that have classes.

use crate::face::Language;

/// One row: name, number, class in Python and Node, class in C#.
struct Row(&'static str, i64, &'static str, &'static str);

const ROWS: &[Row] = &[
    Row("INVALID_ARGUMENT", 100, "InvalidArgumentError", "AgglestoneArgumentException"),
    Row("INVALID_CONFIG", 101, "ConfigurationError", "AgglestoneConfigurationException"),
    Row("CLOSED", 102, "ClosedError", "ObjectDisposedException"),
    Row("CONNECT", 200, "TransportError", "AgglestoneTransportException"),
    Row("TLS", 201, "TlsError", "AgglestoneTransportException"),
    Row("TIMEOUT", 202, "DeadlineExceededError", "AgglestoneTransportException"),
    Row("TOO_LARGE", 204, "ResponseTooLargeError", "AgglestoneTransportException"),
    Row("UNEXPECTED_REDIRECT", 205, "UnexpectedRedirectError", "AgglestoneTransportException"),
    Row("BAD_REQUEST", 300, "BadRequestError", "AgglestoneBadRequestException"),
    Row("UNAUTHORIZED", 301, "AuthenticationError", "AgglestoneAuthenticationException"),
    Row("FORBIDDEN", 303, "PermissionDeniedError", "AgglestonePermissionDeniedException"),
    Row("NOT_FOUND", 304, "NotFoundError", "AgglestoneNotFoundException"),
    Row("CONFLICT", 309, "ConflictError", "AgglestoneConflictException"),
    Row("INVALID_TOKEN", 310, "InvalidTokenError", "AgglestoneInvalidTokenException"),
    Row("KEYS_UNAVAILABLE", 311, "KeysUnavailableError", "AgglestoneKeysUnavailableException"),
    Row("CHECK_UNAVAILABLE", 312, "CheckUnavailableError", "AgglestoneCheckUnavailableException"),
    Row("RATE_LIMITED", 329, "RateLimitedError", "AgglestoneRateLimitedException"),
    Row("SERVER", 350, "ServerError", "AgglestoneServerException"),
    Row("UNEXPECTED_STATUS", 399, "ApiError", "AgglestoneApiException"),
    Row("INVALID_RESPONSE", 400, "InvalidResponseError", "AgglestoneResponseException"),
    Row("PANIC", 900, "InternalError", "AgglestoneInternalException"),
];

/// The number of the error `name`; none if there is no such name.
pub fn number(name: &str) -> Option<i64> {
    row(name).map(|row| row.1)
}

/// The class of the error `name`, where the language has classes.
pub fn class(name: &str, language: Language) -> Option<&'static str> {
    let row = row(name)?;
    match language {
        Language::Rust | Language::C => None,
        Language::Python | Language::Node => Some(row.2),
        Language::Csharp => Some(row.3),
    }
}

fn row(name: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.0 == name)
}
