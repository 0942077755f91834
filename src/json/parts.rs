//! What a scan of JSON tells: values, the things that a text is made of, and faults.

/// What is wrong, and at which byte.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub what: &'static str,
    pub at: usize,
}

/// A member's value as it stands in the text, with what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    Object,
    Array,
    /// Between the quotes, not decoded.
    String(Piece<'a>),
    Number(&'a str),
    Bool(bool),
    Null,
}

/// A piece of the text. It is cut out for whoever wants it: cutting looks at both ends, and most pieces nobody wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece<'a> {
    pub(super) text: &'a str,
    pub(super) from: usize,
    pub(super) to: usize,
}

impl<'a> Piece<'a> {
    pub fn get(self) -> &'a str {
        &self.text[self.from..self.to]
    }
}

/// Is told what a text is made of while it is scanned: each thing once, in the order they stand.
pub(crate) trait Notes {
    /// Where the thing stands: a name or a string between its quotes. A name that the object before has in the same place
    /// stands where it stands there.
    fn note(&mut self, thing: Thing, from: usize, to: usize);
}

/// What there is in a text. An end is that of the array or the object that began last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Thing {
    Object,
    Array,
    End,
    Name { escaped: bool },
    String { escaped: bool },
    Number,
    Bool(bool),
    Null,
}

/// Nobody wants to know.
impl Notes for () {
    #[inline(always)]
    fn note(&mut self, _: Thing, _: usize, _: usize) {}
}
