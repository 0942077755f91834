//! Time as the core sees it: readings that a driver hands in, spans that a caller asks for, lives that can be true.

#[cfg(any(target_os = "linux", target_os = "android", target_os = "macos", target_os = "ios"))]
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};

use crate::spelling::Span;

/// The time, as a driver reads it: a monotonic reading for spans, the calendar for dates in headers.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// For spans of time. Sleep counts: deadlines pass while a laptop is closed.
    pub instant: Instant,
    /// For comparing with dates that the service sends.
    pub system: SystemTime,
}

impl Now {
    /// The real time.
    pub fn read() -> Now {
        Now { instant: since_boot(), system: SystemTime::now() }
    }

    /// How long an earlier reading ago, by the clock that went further: a virtual machine that was paused finds out by the
    /// calendar alone. A calendar that was set back changes nothing.
    pub(crate) fn since(self, earlier: Now) -> Duration {
        let calendar = self.system.duration_since(earlier.system).unwrap_or_default();
        self.instant.saturating_duration_since(earlier.instant).max(calendar)
    }
}

/// An [`Instant`] that goes on while the machine sleeps. The standard library's stops on these systems.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "macos", target_os = "ios"))]
fn since_boot() -> Instant {
    use nix::time::{ClockId, clock_gettime};

    #[cfg(any(target_os = "linux", target_os = "android"))]
    const CLOCK: ClockId = ClockId::CLOCK_BOOTTIME;
    #[cfg(any(target_os = "macos", target_os = "ios"))]
    const CLOCK: ClockId = ClockId::CLOCK_MONOTONIC;
    static START: OnceLock<(Instant, Duration)> = OnceLock::new();

    let Ok(now) = clock_gettime(CLOCK).map(Duration::from) else { return Instant::now() };
    let (start, then) = *START.get_or_init(|| (Instant::now(), now));
    // Two threads may begin at once.
    start + now.saturating_sub(then)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "macos", target_os = "ios")))]
fn since_boot() -> Instant {
    Instant::now()
}

/// A time span as a caller gives it: a [`Duration`], or seconds that may turn out to make no sense.
#[derive(Clone, Copy, Debug)]
pub struct Seconds(f64);

impl Seconds {
    /// The longest span that may be asked for: a day. Longer is a mistake in units.
    pub(crate) const MAX: f64 = 86_400.0;

    /// Whether it is no time at all.
    pub(crate) fn is_zero(self) -> bool {
        self.0 == 0.0
    }

    /// The span, if it is one that can be waited for. The error completes a sentence about the setting.
    pub(crate) fn check(self) -> Result<Duration, String> {
        if self.0 > 0.0 && self.0 <= Seconds::MAX {
            return Ok(Duration::from_secs_f64(self.0));
        }
        let (asked, most) = (Span(self.0), Span(Seconds::MAX));
        Err(format!("is {asked}; more than 0 and at most {most} are accepted"))
    }

    /// The span, if it is within these, both included.
    pub(crate) fn check_within(self, least: f64, most: f64) -> Result<Duration, String> {
        if (least..=most).contains(&self.0) {
            return Ok(Duration::from_secs_f64(self.0));
        }
        let (asked, least, most) = (Span(self.0), Span(least), Span(most));
        Err(format!("is {asked}; {least} to {most} are accepted"))
    }
}

impl From<Duration> for Seconds {
    fn from(duration: Duration) -> Seconds {
        Seconds(duration.as_secs_f64())
    }
}

impl From<f64> for Seconds {
    fn from(seconds: f64) -> Seconds {
        Seconds(seconds)
    }
}

/// Whether a token can live this long. One that claims to live longer is an answer gone wrong.
pub(crate) fn is_credible_life(life: Duration) -> bool {
    const MAX_LIFE: Duration = Duration::from_secs(366 * 24 * 3600);
    !life.is_zero() && life <= MAX_LIFE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_passes_by_the_clock_that_went_further_and_never_back() {
        let (start, hour) = (Now::read(), Duration::from_secs(3600));
        let second = Duration::from_secs(1);
        let awake = Now { instant: start.instant + second, system: start.system + second };
        assert_eq!(awake.since(start), second);
        assert_eq!(Now { system: start.system + hour, ..awake }.since(start), hour);
        assert_eq!(Now { instant: start.instant + hour, ..awake }.since(start), hour);
        assert_eq!(Now { system: start.system - hour, ..awake }.since(start), second);
        assert_eq!(start.since(awake), Duration::ZERO);
    }

    #[test]
    fn readings_go_on_as_the_clock_does() {
        let (earlier, began) = (Now::read(), Instant::now());
        while began.elapsed() < Duration::from_millis(20) {}
        assert!(Now::read().instant - earlier.instant >= Duration::from_millis(20));
    }

    #[test]
    fn lives_of_nothing_or_of_years_are_not_believed() {
        assert!(is_credible_life(Duration::from_secs(1)));
        assert!(!is_credible_life(Duration::ZERO));
        assert!(!is_credible_life(Duration::from_secs(400 * 24 * 3600)));
    }
}
