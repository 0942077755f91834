//! What users' tokens say, and which of them were revoked.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::keys::random_guid;

/// What a token says.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Claims {
    pub(crate) iss: String,
    pub(crate) sub: String,
    #[serde(rename = "userId")]
    pub(crate) user_id: String,
    #[serde(rename = "tenantId")]
    pub(crate) tenant_id: String,
    pub(crate) aud: String,
    pub(crate) groups: Vec<String>,
    pub(crate) iat: u64,
    pub(crate) nbf: u64,
    pub(crate) exp: u64,
    pub(crate) jti: String,
}

/// Tokens are numbered as they are issued, so that those of before a revocation can be told from those of after.
#[derive(Default)]
pub(crate) struct Revoked {
    issued: u64,
    /// The number up to which a user's tokens are refused.
    until: HashMap<String, u64>,
}

impl Revoked {
    /// The `jti` of a new token: its number, and something nobody can guess.
    pub(crate) fn next_id(&mut self) -> String {
        self.issued += 1;
        format!("{}-{}", self.issued, random_guid())
    }

    /// Refuses every token that the user has at this moment.
    pub(crate) fn revoke(&mut self, user_id: &str) {
        self.until.insert(user_id.to_owned(), self.issued);
    }

    pub(crate) fn holds(&self, claims: &Claims) -> bool {
        let number = claims.jti.split('-').next().and_then(|number| number.parse().ok()).unwrap_or(0);
        self.until.get(&claims.user_id).is_some_and(|until| number <= *until)
    }

    pub(crate) fn clear(&mut self) {
        // The numbers go on: a token of before the clearing is never taken for a later one.
        self.until.clear();
    }
}
