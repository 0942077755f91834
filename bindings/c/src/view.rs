//! `agg_view`: text that the library lends.

use std::ffi::c_char;

/// Text lent to the caller: valid as long as the handle it came from.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct agg_view {
    /// The first byte; not NULL, and followed by a NUL byte that `length` does not count.
    pub data: *const c_char,
    /// How many bytes.
    pub length: usize,
}

impl agg_view {
    /// A view of bytes that end in NUL, without that NUL.
    pub fn of(terminated: &[u8]) -> agg_view {
        debug_assert_eq!(terminated.last(), Some(&0));
        agg_view { data: terminated.as_ptr().cast(), length: terminated.len() - 1 }
    }

    pub fn empty() -> agg_view {
        agg_view::of(b"\0")
    }
}

/// Bytes with the NUL that C programs expect behind a text.
pub fn terminated(text: impl Into<Vec<u8>>) -> Vec<u8> {
    let mut bytes = text.into();
    bytes.push(0);
    bytes
}
