//! The emulator's one source of time: token lifetimes, `Date` headers and the journal all ask here.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Wall-clock time as the emulator sees it.
#[derive(Debug, Default)]
pub(crate) struct Clock;

impl Clock {
    /// Now.
    pub(crate) fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    /// Now, in whole seconds since 1970, as token claims count.
    pub(crate) fn unix_seconds(&self) -> u64 {
        self.now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
    }
}
