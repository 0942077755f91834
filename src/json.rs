//! JSON that is checked to its leaves before any language's own parser sees it, and otherwise left as it came.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

/// Any JSON object. Its members are walked, so that the parser's depth limit and its checks of strings hold for the
/// whole body before a face's own parser sees it.
pub(crate) struct Object;

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Object, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Object;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                walk_members(&mut map)?;
                Ok(Object)
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// A member's name, borrowed from the body where it holds no escape.
#[derive(Deserialize, PartialEq, Eq, Hash)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// Walks an object. A name that comes twice is refused: parsers disagree on which of the two counts, so the languages
/// would see different users.
fn walk_members<'de, A: MapAccess<'de>>(map: &mut A) -> Result<(), A::Error> {
    let mut few: Vec<Name<'de>> = Vec::new();
    let mut many: HashSet<Name<'de>> = HashSet::new();
    while let Some((name, Walked)) = map.next_entry::<Name<'de>, Walked>()? {
        let twice = if few.len() < 16 {
            let twice = few.contains(&name);
            few.push(name);
            twice
        } else {
            // For an object of thousands of members a list would take quadratic time.
            few.contains(&name) || !many.insert(name)
        };
        if twice {
            return Err(serde::de::Error::custom("a name comes twice"));
        }
    }
    Ok(())
}

/// Any JSON value, visited to its leaves and dropped.
struct Walked;

impl<'de> Deserialize<'de> for Walked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Walked, D::Error> {
        struct Leaves;
        impl<'de> Visitor<'de> for Leaves {
            type Value = Walked;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }
            fn visit_bool<E>(self, _: bool) -> Result<Walked, E> {
                Ok(Walked)
            }
            fn visit_i64<E>(self, _: i64) -> Result<Walked, E> {
                Ok(Walked)
            }
            fn visit_u64<E>(self, _: u64) -> Result<Walked, E> {
                Ok(Walked)
            }
            fn visit_f64<E>(self, _: f64) -> Result<Walked, E> {
                Ok(Walked)
            }
            fn visit_str<E>(self, _: &str) -> Result<Walked, E> {
                Ok(Walked)
            }
            fn visit_unit<E>(self) -> Result<Walked, E> {
                Ok(Walked)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Walked, A::Error> {
                while items.next_element::<Walked>()?.is_some() {}
                Ok(Walked)
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Walked, A::Error> {
                walk_members(&mut map)?;
                Ok(Walked)
            }
        }
        deserializer.deserialize_any(Leaves)
    }
}
