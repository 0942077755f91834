//! Who used what: the counters of each key, and the report an operator reads before retiring one.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Instant, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::time::Now;

/// Counters of one key. Times are milliseconds since 1970, 0 for never.
#[derive(Debug)]
pub(super) struct Counters {
    requests: AtomicU64,
    refusals: AtomicU64,
    first: AtomicU64,
    last: AtomicU64,
    began: Instant,
    /// When the counting began, by the calendar that was furthest ahead: one that is set back would otherwise hide every use
    /// until it has caught up.
    began_at: AtomicU64,
}

impl Counters {
    pub fn new() -> Counters {
        Counters {
            requests: AtomicU64::new(0),
            refusals: AtomicU64::new(0),
            first: AtomicU64::new(0),
            last: AtomicU64::new(0),
            began: Now::read().instant,
            began_at: AtomicU64::new(0),
        }
    }

    pub fn sent(&self, now: Now) {
        let calendar = now.system.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
        let passed = now.instant.saturating_duration_since(self.began).as_millis() as u64;
        let began_at = calendar.saturating_sub(passed);
        let now = self.began_at.fetch_max(began_at, Relaxed).max(began_at) + passed;
        self.requests.fetch_add(1, Relaxed);
        self.last.fetch_max(now, Relaxed);
        // Only the first one wins.
        let _ = self.first.compare_exchange(0, now, Relaxed, Relaxed);
    }

    pub fn refused(&self) {
        self.refusals.fetch_add(1, Relaxed);
    }

    pub fn report(&self, fingerprint: String, active: bool) -> SlotUsage {
        let time = |at: &AtomicU64| Some(at.load(Relaxed)).filter(|at| *at > 0);
        SlotUsage {
            fingerprint,
            active,
            requests: self.requests.load(Relaxed),
            refusals: self.refusals.load(Relaxed),
            first_used: time(&self.first),
            last_used: time(&self.last),
        }
    }
}

/// What this client did with its keys. Its JSON form has the members in camel case.
///
/// ```no_run
/// # fn example(client: agglestone::Client) -> Result<(), agglestone::Error> {
/// let usage = client.key_usage()?;
/// if let Some(secondary) = usage.secondary {
///     println!("{} was refused {} times", secondary.fingerprint, secondary.refusals);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct KeyUsage {
    /// The primary key, `None` before a callback has given one.
    pub primary: Option<SlotUsage>,
    /// The secondary key.
    pub secondary: Option<SlotUsage>,
    /// How often a refused key made the other one the key in use.
    pub failovers: u64,
    /// How often the keys were replaced.
    pub replacements: u64,
}

impl KeyUsage {
    /// As JSON, for faces.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("numbers and texts are always JSON")
    }
}

/// Which of the client's keys the service accepts at this moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct KeyCheck {
    /// The primary key.
    pub primary: Option<CheckedKey>,
    /// The secondary key.
    pub secondary: Option<CheckedKey>,
}

/// What the service said of one key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CheckedKey {
    /// First 8 hex digits of the key's SHA-256.
    pub fingerprint: String,
    /// Whether the service knows the key as this tenant's.
    pub accepted: bool,
    /// The HTTP status it answered.
    pub status: u16,
}

/// What this client did with one key since it has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SlotUsage {
    /// First 8 hex digits of the key's SHA-256.
    pub fingerprint: String,
    /// Whether new calls use it.
    pub active: bool,
    /// Requests sent with it.
    pub requests: u64,
    /// How many of them the service refused with 401.
    pub refusals: u64,
    /// First use, in milliseconds since 1970.
    pub first_used: Option<u64>,
    /// Last use, in milliseconds since 1970.
    pub last_used: Option<u64>,
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_calendar_set_back_moves_no_time_back_and_hides_no_use() {
        let counters = Counters::new();
        let start = Now::read();
        let times = |counters: &Counters| {
            let report = counters.report(String::new(), true);
            (report.first_used.unwrap(), report.last_used.unwrap())
        };
        counters.sent(start);
        let (first, last) = times(&counters);
        assert_eq!(first, last);
        let (minute, hour) = (Duration::from_secs(60), Duration::from_secs(3600));
        counters.sent(Now { instant: start.instant + minute, system: start.system + minute - hour });
        assert_eq!(times(&counters), (first, last + 60_000));
        counters.sent(Now { instant: start.instant + minute, system: start.system + hour });
        assert_eq!(times(&counters), (first, last + 3_600_000));
    }
}
