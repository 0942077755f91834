//! The numbers of the token cache.

use serde::Serialize;

/// How the token cache is doing. Its JSON form has the members in camel case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TokenStats {
    /// How many users it holds something for.
    pub size: usize,
    /// Questions answered at once.
    pub hits: u64,
    /// Questions that had to wait for an exchange.
    pub misses: u64,
    /// Exchanges begun in the background, for a token that is still good.
    pub renewals: u64,
    /// Tokens that another process had exchanged, got from the token store.
    pub from_others: u64,
}

impl TokenStats {
    /// As JSON, for faces.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("numbers are always JSON")
    }
}
