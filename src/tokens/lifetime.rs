//! How long a token may be used, by the service's own clock, so that a wrong clock here does not matter.

use std::time::Duration;

use crate::secret::Token;
use crate::time::Now;

/// When a token is renewed and when it is no longer given out. Time counts during which the machine slept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lifetime {
    since: Now,
    renew_after: Duration,
    ends_after: Duration,
}

impl Lifetime {
    /// The lifetime of a token that is as old at `now` as it says. `jitter` is 0 to 1 and spreads renewals, so that tokens fetched together
    /// are not renewed together. `None` when the token does not say how long it lives, or no time of it is left.
    pub fn of(token: &Token, now: Now, jitter: f64) -> Option<Lifetime> {
        let life = token.life()?;
        // Half at most: a short-lived token would otherwise be renewed by every call.
        let margin = (life / 5).max(Duration::from_secs(60)).min(life / 2);
        let margin = margin.mul_f64(0.9 + 0.2 * jitter);
        let from_now = |age: Duration| age.saturating_sub(token.age());
        let (renew_after, ends_after) =
            (from_now(life - margin.min(life)), from_now(life - Lifetime::stop(life)));
        Some(Lifetime { since: now, renew_after, ends_after })
    }

    /// How long before its end a token is no longer given out.
    pub fn stop(life: Duration) -> Duration {
        if life < Duration::from_secs(200) { life / 20 } else { Duration::from_secs(10) }
    }

    /// How far it is.
    pub fn phase(&self, now: Now) -> Phase {
        match now.since(self.since) {
            age if age >= self.ends_after => Phase::Over,
            age if age >= self.renew_after => Phase::Renewal,
            _ => Phase::Use,
        }
    }
}

/// What may be done with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It is given out.
    Use,
    /// It still is, and renewed in the background.
    Renewal,
    /// It is not given out any more.
    Over,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lifetime(seconds: u64, jitter: f64) -> (u64, u64) {
        let now = Now::read();
        let token = Token::testing("t", Duration::from_secs(seconds));
        let lifetime = Lifetime::of(&token, now, jitter).unwrap();
        (lifetime.renew_after.as_secs(), lifetime.ends_after.as_secs())
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
