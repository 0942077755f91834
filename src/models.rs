//! The service's records, typed for Rust callers and tolerant of what its documentation leaves open.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A user (`service.md`, "Users"). Only the id is required; everything else may be missing or null.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(from = "UserRecord", rename_all = "camelCase")]
#[non_exhaustive]
pub struct User {
    /// The user's id, a GUID.
    pub user_id: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// The name to show.
    pub display_name: Option<String>,
    /// The kind of user; only `Standard` is documented.
    pub user_type: Option<String>,
    /// Whether the user may sign in.
    pub enabled: Option<bool>,
    /// When the user last signed in, ISO 8601 in UTC.
    pub last_logged_in: Option<String>,
    /// When the user's token was last renewed, ISO 8601 in UTC.
    pub last_token_refresh: Option<String>,
    /// Whether the user owns the tenant.
    pub owner: Option<bool>,
    /// Whether the user must choose a new password.
    pub require_password_reset: Option<bool>,
    /// Every other field, as sent.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A user as it may come: one third party calls the id `id`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserRecord {
    user_id: Option<String>,
    email: Option<String>,
    display_name: Option<String>,
    user_type: Option<String>,
    enabled: Option<bool>,
    last_logged_in: Option<String>,
    last_token_refresh: Option<String>,
    owner: Option<bool>,
    require_password_reset: Option<bool>,
    #[serde(flatten)]
    extra: Map<String, Value>,
}

impl From<UserRecord> for User {
    fn from(record: UserRecord) -> User {
        let mut extra = record.extra;
        let user_id = record.user_id.or_else(|| match extra.remove("id") {
            Some(Value::String(id)) => Some(id),
            Some(other) => Some(other.to_string()),
            None => None,
        });
        User {
            user_id: user_id.unwrap_or_default(),
            email: record.email,
            display_name: record.display_name,
            user_type: record.user_type,
            enabled: record.enabled,
            last_logged_in: record.last_logged_in,
            last_token_refresh: record.last_token_refresh,
            owner: record.owner,
            require_password_reset: record.require_password_reset,
            extra,
        }
    }
}

/// One page of records.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Page<T> {
    /// The records of this page.
    pub data: Vec<T>,
    /// This page's number, counted from 1.
    pub page_number: Option<u64>,
    /// How many records a page holds at most.
    pub page_size: Option<u64>,
    /// How many records there are in all. Sister services call it `totalCount`.
    #[serde(alias = "totalCount")]
    pub total_records: Option<u64>,
    /// Every other field, as sent.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_in_both_dialects_and_keeps_what_it_does_not_know() {
        let json = r#"{"data":[{"id":"u1","displayName":null,"shoeSize":42}],"totalCount":7,"pageNumber":1,"cursor":"x"}"#;
        let page: Page<User> = serde_json::from_str(json).unwrap();
        assert_eq!(page.total_records, Some(7));
        assert_eq!(page.extra["cursor"], "x");
        assert_eq!(page.data[0].user_id, "u1");
        assert_eq!(page.data[0].extra["shoeSize"], 42);
        assert_eq!(page.data[0].display_name, None);
    }

    #[test]
    fn user_id_wins_over_id_and_both_are_kept() {
        let user: User = serde_json::from_str(r#"{"userId":"u1","id":"row-9"}"#).unwrap();
        assert_eq!((user.user_id.as_str(), &user.extra["id"]), ("u1", &Value::from("row-9")));
    }
}
