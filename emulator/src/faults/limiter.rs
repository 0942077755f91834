//! A rate limiter: so many requests in each window, and a refusal that says when the next one begins.

use std::time::{Duration, SystemTime};

use crate::problem::Problem;

/// What a limiter lets through.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RateLimit {
    pub(crate) requests: u32,
    pub(crate) window: Duration,
}

/// A limit and how much of it is used up. A window begins with the first request after the last one has ended.
pub(crate) struct Limiter {
    limit: RateLimit,
    begun: SystemTime,
    used: u32,
}

impl Limiter {
    pub(crate) fn new(limit: RateLimit) -> Self {
        Self { limit, begun: SystemTime::UNIX_EPOCH, used: 0 }
    }

    /// Counts a request, and says whether it is within the limit.
    pub(crate) fn lets_through(&mut self, now: SystemTime) -> bool {
        if self.left(now).is_zero() {
            (self.begun, self.used) = (now, 0);
        }
        let within = self.used < self.limit.requests;
        self.used += u32::from(within);
        within
    }

    /// How much of the window is left. None of it, too, if the system's clock was set back before its begin.
    fn left(&self, now: SystemTime) -> Duration {
        let elapsed = now.duration_since(self.begun).unwrap_or(Duration::MAX);
        self.limit.window.saturating_sub(elapsed)
    }

    /// How long a request over the limit has to wait: the same in whole seconds, rounded up, at least one.
    fn wait(&self, now: SystemTime) -> u64 {
        let left = self.left(now);
        (left.as_secs() + u64::from(left.subsec_nanos() > 0)).max(1)
    }

    /// What a request over the limit is answered.
    pub(crate) fn refusal(&self, now: SystemTime) -> Problem {
        let RateLimit { requests, window } = self.limit;
        let detail =
            format!("Rate limit exceeded: {requests} requests per {}.", humantime::format_duration(window));
        Problem::too_many_requests(detail, self.wait(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(1_000_000 + milliseconds)
    }

    #[test]
    fn a_window_lets_so_many_through_and_begins_with_the_first() {
        let limit = RateLimit { requests: 2, window: Duration::from_millis(2500) };
        let mut limiter = Limiter::new(limit);
        let through = [0, 100, 2499, 2500, 2501, 2502].map(|time| limiter.lets_through(at(time)));
        assert_eq!(through, [true, true, false, true, true, false]);
        // Set back to before the window: a new one.
        assert!(limiter.lets_through(at(0)));
    }

    #[test]
    fn the_wait_is_in_whole_seconds_rounded_up_and_never_none() {
        let mut limiter = Limiter::new(RateLimit { requests: 0, window: Duration::from_millis(2500) });
        assert!(!limiter.lets_through(at(0)));
        assert_eq!(
            [0, 499, 500, 501, 1500, 1501, 2499, 2500].map(|time| limiter.wait(at(time))),
            [3, 3, 2, 2, 1, 1, 1, 1]
        );
    }
}
