//! What a verdict on a token needs: the token, and perhaps signing keys, and the service's word on the user.

use std::time::Duration;

use secrecy::SecretString;

use crate::operation::{TokenCheck, UserId};
use crate::verify::KeyQuestion;

/// The token of one call, which is looked at and never sent, and what is to be asked besides.
#[derive(Debug)]
pub(super) struct Judged {
    pub token: SecretString,
    pub check: Option<TokenCheck>,
}

/// What a call wants of the verifier: keys, and how long it can wait for them.
#[derive(Clone, Copy, Debug)]
pub struct SigningKeysQuestion {
    pub(crate) question: KeyQuestion,
    /// How long the call can wait.
    pub timeout: Duration,
}

/// What a call wants to know of a token's user: whether the service still has the user, and lets the user in.
#[derive(Clone, Debug)]
pub struct StandingQuestion {
    pub(crate) user_id: UserId,
    /// How long the call can wait.
    pub timeout: Duration,
}
