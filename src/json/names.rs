//! The names of an object's members: none may come twice, and records mostly repeat those of the one before.

use std::collections::{BTreeSet, HashSet};

/// What stands before a value: from behind the value before it, or the brace, up to the colon.
#[derive(Clone, Copy)]
pub(super) struct Member<'a> {
    pub head: &'a [u8],
    pub name: &'a str,
}

/// The names of one object so far.
pub(super) struct Names<'a> {
    /// Of this object as far as `own`, of the object before from there on, until a member is another than that one's.
    members: Vec<Member<'a>>,
    own: usize,
    /// For an object of many members, where going through a list would take quadratic time.
    many: Option<HashSet<&'a str>>,
    /// Those that had to be decoded.
    decoded: BTreeSet<String>,
}

/// Up to so many names are looked for one by one.
const FEW: usize = 16;

impl<'a> Names<'a> {
    pub fn after(shape: Vec<Member<'a>>) -> Names<'a> {
        let members = if shape.is_empty() { Vec::with_capacity(FEW) } else { shape };
        Names { members, own: 0, many: None, decoded: BTreeSet::new() }
    }

    pub fn is_empty(&self) -> bool {
        self.own == 0 && self.decoded.is_empty()
    }

    /// The member that comes next if this object goes on as the one before did, where the text says so. All that stands before
    /// its value is compared at once: it was looked at there.
    #[inline(always)]
    pub fn expected(&mut self, text: &[u8]) -> Option<&Member<'a>> {
        let member = self.members.get(self.own)?;
        let is_there = begins_with(text, member.head);
        self.own += usize::from(is_there);
        is_there.then_some(member)
    }

    /// Adds a member, unless there is one of its name. Whether it is new.
    pub fn add(&mut self, member: Member<'a>) -> bool {
        let is_new = self.is_new(member.name);
        if is_new {
            self.members.push(member);
            self.own += 1;
            if let Some(many) = &mut self.many {
                many.insert(member.name);
            }
        }
        is_new
    }

    /// The same for a name that had to be decoded.
    pub fn add_decoded(&mut self, name: &str) -> bool {
        let is_new = self.is_new(name);
        if is_new {
            self.decoded.insert(name.to_owned());
        }
        is_new
    }

    /// Asked of a name that the object before did not have here: from now on nothing is expected any more.
    fn is_new(&mut self, name: &str) -> bool {
        self.members.truncate(self.own);
        if self.many.is_none() && self.own > FEW {
            self.many = Some(self.members.iter().map(|member| member.name).collect());
        }
        let is_listed = match &self.many {
            Some(many) => many.contains(name),
            None => self.members.iter().any(|member| member.name == name),
        };
        !is_listed && !self.decoded.contains(name)
    }

    pub fn into_shape(mut self) -> Vec<Member<'a>> {
        // Without those that had to be decoded, the first that is left may stand behind a comma.
        let is_whole = self.decoded.is_empty();
        self.members.truncate(if is_whole { self.own } else { 0 });
        self.members
    }
}

/// Eight bytes at a time, without a call: there are as many heads in a page as members, and each is short.
#[inline(always)]
fn begins_with(text: &[u8], head: &[u8]) -> bool {
    let Some(text) = text.get(..head.len()) else { return false };
    match (text.last_chunk::<8>(), head.last_chunk::<8>()) {
        // The last eight are as telling as the first, and may be some of the same.
        (Some(end), Some(wanted)) => {
            let (these, those) = (text.as_chunks::<8>().0, head.as_chunks::<8>().0);
            end == wanted && these.iter().zip(those).all(|(one, other)| one == other)
        }
        _ => text == head,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_begins_with_a_head_or_not() {
        let text: Vec<u8> = (0..40).collect();
        for length in 0..40 {
            let head = &text[..length];
            assert!(begins_with(&text, head) && begins_with(head, head));
            assert!(length == 0 || !begins_with(&text[..length - 1], head));
            for at in 0..length {
                let mut other = head.to_vec();
                other[at] ^= 1;
                assert!(!begins_with(&text, &other), "{at} of {length}");
            }
        }
    }
}
