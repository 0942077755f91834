//! The tenant's users. A user is the JSON text it was given as, so members nobody here knows come back untouched.

use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::{RawValue, to_raw_value};

/// The members of a user in their order, each in the very spelling it was given in.
pub(crate) type Members = IndexMap<String, Box<RawValue>>;

/// One user: the text, and the little that the emulator itself acts on.
#[derive(Clone, Debug)]
pub(crate) struct User {
    id: String,
    json: Box<RawValue>,
    email: Option<String>,
    enabled: bool,
    groups: Vec<String>,
}

impl User {
    /// A user from a JSON object with a `userId`, or what is wrong with it.
    pub(crate) fn from_json(json: &RawValue) -> Result<Self, String> {
        let members = serde_json::from_str(json.get()).map_err(|_| "is not a JSON object")?;
        Self::new(json.to_owned(), &members)
    }

    /// A user from the members of an object.
    pub(crate) fn from_members(members: &Members) -> Result<Self, String> {
        let json = to_raw_value(members).expect("members of JSON make JSON");
        Self::new(json, members)
    }

    fn new(json: Box<RawValue>, members: &Members) -> Result<Self, String> {
        if !members.contains_key("userId") {
            return Err("has no userId".into());
        }
        let id = member(members, "userId")
            .filter(|id: &String| !id.is_empty())
            .ok_or("has a userId that is not a non-empty string")?;
        Ok(Self {
            id,
            json,
            email: member(members, "email"),
            enabled: member(members, "enabled") != Some(false),
            groups: groups(members)?,
        })
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// The object as it is answered.
    pub(crate) fn json(&self) -> &RawValue {
        &self.json
    }

    /// The members of the object, to change some.
    pub(crate) fn members(&self) -> Members {
        serde_json::from_str(self.json.get()).expect("a user is an object")
    }

    pub(crate) fn enabled(&self) -> bool {
        self.enabled
    }

    /// The groups that go into this user's tokens.
    pub(crate) fn groups(&self) -> &[String] {
        &self.groups
    }
}

/// A member, if it is there and of this type.
fn member<T: DeserializeOwned>(members: &Members, name: &str) -> Option<T> {
    serde_json::from_str(members.get(name)?.get()).ok()
}

/// The member `groups` (an array of strings or one string); without it, an owner is in `Admin` and nobody else in anything.
fn groups(members: &Members) -> Result<Vec<String>, String> {
    if !members.contains_key("groups") {
        let owner = member(members, "owner") == Some(true);
        return Ok(if owner { vec!["Admin".into()] } else { vec![] });
    }
    member(members, "groups")
        .or_else(|| member(members, "groups").map(|group| vec![group]))
        .ok_or_else(|| "has groups that are neither a string nor an array of strings".into())
}

/// All users of the tenant, in the order in which they came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Users(IndexMap<String, User>);

impl Users {
    pub(crate) fn get(&self, id: &str) -> Option<&User> {
        self.0.get(id)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &User> {
        self.0.values()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether another user has this user's e-mail address. Nobody shares one, whatever its case, as everywhere else.
    pub(crate) fn has_email_of(&self, user: &User) -> bool {
        let same = |other: &User| {
            other.email.as_ref().zip(user.email.as_ref()).is_some_and(|(a, b)| a.eq_ignore_ascii_case(b))
        };
        self.0.values().any(|other| other.id != user.id && same(other))
    }

    /// Adds a user, or replaces the one with the same id in its place.
    pub(crate) fn put(&mut self, user: User) {
        self.0.insert(user.id.clone(), user);
    }

    /// Whether there was such a user.
    pub(crate) fn remove(&mut self, id: &str) -> bool {
        self.0.shift_remove(id).is_some()
    }

    /// The users of one page; empty past the end.
    pub(crate) fn page(&self, number: u32, size: u32) -> impl Iterator<Item = &User> {
        let skipped = (u64::from(number) - 1) * u64::from(size);
        self.0.values().skip(usize::try_from(skipped).unwrap_or(usize::MAX)).take(size as usize)
    }
}

/// Reads `{"users":[..]}`, the shape of a seed file, or says what is wrong with it.
pub(crate) fn read_list(text: &str) -> Result<Vec<User>, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct List<'a> {
        #[serde(borrow)]
        users: Vec<&'a RawValue>,
    }
    // Editors on Windows like to put a byte order mark first.
    let text = text.trim_start_matches('\u{feff}');
    let list: List =
        serde_json::from_str(text).map_err(|error| format!("expected {{\"users\":[..]}}: {error}"))?;
    list_of(list.users.into_iter())
}

/// Reads users, or says which of them is wrong, and how.
pub(crate) fn list_of<'a>(given: impl Iterator<Item = &'a RawValue>) -> Result<Vec<User>, String> {
    let mut users = IndexMap::new();
    for (index, json) in given.enumerate() {
        let user = User::from_json(json).map_err(|wrong| format!("user {}: {wrong}", index + 1))?;
        if let Some(twice) = users.insert(user.id.clone(), user) {
            return Err(format!("user {}: userId {:?} is a duplicate", index + 1, twice.id));
        }
    }
    Ok(users.into_values().collect())
}

/// Reads a list of users, or a single one, which is any object that has no `users`.
pub(crate) fn read_list_or_one(text: &str) -> Result<Vec<User>, String> {
    let members: Members = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if members.contains_key("users") {
        return read_list(text);
    }
    match User::from_members(&members) {
        Ok(user) => Ok(vec![user]),
        Err(wrong) => Err(format!("the user {wrong}")),
    }
}

impl FromIterator<User> for Users {
    fn from_iter<I: IntoIterator<Item = User>>(users: I) -> Self {
        let mut all = Self::default();
        users.into_iter().for_each(|user| all.put(user));
        all
    }
}
