//! What an emulator is made from, once its options have been checked.

use std::time::Duration;

use crate::users::Users;

/// Checked options. Has no `Debug`, because keys are in it.
pub(crate) struct Setup {
    /// The name or address to listen on.
    pub(crate) host: String,
    pub(crate) tenant: String,
    pub(crate) users: Users,
    pub(crate) token_lifetime: Duration,
    /// The keys and the token that were given; what is missing is random.
    pub(crate) primary_api_key: Option<String>,
    pub(crate) secondary_api_key: Option<String>,
    pub(crate) control_token: Option<String>,
}
