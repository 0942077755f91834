//! The service's records, typed for Rust callers and tolerant of what its documentation leaves open.

use std::fmt::{self, Formatter};
use std::marker::PhantomData;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

/// A user (`service.md`, "Users"). Only the id is required; everything else may be missing or null.
///
/// Written back it is as it was read, but for what was changed: a field that is `None` is left out, unless it was read as
/// null. Null is in [`extra`](User::extra) then, and can be put there to be sent.
///
/// ```
/// # fn main() -> Result<(), serde_json::Error> {
/// let sent = r#"{"userId":"u1","email":"a@example.com","displayName":null,"shoeSize":42}"#;
/// let mut user: agglestone::User = serde_json::from_str(sent)?;
/// user.email = Some("b@example.com".to_owned());
/// user.enabled = Some(true);
/// let written = serde_json::to_value(&user)?;
/// assert_eq!(
///     written,
///     serde_json::json!({
///         "userId": "u1", "email": "b@example.com", "displayName": null, "shoeSize": 42, "enabled": true
///     })
/// );
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
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
    /// Every other field, as sent, and null for a field of these that is null.
    pub extra: Map<String, Value>,
    /// The id came by its other name, and stays there.
    other_id: bool,
}

/// The id as one third party calls it.
fn other_id(fields: &Map<String, Value>) -> &str {
    fields.get("id").and_then(Value::as_str).unwrap_or_default()
}

/// The name of a field; one that is known costs no text of its own.
#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum Field {
    UserId,
    Email,
    DisplayName,
    UserType,
    Enabled,
    LastLoggedIn,
    LastTokenRefresh,
    Owner,
    RequirePasswordReset,
    Other(String),
}

impl<'de> Deserialize<'de> for User {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<User, D::Error> {
        deserializer.deserialize_map(UserVisitor)
    }
}

struct UserVisitor;

impl<'de> Visitor<'de> for UserVisitor {
    type Value = User;

    fn expecting(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str("a user")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<User, A::Error> {
        let mut user_id = None;
        let mut user = User {
            user_id: String::new(),
            email: None,
            display_name: None,
            user_type: None,
            enabled: None,
            last_logged_in: None,
            last_token_refresh: None,
            owner: None,
            require_password_reset: None,
            extra: Map::new(),
            other_id: false,
        };
        while let Some(name) = fields.next_key()? {
            let extra = &mut user.extra;
            match name {
                Field::UserId => read(&mut fields, "userId", &mut user_id, extra),
                Field::Email => read(&mut fields, "email", &mut user.email, extra),
                Field::DisplayName => read(&mut fields, "displayName", &mut user.display_name, extra),
                Field::UserType => read(&mut fields, "userType", &mut user.user_type, extra),
                Field::Enabled => read(&mut fields, "enabled", &mut user.enabled, extra),
                Field::LastLoggedIn => read(&mut fields, "lastLoggedIn", &mut user.last_logged_in, extra),
                Field::LastTokenRefresh => {
                    read(&mut fields, "lastTokenRefresh", &mut user.last_token_refresh, extra)
                }
                Field::Owner => read(&mut fields, "owner", &mut user.owner, extra),
                Field::RequirePasswordReset => {
                    read(&mut fields, "requirePasswordReset", &mut user.require_password_reset, extra)
                }
                Field::Other(name) => fields.next_value().map(|value| drop(extra.insert(name, value))),
            }?;
        }
        user.other_id = user_id.is_none();
        user.user_id = user_id.unwrap_or_else(|| other_id(&user.extra).to_owned());
        Ok(user)
    }
}

/// Reads a field's value. That it is null is kept among the others; of two the last counts.
fn read<'de, A: MapAccess<'de>, T: Deserialize<'de>>(
    fields: &mut A,
    name: &str,
    field: &mut Option<T>,
    extra: &mut Map<String, Value>,
) -> Result<(), A::Error> {
    *field = fields.next_value()?;
    if field.is_some() {
        extra.remove(name);
    } else {
        extra.insert(name.to_owned(), Value::Null);
    }
    Ok(())
}

impl Serialize for User {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = self.extra.clone();
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                fields.insert(name.to_owned(), value);
            }
        };
        let text = |field: &Option<String>| field.clone().map(Value::from);
        // What came by the other name stays there, unless another id was set since.
        if !(self.other_id && self.user_id == other_id(&self.extra)) {
            set("userId", Some(self.user_id.clone().into()));
        }
        set("email", text(&self.email));
        set("displayName", text(&self.display_name));
        set("userType", text(&self.user_type));
        set("enabled", self.enabled.map(Value::from));
        set("lastLoggedIn", text(&self.last_logged_in));
        set("lastTokenRefresh", text(&self.last_token_refresh));
        set("owner", self.owner.map(Value::from));
        set("requirePasswordReset", self.require_password_reset.map(Value::from));
        fields.serialize(serializer)
    }
}

/// One page of records.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Page<T> {
    /// The records of this page.
    pub data: Vec<T>,
    /// This page's number, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_number: Option<u64>,
    /// How many records a page holds at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_size: Option<u64>,
    /// How many records there are in all. Sister services call it `totalCount`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_records: Option<u64>,
    /// Every other field, as sent, and a total that is no whole number.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum PageField {
    Data,
    PageNumber,
    PageSize,
    TotalRecords,
    TotalCount,
    Other(String),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Page<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Page<T>, D::Error> {
        deserializer.deserialize_map(PageVisitor(PhantomData))
    }
}

struct PageVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for PageVisitor<T> {
    type Value = Page<T>;

    fn expecting(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str("a page")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Page<T>, A::Error> {
        let (mut data, mut page_number, mut page_size) = (None, None, None);
        let (mut total_records, mut total_count) = (None, None);
        let mut extra = Map::new();
        while let Some(name) = fields.next_key()? {
            let extra = &mut extra;
            match name {
                PageField::Data => data = Some(fields.next_value()?),
                PageField::PageNumber => page_number = fields.next_value()?,
                PageField::PageSize => page_size = fields.next_value()?,
                PageField::TotalRecords => total_records = count(&mut fields, "totalRecords", extra)?,
                PageField::TotalCount => total_count = count(&mut fields, "totalCount", extra)?,
                PageField::Other(name) => _ = extra.insert(name, fields.next_value()?),
            }
        }
        if let (Some(_), Some(other)) = (total_records, total_count) {
            extra.insert("totalCount".to_owned(), other.into());
        }
        let data = data.ok_or_else(|| A::Error::missing_field("data"))?;
        Ok(Page { data, page_number, page_size, total_records: total_records.or(total_count), extra })
    }
}

/// Reads a total. What is none is kept among the others: the page is good without it.
fn count<'de, A: MapAccess<'de>>(
    fields: &mut A,
    name: &str,
    extra: &mut Map<String, Value>,
) -> Result<Option<u64>, A::Error> {
    let value: Value = fields.next_value()?;
    let count = value.as_u64();
    if count.is_none() {
        extra.insert(name.to_owned(), value);
    }
    Ok(count)
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
    fn a_total_that_is_none_is_kept_and_spoils_nothing() {
        for sent in [
            r#"{"data":[],"totalRecords":-1}"#,
            r#"{"data":[],"pageNumber":1,"pageSize":2,"totalRecords":"230"}"#,
            r#"{"data":[],"totalRecords":null}"#,
            r#"{"data":[],"totalRecords":7,"totalCount":8}"#,
        ] {
            let page: Page<User> = serde_json::from_str(sent).unwrap();
            assert_eq!(serde_json::to_string(&page).unwrap(), sent);
        }
        let page: Page<User> =
            serde_json::from_str(r#"{"totalCount":8,"totalRecords":"x","data":[]}"#).unwrap();
        assert_eq!((page.total_records, &page.extra["totalRecords"]), (Some(8), &Value::from("x")));
        for sent in ["{}", r#"{"data":[],"pageNumber":"one"}"#, r#"{"data":[],"pageSize":-1}"#] {
            assert!(serde_json::from_str::<Page<User>>(sent).is_err(), "{sent}");
        }
    }

    #[test]
    fn user_id_wins_over_id_and_both_are_kept() {
        let user: User = serde_json::from_str(r#"{"userId":"u1","id":"row-9"}"#).unwrap();
        assert_eq!((user.user_id.as_str(), &user.extra["id"]), ("u1", &Value::from("row-9")));
    }

    #[test]
    fn a_user_is_written_back_as_it_was_read() {
        for sent in [
            r#"{"userId":"u1"}"#,
            r#"{"id":"u1"}"#,
            r#"{"id":{"a":1}}"#,
            r#"{"id":"row-9","userId":"u1"}"#,
            r#"{"id":"u1","userId":"u1"}"#,
            r#"{"email":"a@example.com"}"#,
            r#"{"displayName":null,"email":"a@example.com","enabled":false,"lastLoggedIn":null,"shoeSize":[1,null]}"#,
            r#"{"enabled":null,"owner":null,"requirePasswordReset":null,"userId":null,"userType":null}"#,
        ] {
            let user: User = serde_json::from_str(sent).unwrap();
            assert_eq!(serde_json::to_string(&user).unwrap(), sent);
        }
    }

    #[test]
    fn what_was_set_since_comes_before_what_was_read_and_nothing_else_is_added() {
        let mut user: User =
            serde_json::from_str(r#"{"displayName":null,"email":"a","userId":"u1"}"#).unwrap();
        user.display_name = Some("New".into());
        user.email = None;
        assert_eq!(serde_json::to_string(&user).unwrap(), r#"{"displayName":"New","userId":"u1"}"#);
        user.extra.insert("email".into(), Value::Null);
        assert_eq!(
            serde_json::to_string(&user).unwrap(),
            r#"{"displayName":"New","email":null,"userId":"u1"}"#
        );
    }

    #[test]
    fn of_two_fields_of_one_name_the_last_counts() {
        let user: User =
            serde_json::from_str(r#"{"owner":null,"email":"a","owner":true,"email":null}"#).unwrap();
        assert_eq!((user.owner, &user.email), (Some(true), &None));
        assert_eq!(user.extra.keys().collect::<Vec<_>>(), ["email"]);
        assert_eq!(serde_json::to_string(&user).unwrap(), r#"{"email":null,"owner":true}"#);
    }

    #[test]
    fn a_field_of_another_type_is_refused() {
        for sent in [r#"{"userId":7}"#, r#"{"email":{}}"#, r#"{"enabled":"yes"}"#, "[]"] {
            assert!(serde_json::from_str::<User>(sent).is_err(), "{sent}");
        }
    }
}
