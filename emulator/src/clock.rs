//! The emulator's one source of time: token lifetimes, `Date` headers and the journal all ask here.
//! It runs with the system's clock, ahead of it by as much as tests have advanced it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Serializer;

/// Furthest ahead of the system's clock. Dates and token claims still have their usual forms there.
pub(crate) const FURTHEST: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// Wall-clock time as the emulator sees it.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    /// Nanoseconds, which hold for five times as long as [`FURTHEST`].
    ahead: AtomicU64,
}

impl Clock {
    /// Now.
    pub(crate) fn now(&self) -> SystemTime {
        SystemTime::now() + self.ahead()
    }

    /// Now, in whole seconds since 1970, as token claims count.
    pub(crate) fn unix_seconds(&self) -> u64 {
        self.now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
    }

    /// How far it is ahead of the system's clock.
    pub(crate) fn ahead(&self) -> Duration {
        Duration::from_nanos(self.ahead.load(Ordering::Relaxed))
    }

    /// Lets `time` pass at once; none if that would lead beyond [`FURTHEST`], and then nothing has changed.
    pub(crate) fn advance(&self, time: Duration) -> Option<()> {
        let time = u64::try_from(time.as_nanos()).ok()?;
        let advanced =
            |ahead: u64| ahead.checked_add(time).filter(|ahead| Duration::from_nanos(*ahead) <= FURTHEST);
        self.ahead.fetch_update(Ordering::Relaxed, Ordering::Relaxed, advanced).ok().map(|_| ())
    }

    /// Back to the system's time.
    pub(crate) fn reset(&self) {
        self.ahead.store(0, Ordering::Relaxed);
    }
}

/// Writes a time as the journal and reports have it, in UTC with milliseconds.
pub(crate) fn iso8601<S: Serializer>(time: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&humantime::format_rfc3339_millis(*time))
}

/// The same for a time that need not be there.
pub(crate) fn iso8601_or_null<S: Serializer>(
    time: &Option<SystemTime>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => iso8601(time, serializer),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_advances_to_its_end_and_not_beyond() {
        let clock = Clock::default();
        assert_eq!(clock.advance(FURTHEST - Duration::from_nanos(1)), Some(()));
        assert_eq!(clock.advance(Duration::from_nanos(2)), None);
        assert_eq!(clock.advance(Duration::MAX), None);
        assert_eq!(clock.ahead(), FURTHEST - Duration::from_nanos(1));
        assert!(clock.now() > SystemTime::now() + FURTHEST - Duration::from_secs(1));
        clock.reset();
        assert_eq!(clock.ahead(), Duration::ZERO);
    }
}
