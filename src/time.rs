//! Time as the core sees it: readings that a driver hands in, spans that a caller asks for, lives that can be true.

use std::time::{Duration, Instant, SystemTime};

use crate::spelling::Span;

/// The time, as a driver reads it: a monotonic reading for spans, the calendar for dates in headers.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// For spans of time.
    pub instant: Instant,
    /// For comparing with dates that the service sends.
    pub system: SystemTime,
}

impl Now {
    /// The real time.
    pub fn read() -> Now {
        Now { instant: Instant::now(), system: SystemTime::now() }
    }
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
    fn lives_of_nothing_or_of_years_are_not_believed() {
        assert!(is_credible_life(Duration::from_secs(1)));
        assert!(!is_credible_life(Duration::ZERO));
        assert!(!is_credible_life(Duration::from_secs(400 * 24 * 3600)));
    }
}
