//! Counts the things that hold resources, so that tests can prove that nothing is left behind.

use std::sync::atomic::{AtomicUsize, Ordering};

static LIVE: AtomicUsize = AtomicUsize::new(0);

/// How many sessions, calls under way and handles of bindings exist in this process.
pub fn count() -> usize {
    LIVE.load(Ordering::SeqCst)
}

/// Counts as one live handle from creation to drop. Put into everything that must not leak.
#[derive(Debug)]
pub struct Tracked(());

impl Tracked {
    /// One more.
    #[allow(clippy::new_without_default, reason = "making one has an effect; a default should not")]
    pub fn new() -> Tracked {
        LIVE.fetch_add(1, Ordering::SeqCst);
        Tracked(())
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        LIVE.fetch_sub(1, Ordering::SeqCst);
    }
}
