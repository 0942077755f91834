//! Waits out a restart: where a service answered before and nobody listens now, it will mostly be back within seconds.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// So long a call waits, outside its retries and their budget.
const LONGEST: Duration = Duration::from_secs(3);
/// Between two looks: first, and at most.
const FIRST_LOOK: Duration = Duration::from_millis(20);
const LAST_LOOK: Duration = Duration::from_millis(200);

/// Whether the service can be restarting: it answered a call of this client, and was not gone for too long since.
#[derive(Debug, Default)]
pub(super) struct Presence(AtomicBool);

impl Presence {
    /// There was an answer, whatever it said.
    pub fn answered(&self) {
        self.0.store(true, Relaxed);
    }
}

/// The restart that one call waits for.
#[derive(Debug, Default)]
pub(super) struct Restart {
    since: Option<Instant>,
    looks: u32,
}

impl Restart {
    /// Nobody listened: how long to wait before the next look, or `None` when this is no restart, or takes too long. `random` is
    /// 0 to 1.
    pub fn next_look(
        &mut self,
        presence: &Presence,
        now: Instant,
        time_left: Duration,
        random: f64,
    ) -> Option<Duration> {
        if !presence.0.load(Relaxed) {
            return None;
        }
        let waited = now.saturating_duration_since(*self.since.get_or_insert(now));
        if waited >= LONGEST {
            // It is down, then, and calls to come learn of it at once.
            presence.0.store(false, Relaxed);
            return None;
        }
        let look = (FIRST_LOOK * 2_u32.saturating_pow(self.looks)).min(LAST_LOOK).mul_f64(0.5 + random / 2.0);
        self.looks += 1;
        (look < time_left).then_some(look)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    fn looks(presence: &Presence, time_left: Duration) -> Vec<u128> {
        let (mut restart, mut now) = (Restart::default(), Instant::now());
        std::iter::from_fn(|| {
            let look = restart.next_look(presence, now, time_left, 1.0)?;
            now += look;
            Some(look.as_millis())
        })
        .collect()
    }

    #[test]
    fn who_never_answered_is_not_waited_for() {
        assert!(looks(&Presence::default(), LONG).is_empty());
    }

    #[test]
    fn who_answered_is_waited_for_three_seconds_and_then_counts_as_down() {
        let presence = Presence::default();
        presence.answered();
        let looked = looks(&presence, LONG);
        assert_eq!(looked[..6], [20, 40, 80, 160, 200, 200]);
        assert!((3000..3200).contains(&looked.iter().sum::<u128>()), "{looked:?}");
        assert!(looks(&presence, LONG).is_empty(), "the next call learns of it at once");
        presence.answered();
        assert_eq!(looks(&presence, LONG).len(), looked.len());
    }

    #[test]
    fn the_deadline_is_not_slept_through() {
        let presence = Presence::default();
        presence.answered();
        assert_eq!(looks(&presence, Duration::from_millis(100)), [20, 40, 80]);
    }
}
