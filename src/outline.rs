//! What a JSON text is made of, noted by the scan that checked it, so that a face builds its values without another look.

use std::borrow::Cow;

use crate::json::{Notes, Thing, decode};

/// One thing in a text. An object is followed by its members, each a name and a value, and by an end; an array by its items and
/// an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// An object begins.
    Object,
    /// An array begins.
    Array,
    /// The object or the array that began last ends.
    End,
    /// The name of a member. The same place is the same name.
    Name(Text<'a>, u32),
    /// A string.
    String(Text<'a>),
    /// A number as it stands, within the range of doubles.
    Number(&'a str),
    /// `true` or `false`.
    Bool(bool),
    /// `null`.
    Null,
}

/// What stands between quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<'a> {
    raw: &'a [u8],
    escaped: bool,
}

impl<'a> Text<'a> {
    /// What it says, in UTF-8.
    #[inline]
    pub fn utf8(&self) -> Cow<'a, [u8]> {
        if self.escaped { decode(str(self.raw)).into_owned().into_bytes().into() } else { self.raw.into() }
    }
}

/// Where everything stands in one text.
#[derive(Clone)]
pub struct Outline(Vec<Note>);

#[derive(Clone, Copy)]
struct Note {
    thing: Thing,
    from: u32,
    to: u32,
}

impl Outline {
    /// An outline of a text that is yet to be scanned; `None` for one that is too long for any answer.
    pub(crate) fn of_text(length: usize) -> Option<Outline> {
        // In a page of users one thing comes every twelve bytes.
        u32::try_from(length).ok().map(|_| Outline(Vec::with_capacity(length / 8)))
    }

    /// What the text that was scanned is made of.
    #[inline]
    pub fn parts<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = Part<'a>> {
        self.0.iter().map(|note| {
            let piece = &text[note.from as usize..note.to as usize];
            match note.thing {
                Thing::Object => Part::Object,
                Thing::Array => Part::Array,
                Thing::End => Part::End,
                Thing::Name { escaped } => Part::Name(Text { raw: piece, escaped }, note.from),
                Thing::String { escaped } => Part::String(Text { raw: piece, escaped }),
                Thing::Number => Part::Number(str(piece)),
                Thing::Bool(value) => Part::Bool(value),
                Thing::Null => Part::Null,
            }
        })
    }
}

impl Notes for &mut Outline {
    #[inline(always)]
    fn note(&mut self, thing: Thing, from: usize, to: usize) {
        // No text is longer: see `of_text`.
        self.0.push(Note { thing, from: from as u32, to: to as u32 });
    }
}

fn str(piece: &[u8]) -> &str {
    std::str::from_utf8(piece).expect("the scan saw to it")
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::json::Scanner;

    /// The value that begins here, built again.
    fn value<'a>(first: Part<'a>, rest: &mut impl Iterator<Item = Part<'a>>) -> Value {
        let text = |text: Text<'_>| String::from_utf8(text.utf8().into_owned()).unwrap();
        match first {
            Part::Object => {
                let mut members = serde_json::Map::new();
                while let Part::Name(name, _) = rest.next().unwrap() {
                    members.insert(text(name), value(rest.next().unwrap(), rest));
                }
                members.into()
            }
            Part::Array => {
                let mut items = Vec::new();
                loop {
                    match rest.next().unwrap() {
                        Part::End => return items.into(),
                        first => items.push(value(first, rest)),
                    }
                }
            }
            Part::String(string) => text(string).into(),
            Part::Number(text) => serde_json::from_str(text).unwrap(),
            Part::Bool(value) => value.into(),
            Part::Null => Value::Null,
            Part::Name(..) | Part::End => panic!("{first:?} begins no value"),
        }
    }

    fn outline(text: &str) -> Outline {
        let mut outline = Outline::of_text(text.len()).unwrap();
        let mut scanner = Scanner::new(text.as_bytes(), &mut outline).unwrap();
        scanner.value().unwrap();
        scanner.end().unwrap();
        outline
    }

    #[test]
    fn parts_are_all_of_a_text_and_nothing_else() {
        for text in [
            "null",
            " true ",
            "-1.5e3",
            r#""a\n\ud83d\ude00é""#,
            r#"[[],{},[{"a":[]}],"x",1]"#,
            r#"[{"a":1,"b":"x"},{"a":2,"b":"y"},{"b":3},{"a":4,"b":5,"c":6},{},{"\u0061":7,"b":8},{"a":9}]"#,
            r#"[{"a\n":1,"b":2},{"a\n":3,"b":4},{ "a\n" : 5 , "b":6}]"#,
            r#"{"data":[{"userId":"u","n":null,"t":true,"f":false}],"pageSize":10}"#,
        ] {
            let outline = outline(text);
            let mut parts = outline.parts(text.as_bytes());
            let first = parts.next().unwrap();
            assert_eq!(value(first, &mut parts), serde_json::from_str::<Value>(text).unwrap(), "{text}");
            assert_eq!(parts.next(), None, "{text}");
        }
    }

    #[test]
    fn names_with_the_same_place_are_the_same() {
        let text = r#"[{"a":1,"bb":2},{"a":3,"bb":4},{"bb":5,"a":6}]"#;
        let outline = outline(text);
        let mut known = std::collections::HashMap::new();
        let mut names = 0;
        for part in outline.parts(text.as_bytes()) {
            if let Part::Name(name, place) = part {
                names += 1;
                assert_eq!(*known.entry(place).or_insert(name), name);
            }
        }
        assert_eq!(names, 6);
        // Those of the second record stand where the first one's do.
        assert_eq!(known.len(), 4);
    }
}
