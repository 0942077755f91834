//! How long a token may be used, by the service's own clock, so that a wrong clock here does not matter.

use std::time::{Duration, Instant};

use crate::secret::Token;

/// When a token is renewed and when it is no longer given out, on the monotonic clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lifetime {
    /// From here on a renewal runs in the background.
    pub renew_at: Instant,
    /// From here on the token is not given out any more.
    pub ends_at: Instant,
}

impl Lifetime {
    /// The lifetime of a token received at `now`. `jitter` is 0 to 1 and spreads renewals, so that tokens fetched together
    /// are not renewed together. `None` when the token does not say how long it lives, or no time of it is left.
    pub fn of(token: &Token, now: Instant, jitter: f64) -> Option<Lifetime> {
        let life = token.life()?;
        let stop = if life < Duration::from_secs(200) { life / 20 } else { Duration::from_secs(10) };
        // Half at most: a short-lived token would otherwise be renewed by every call.
        let margin = (life / 5).max(Duration::from_secs(60)).min(life / 2);
        let margin = margin.mul_f64(0.9 + 0.2 * jitter);
        Some(Lifetime { renew_at: now + (life - margin.min(life)), ends_at: now + (life - stop) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lifetime(seconds: u64, jitter: f64) -> (u64, u64) {
        let now = Instant::now();
        let token = Token::testing("t", Duration::from_secs(seconds));
        let lifetime = Lifetime::of(&token, now, jitter).unwrap();
        ((lifetime.renew_at - now).as_secs(), (lifetime.ends_at - now).as_secs())
    }

    #[test]
    fn renewal_begins_a_fifth_or_a_minute_before_the_end_and_use_stops_ten_seconds_before() {
        assert_eq!(lifetime(900, 0.5), (720, 890));
        assert_eq!(lifetime(250, 0.5), (190, 240));
    }

    #[test]
    fn short_lives_are_renewed_at_half_and_used_to_nineteen_twentieths() {
        assert_eq!(lifetime(100, 0.5), (50, 95));
        assert_eq!(lifetime(20, 0.5), (10, 19));
    }

    #[test]
    fn renewals_are_spread_by_a_tenth_of_the_margin_each_way() {
        assert_eq!(lifetime(900, 0.0).0, 738);
        assert_eq!(lifetime(900, 1.0).0, 702);
    }
}
