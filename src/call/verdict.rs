//! What a verdict on a token needs: the token, and perhaps signing keys.

use std::time::Duration;

use secrecy::SecretString;

use crate::verify::KeyQuestion;

/// The token of one call, which is looked at and never sent.
#[derive(Debug)]
pub(super) struct Check(pub SecretString);

/// What a call wants of the verifier: keys, and how long it can wait for them.
#[derive(Clone, Copy, Debug)]
pub struct SigningKeysQuestion {
    pub(crate) question: KeyQuestion,
    /// How long the call can wait.
    pub timeout: Duration,
}
