//! The members of a JSON object, each as it stands in the text.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::json::Scanner;

/// The members of one object, in their order.
pub(super) struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

/// The text is no JSON object, or one that two readers could see differently.
#[derive(Debug)]
pub(super) struct Unread;

impl<'a> Members<'a> {
    /// Reads a text that nobody has looked at yet.
    pub fn read(text: &'a [u8]) -> Result<Members<'a>, Unread> {
        Scanner::new(text, ())
            .and_then(|mut scanner| {
                scanner.value()?;
                scanner.end()
            })
            .map_err(|_| Unread)?;
        Members::read_scanned(text)
    }

    /// Reads a text that was read before.
    pub fn read_scanned(text: &'a [u8]) -> Result<Members<'a>, Unread> {
        serde_json::from_slice(text).map_err(|_| Unread)
    }

    fn raw(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, value)| value.get())
    }

    pub fn has(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    /// The value of a member, where there is one and it is of this type.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_str(self.raw(name)?).ok()
    }

    pub fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        #[derive(serde::Deserialize)]
        struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
        serde_json::from_str(self.raw(name)?).ok().map(|Text(text)| text)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &'a str)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value.get()))
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Members<'de>, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                #[derive(serde::Deserialize)]
                struct Name<'a>(#[serde(borrow)] Cow<'a, str>);
                let mut members = Vec::with_capacity(12);
                while let Some((Name(name), value)) = map.next_entry()? {
                    members.push((name, value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}
