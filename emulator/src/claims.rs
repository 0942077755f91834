//! What users' tokens say, and which of them were revoked.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

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
    until: BTreeMap<String, u64>,
}

impl Revoked {
    /// The `jti` of a new token: its number, and something nobody can guess.
    pub(crate) fn next_id(&mut self) -> String {
        self.issued = self.next_number();
        format!("{}-{}", self.issued, random_guid())
    }

    /// Refuses every token that the user has at this moment.
    pub(crate) fn revoke(&mut self, user_id: &str) {
        self.issued = self.next_number();
        self.until.insert(user_id.to_owned(), self.issued);
    }

    /// Numbers follow the system's clock, so that they go on rising when an emulator is restarted.
    fn next_number(&self) -> u64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.issued.saturating_add(1).max(u64::try_from(now.as_micros()).unwrap_or(0))
    }

    /// The revocations, for a snapshot.
    pub(crate) fn numbers(&self) -> BTreeMap<String, u64> {
        self.until.clone()
    }

    /// The revocations of a snapshot in place of those there are.
    pub(crate) fn restore(&mut self, until: BTreeMap<String, u64>) {
        self.issued = self.issued.max(until.values().copied().max().unwrap_or(0));
        self.until = until;
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
