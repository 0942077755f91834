//! What is remembered of the pages before one, so that a way through all of them loses no user and ends.

/// The pages before one. A page that was asked for by its number alone has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trail {
    /// How many users they held.
    pub counted: u64,
    /// What the first of them held, and the last.
    pub first: Mark,
    pub last: Mark,
    /// How often the last one came again.
    pub repeats: u8,
}

/// Tells a page's users from those of another page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark(u64);

impl Mark {
    /// Of a page with so many users, the ids of the first and the last of them as they stand in the answer.
    pub fn new(users: u64, first: &str, last: &str) -> Mark {
        // FNV-1a: nobody gains by two pages that look the same, and every page is marked.
        let bytes = first.bytes().chain([0]).chain(last.bytes());
        Mark(bytes.fold(users ^ 0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        }))
    }
}
