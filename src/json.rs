//! A scan of JSON that refuses what the languages' own parsers would disagree on, before any of them sees it.
//!
//! Refused beside what is no JSON: a name that comes twice in an object, half of a surrogate pair, nesting beyond 128, a number
//! beyond any double. One pass at a few instructions a byte, because it is in the way of every answer.

mod names;
mod parts;

use std::borrow::Cow;

use self::names::{Member, Names};
pub(crate) use self::parts::{Fault, Notes, Piece, Thing, Value};

/// As deep as serde_json goes, which reads the same texts elsewhere.
const MAX_DEPTH: usize = 128;

/// Text that is being scanned.
pub(crate) struct Scanner<'a, N = ()> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    /// The members of the object that ended last. Records mostly repeat the names of the one before, in the same order, and
    /// then none of them comes twice.
    shape: Vec<Member<'a>>,
    depth: usize,
    notes: N,
}

impl<'a, N: Notes> Scanner<'a, N> {
    /// A scanner at the start of a text.
    pub fn new(bytes: &'a [u8], notes: N) -> Result<Scanner<'a, N>, Fault> {
        let text = simdutf8::compat::from_utf8(bytes)
            .map_err(|error| Fault { what: "text that is not UTF-8", at: error.valid_up_to() })?;
        Ok(Scanner { text, bytes, at: 0, shape: Vec::new(), depth: 0, notes })
    }

    /// The text is over, but for blanks.
    pub fn end(mut self) -> Result<(), Fault> {
        self.next_byte();
        if self.at == self.bytes.len() { Ok(()) } else { self.fault("more than one value") }
    }

    /// Any value.
    #[inline(always)]
    pub fn value(&mut self) -> Result<Value<'a>, Fault> {
        match self.next_byte() {
            // Most are, so this much is worth having wherever values are read.
            b'"' => {
                let (piece, escaped) = self.string()?;
                self.notes.note(Thing::String { escaped }, piece.from, piece.to);
                Ok(Value::String(piece))
            }
            byte => self.unquoted(byte),
        }
    }

    /// A value that begins with this byte and is no string.
    #[inline(never)]
    fn unquoted(&mut self, byte: u8) -> Result<Value<'a>, Fault> {
        match byte {
            b'{' => self.object(),
            b'[' => self.array(),
            b't' => self.literal("true", Thing::Bool(true), Value::Bool(true)),
            b'f' => self.literal("false", Thing::Bool(false), Value::Bool(false)),
            b'n' => self.literal("null", Thing::Null, Value::Null),
            b'-' | b'0'..=b'9' => {
                let number = self.number()?;
                self.note(Thing::Number, number);
                Ok(Value::Number(number))
            }
            _ => self.fault("no value"),
        }
    }

    #[inline(never)]
    fn object(&mut self) -> Result<Value<'a>, Fault> {
        self.members(|scanner, _| scanner.value().map(drop)).map(|()| Value::Object)
    }

    #[inline(never)]
    fn array(&mut self) -> Result<Value<'a>, Fault> {
        self.items(|scanner| scanner.value().map(drop)).map(|()| Value::Array)
    }

    /// An object; `each` is given the name of each member, decoded, and has to take its value.
    pub fn members(
        &mut self,
        mut each: impl FnMut(&mut Scanner<'a, N>, &str) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.enter(b'{')?;
        let mut names = Names::after(std::mem::take(&mut self.shape));
        while let Some(name) = self.name(&mut names)? {
            each(self, &name)?;
        }
        self.leave();
        self.shape = names.into_shape();
        Ok(())
    }

    /// The name of the next member, with its colon; `None` at the end of the object.
    #[inline(always)]
    fn name(&mut self, names: &mut Names<'a>) -> Result<Option<Cow<'a, str>>, Fault> {
        if let Some(member) = names.expected(&self.bytes[self.at..]) {
            let Member { head, name } = *member;
            self.at += head.len();
            self.note(Thing::Name { escaped: false }, name);
            return Ok(Some(Cow::Borrowed(name)));
        }
        self.other_name(names)
    }

    /// The same where the object before had another name or none.
    #[inline(never)]
    fn other_name(&mut self, names: &mut Names<'a>) -> Result<Option<Cow<'a, str>>, Fault> {
        let start = self.at;
        match (self.next_byte(), names.is_empty()) {
            (b'}', _) => return Ok(None),
            (b',', false) => self.at += 1,
            (_, false) => return self.fault("neither a comma nor the end of an object"),
            (_, true) => {}
        }
        if self.next_byte() != b'"' {
            return self.fault("no name of a member");
        }
        let at = self.at;
        let (piece, escaped) = self.string()?;
        let raw = piece.get();
        let name = if escaped { decode(raw) } else { Cow::Borrowed(raw) };
        if self.next_byte() != b':' {
            return self.fault("no colon behind a name");
        }
        self.at += 1;
        let is_new = match &name {
            Cow::Borrowed(name) => names.add(Member { head: &self.bytes[start..self.at], name }),
            Cow::Owned(name) => names.add_decoded(name),
        };
        if !is_new {
            return Err(Fault { what: "a name that comes twice", at });
        }
        self.notes.note(Thing::Name { escaped }, piece.from, piece.to);
        Ok(Some(name))
    }

    /// An array; `each` has to take the next item.
    pub fn items(
        &mut self,
        mut each: impl FnMut(&mut Scanner<'a, N>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.enter(b'[')?;
        if self.next_byte() == b']' {
            self.leave();
            return Ok(());
        }
        loop {
            each(self)?;
            match self.next_byte() {
                b',' => self.at += 1,
                b']' => break,
                _ => return self.fault("neither a comma nor the end of an array"),
            }
        }
        self.leave();
        Ok(())
    }

    fn enter(&mut self, bracket: u8) -> Result<(), Fault> {
        if self.next_byte() != bracket {
            return self.fault(if bracket == b'{' { "no object" } else { "no array" });
        }
        if self.depth == MAX_DEPTH {
            return self.fault("nested too deeply");
        }
        let thing = if bracket == b'{' { Thing::Object } else { Thing::Array };
        self.notes.note(thing, self.at, self.at + 1);
        self.depth += 1;
        self.at += 1;
        Ok(())
    }

    fn leave(&mut self) {
        self.notes.note(Thing::End, self.at, self.at + 1);
        self.at += 1;
        self.depth -= 1;
    }

    /// Notes a thing, which is a piece of the text.
    #[inline(always)]
    fn note(&mut self, thing: Thing, piece: &'a str) {
        let from = piece.as_ptr() as usize - self.bytes.as_ptr() as usize;
        self.notes.note(thing, from, from + piece.len());
    }

    /// A string, from its quote on; gives what is between the quotes, and whether escapes are among it.
    #[inline(always)]
    fn string(&mut self) -> Result<(Piece<'a>, bool), Fault> {
        let start = self.at + 1;
        let (mut end, mut has_escapes) = (start, false);
        loop {
            end += plain(&self.bytes[end..]);
            match self.bytes.get(end) {
                Some(b'"') => break,
                Some(b'\\') => (end, has_escapes) = (self.escape(end)?, true),
                Some(_) => return Err(Fault { what: "a control character in a string", at: end }),
                None => return Err(Fault { what: "a string without an end", at: end }),
            }
        }
        self.at = end + 1;
        Ok((Piece { text: self.text, from: start, to: end }, has_escapes))
    }

    /// An escape, from its backslash on; gives where the string goes on.
    #[cold]
    fn escape(&self, at: usize) -> Result<usize, Fault> {
        let none = Err(Fault { what: "an escape that is none", at });
        match self.bytes.get(at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
            Some(b'u') => {
                let after = at + 6;
                match self.hex(at) {
                    Some(0xd800..0xdc00) if matches!(self.hex(after), Some(0xdc00..0xe000)) => Ok(after + 6),
                    Some(0xd800..0xe000) => Err(Fault { what: "half of a surrogate pair", at }),
                    Some(_) => Ok(after),
                    None => none,
                }
            }
            _ => none,
        }
    }

    /// The number of the `\u1234` at a place.
    fn hex(&self, at: usize) -> Option<u32> {
        let digits = self.bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
        let digit = |number: u32, byte: &u8| Some(number * 16 + char::from(*byte).to_digit(16)?);
        digits.iter().try_fold(0, digit)
    }

    fn number(&mut self) -> Result<&'a str, Fault> {
        let start = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return self.fault("a number that is none"),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.some_digits()?;
        }
        let mut may_be_endless = self.at - start > 300;
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.some_digits()?;
            may_be_endless = true;
        }
        let number = &self.text[start..self.at];
        if may_be_endless && !number.parse::<f64>().is_ok_and(f64::is_finite) {
            return self.fault("a number out of range");
        }
        Ok(number)
    }

    fn some_digits(&mut self) -> Result<(), Fault> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return self.fault("a number that is none");
        }
        self.digits();
        Ok(())
    }

    fn digits(&mut self) {
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
    }

    fn literal(&mut self, text: &str, thing: Thing, value: Value<'a>) -> Result<Value<'a>, Fault> {
        if !self.bytes[self.at..].starts_with(text.as_bytes()) {
            return self.fault("no value");
        }
        self.notes.note(thing, self.at, self.at + text.len());
        self.at += text.len();
        Ok(value)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// What stands behind the blanks here; NUL, which is no JSON, at the end.
    #[inline]
    fn next_byte(&mut self) -> u8 {
        match self.peek() {
            // Most texts have none.
            Some(byte) if byte > b' ' => byte,
            _ => self.behind_blanks(),
        }
    }

    #[cold]
    fn behind_blanks(&mut self) -> u8 {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
        self.peek().unwrap_or(0)
    }

    /// A fault at this place, for what a caller of the scanner finds wrong.
    pub fn here(&self, what: &'static str) -> Fault {
        Fault { what, at: self.at }
    }

    fn fault<T>(&self, what: &'static str) -> Result<T, Fault> {
        Err(Fault { what, at: self.at })
    }
}

/// How many bytes stand before the next quote, backslash or control character, or the end: eight at a time.
#[inline(always)]
fn plain(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 0xff;
    let mut at = 0;
    for eight in bytes.as_chunks().0 {
        let word = u64::from_le_bytes(*eight);
        // With this bit flipped, a quote comes right behind the control characters, in the place of a blank.
        let control_or_quote = (word ^ (ONES * 0x02)).wrapping_sub(ONES * 0x21);
        let backslash = (word ^ (ONES * b'\\' as u64)).wrapping_sub(ONES);
        // Each has the highest bit of such a byte set. The lowest of them is right; those above it may be mistaken.
        let found = (control_or_quote | backslash) & !word & (ONES << 7);
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | ..0x20);
    bytes[at..].iter().position(is_special).map_or(bytes.len(), |found| at + found)
}

/// What a string says that holds escapes, which were checked.
pub(crate) fn decode(raw: &str) -> Cow<'_, str> {
    if !raw.contains('\\') {
        return raw.into();
    }
    serde_json::from_str(&format!("\"{raw}\"")).unwrap_or_default()
}

#[cfg(test)]
mod tests;
