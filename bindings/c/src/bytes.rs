//! `agg_bytes`: a text that belongs to the caller and to no other handle.

use client_core::binding::Tracked;

use crate::view::{agg_view, terminated};

/// A text of its own. Made by the library, owned by the caller, freed with agg_bytes_free. Immutable: any thread may read
/// it.
pub struct agg_bytes {
    bytes: Vec<u8>,
    _tracked: Tracked,
}

impl agg_bytes {
    pub fn new(text: impl Into<Vec<u8>>) -> agg_bytes {
        agg_bytes { bytes: terminated(text), _tracked: Tracked::new() }
    }
}

/// The text. Lives as long as the bytes. Empty for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn agg_bytes_view(bytes: Option<&agg_bytes>) -> agg_view {
    bytes.map_or(agg_view::empty(), |bytes| agg_view::of(&bytes.bytes))
}

/// Frees bytes. NULL is a no-op.
#[unsafe(no_mangle)]
pub extern "C" fn agg_bytes_free(bytes: Option<Box<agg_bytes>>) {
    drop(bytes);
}
