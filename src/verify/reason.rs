//! Why a token is not to be believed: a stable reason for programs, and words for people that quote nothing of the token.

use crate::error::{Code, Error};

/// The class of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    Malformed,
    Algorithm,
    UnknownKey,
    BadSignature,
    WrongIssuer,
    WrongTenant,
    WrongAudience,
    Expired,
    NotYetValid,
    /// Its user is gone or disabled, by the service's word.
    Revoked,
}

impl Reason {
    /// The name that programs decide by; never changes.
    pub fn name(self) -> &'static str {
        match self {
            Reason::Malformed => "malformed",
            Reason::Algorithm => "algorithm",
            Reason::UnknownKey => "unknown_key",
            Reason::BadSignature => "bad_signature",
            Reason::WrongIssuer => "wrong_issuer",
            Reason::WrongTenant => "wrong_tenant",
            Reason::WrongAudience => "wrong_audience",
            Reason::Expired => "expired",
            Reason::NotYetValid => "not_yet_valid",
            Reason::Revoked => "revoked",
        }
    }

    /// A refusal for this reason. `what` continues a sentence about the token.
    pub fn refusal(self, what: &'static str) -> Refusal {
        Refusal { reason: self, what }
    }
}

/// A token was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub reason: Reason,
    what: &'static str,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Error {
        let message = format!("the token {}", refusal.what);
        Error::new(Code::InvalidToken, message).with_reason(refusal.reason.name())
    }
}
