//! What an emulator is made from, once its options have been checked.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderValue;

use crate::signing::SigningKey;
use crate::tls::Tls;
use crate::users::Users;

/// Checked options. Has no `Debug`, because keys are in it.
pub(crate) struct Setup {
    pub(crate) tenant: String,
    pub(crate) users: Users,
    pub(crate) token_lifetime: Duration,
    /// How long a client may send nothing of a request, or read nothing of an answer.
    pub(crate) request_timeout: Duration,
    /// The keys and the token that were given; what is missing is random.
    pub(crate) primary_api_key: Option<String>,
    pub(crate) secondary_api_key: Option<String>,
    pub(crate) control_token: Option<String>,
    /// What tokens are signed with, if it is not to be made.
    pub(crate) signing: Option<Arc<SigningKey>>,
    pub(crate) revoked: BTreeMap<String, u64>,
    /// Where callers reach the emulator, if that is not to be read from their requests.
    pub(crate) public_url: Option<String>,
    /// Whether `Forwarded` and `X-Forwarded-*` are believed.
    pub(crate) trust_forwarded: bool,
    /// Names that the portal answers to.
    pub(crate) names: Vec<String>,
    /// Pages of these origins may call the service; `*` is all of them.
    pub(crate) cors: Vec<HeaderValue>,
    pub(crate) tls: Option<Tls>,
}
