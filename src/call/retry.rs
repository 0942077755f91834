//! Whether a call that failed is worth another attempt, and after how long.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use crate::http::{Failure, FailureKind};
use crate::operation::Endpoint;

/// The first wait is up to this long, and each further one up to twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(100);
/// After a rate limit there is no hurry.
const FIRST_WAIT_LIMITED: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(8);
/// A service that asks for more is not waited for: the caller learns of it at once.
const LONGEST_ASKED_WAIT: Duration = Duration::from_secs(60);

/// Why an attempt failed, as far as it matters here.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cause<'a> {
    Status { status: u16, retry_after: Option<Duration> },
    Failure(&'a Failure),
}

/// The retries of one call. A failover to another key is none of them.
#[derive(Debug)]
pub(super) struct Retries {
    made: u32,
    most: u32,
}

impl Retries {
    pub fn new(most: u32) -> Retries {
        Retries { made: 0, most }
    }

    /// Whether there was one.
    pub fn were_made(&self) -> bool {
        self.made > 0
    }

    /// How long to wait before the next attempt; `None` to give up. `random` is 0 to 1.
    pub fn next(
        &mut self,
        endpoint: &Endpoint,
        cause: Cause<'_>,
        time_left: Duration,
        budget: &RetryBudget,
        random: f64,
    ) -> Option<Duration> {
        if self.made >= self.most || !is_worth_it(endpoint, cause) {
            return None;
        }
        let asked = match cause {
            Cause::Status { retry_after, .. } => retry_after,
            Cause::Failure(_) => None,
        };
        let wait = match (asked, cause) {
            (Some(asked), _) if asked > LONGEST_ASKED_WAIT => return None,
            (Some(asked), _) => asked,
            // As a rule a connection that died while idle; the next one is new.
            (None, Cause::Failure(Failure { kind: FailureKind::Lost, .. })) if self.made == 0 => {
                Duration::ZERO
            }
            (None, Cause::Status { status: 429, .. }) => self.backoff(FIRST_WAIT_LIMITED, random),
            _ => self.backoff(FIRST_WAIT, random),
        };
        // Waiting to the end of the deadline would only delay the error.
        if wait >= time_left || !budget.take() {
            return None;
        }
        self.made += 1;
        Some(wait)
    }

    /// Full jitter: anything up to the limit, so that callers that failed together don't come back together.
    fn backoff(&self, first: Duration, random: f64) -> Duration {
        (first * 2_u32.saturating_pow(self.made)).min(LONGEST_WAIT).mul_f64(random)
    }
}

/// Whether another attempt can help, and can't duplicate an action.
fn is_worth_it(endpoint: &Endpoint, cause: Cause<'_>) -> bool {
    match cause {
        // Certificates and passwords don't change in seconds, and wrong passwords get accounts locked.
        Cause::Failure(Failure { kind: FailureKind::Tls | FailureKind::ProxyDenied, .. }) => false,
        // It had all the time there was.
        Cause::Failure(Failure { kind: FailureKind::Busy, .. }) => false,
        Cause::Failure(failure) if !failure.sent => true,
        Cause::Failure(failure) => failure.kind == FailureKind::Lost && endpoint.is_repeatable(),
        Cause::Status { status: 429, .. } => true,
        Cause::Status { status: 503, retry_after: Some(_) } => true,
        Cause::Status { status, .. } => matches!(status, 408 | 500 | 502..=504) && endpoint.is_repeatable(),
    }
}

/// Stops a storm: when most calls of a client fail, retries would only multiply the load. A retry costs one, a success
/// gives a tenth back.
#[derive(Debug)]
pub struct RetryBudget(AtomicU32);

impl RetryBudget {
    const RETRY: u32 = 10;
    const FULL: u32 = 10 * RetryBudget::RETRY;

    pub(crate) fn new() -> RetryBudget {
        RetryBudget(AtomicU32::new(RetryBudget::FULL))
    }

    fn take(&self) -> bool {
        self.0.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(RetryBudget::RETRY)).is_ok()
    }

    pub(super) fn success(&self) {
        let _ = self.0.fetch_update(Relaxed, Relaxed, |left| (left < RetryBudget::FULL).then_some(left + 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::{Flow, Operation, PageRequest, Request, UserId};

    const LONG: Duration = Duration::from_secs(1000);

    fn request(method: &str) -> Endpoint {
        endpoint(Operation::Request(Request::new(method, "a").unwrap()))
    }

    fn endpoint(operation: Operation) -> Endpoint {
        match operation.into_flow("users") {
            Flow::ByKey(endpoint) | Flow::ByEachKey(endpoint) | Flow::ByUser(_, endpoint) => endpoint,
            Flow::Token { user_id, .. } => Endpoint::exchange(&user_id),
            Flow::Verify { .. } => unreachable!("it has no endpoint"),
        }
    }

    fn status(status: u16) -> Cause<'static> {
        Cause::Status { status, retry_after: None }
    }

    fn asked(status: u16, seconds: u64) -> Cause<'static> {
        Cause::Status { status, retry_after: Some(Duration::from_secs(seconds)) }
    }

    fn retried(endpoint: &Endpoint, cause: Cause<'_>) -> bool {
        Retries::new(2).next(endpoint, cause, LONG, &RetryBudget::new(), 0.5).is_some()
    }

    /// Every cause, and whether it is worth another attempt: for a method that may be repeated, and for one that may not.
    const CAUSES: &[(&[u16], Option<u64>, bool, bool)] = &[
        (&[408, 500, 502, 503, 504], None, true, false),
        (&[429], None, true, true),
        // The service says that it did nothing, and when it will.
        (&[429, 503], Some(1), true, true),
        (&[408, 500, 502, 504], Some(1), true, false),
    ];
    const FAILURES: &[(FailureKind, bool, bool, bool)] = &[
        (FailureKind::NotConnected, false, true, true),
        (FailureKind::NotListening, false, true, true),
        (FailureKind::NoFiles, false, true, true),
        (FailureKind::TimedOut, false, true, true),
        (FailureKind::Refused, false, true, true),
        (FailureKind::Lost, false, true, true),
        (FailureKind::Lost, true, true, false),
        (FailureKind::TimedOut, true, false, false),
        (FailureKind::TooLarge, true, false, false),
        (FailureKind::Unreadable, true, false, false),
        (FailureKind::Tls, false, false, false),
        (FailureKind::ProxyDenied, false, false, false),
    ];

    /// Every operation that is sent in some way, and whether doing it twice is as good as once.
    fn operations() -> Vec<(Endpoint, bool)> {
        let user = UserId::new("u").unwrap();
        let requests = [("GET", true), ("HEAD", true), ("PUT", true), ("DELETE", true), ("POST", false)];
        let requests = requests.into_iter().chain([("PATCH", false)]);
        let requests = requests.map(|(method, repeatable)| (request(method), repeatable));
        let as_user = |method| {
            let request = Operation::Request(Request::new(method, "a").unwrap());
            request.as_user(user.clone()).unwrap()
        };
        let own = [
            (Operation::GetUsers(PageRequest::default()), true),
            (Operation::ExchangeApiKeyForToken(user.clone()), true),
            (as_user("POST"), false),
            (as_user("PUT"), true),
        ];
        requests.chain(own.map(|(operation, repeatable)| (endpoint(operation), repeatable))).collect()
    }

    #[test]
    fn what_can_do_nothing_twice_is_tried_again_and_nothing_else() {
        for (operation, repeatable) in operations() {
            for code in 300..600 {
                for retry_after in [None, Some(1)] {
                    let worth = CAUSES
                        .iter()
                        .find(|(codes, asked, ..)| codes.contains(&code) && *asked == retry_after);
                    let worth =
                        worth.is_some_and(|(.., safe, unsafe_)| if repeatable { *safe } else { *unsafe_ });
                    let cause = retry_after.map_or(status(code), |seconds| asked(code, seconds));
                    assert_eq!(retried(&operation, cause), worth, "{operation:?} {code} {retry_after:?}");
                }
            }
            for (kind, sent, safe, unsafe_) in FAILURES {
                let worth = if repeatable { *safe } else { *unsafe_ };
                let failure = Failure::testing(*kind, *sent);
                assert_eq!(retried(&operation, Cause::Failure(&failure)), worth, "{operation:?} {failure:?}");
            }
        }
    }

    #[test]
    fn waits_double_with_full_jitter_up_to_a_limit() {
        let operation = endpoint(Operation::GetUsers(PageRequest::default()));
        let waits = |cause: Cause<'_>, random: f64| -> Vec<u128> {
            let (mut retries, budget) = (Retries::new(9), RetryBudget::new());
            std::iter::from_fn(|| retries.next(&operation, cause, LONG, &budget, random))
                .map(|wait| wait.as_millis())
                .collect()
        };
        assert_eq!(waits(status(500), 1.0), [100, 200, 400, 800, 1600, 3200, 6400, 8000, 8000]);
        assert_eq!(waits(status(500), 0.0), [0; 9]);
        assert_eq!(waits(status(500), 0.5)[..3], [50, 100, 200]);
        assert_eq!(waits(status(429), 1.0)[..4], [1000, 2000, 4000, 8000]);
    }

    #[test]
    fn a_lost_connection_is_retried_at_once_and_then_with_patience() {
        let operation = request("GET");
        let lost = Failure::testing(FailureKind::Lost, true);
        let (mut retries, budget) = (Retries::new(2), RetryBudget::new());
        let mut next = || retries.next(&operation, Cause::Failure(&lost), LONG, &budget, 1.0);
        assert_eq!(next(), Some(Duration::ZERO));
        assert_eq!(next(), Some(Duration::from_millis(200)));
        assert_eq!(next(), None);
    }

    #[test]
    fn who_can_not_be_reached_or_refuses_is_given_time() {
        for kind in [FailureKind::NotConnected, FailureKind::TimedOut, FailureKind::Refused] {
            let failure = Failure::testing(kind, false);
            let (mut retries, budget) = (Retries::new(2), RetryBudget::new());
            let wait = retries.next(&request("POST"), Cause::Failure(&failure), LONG, &budget, 1.0);
            assert_eq!(wait, Some(Duration::from_millis(100)), "{kind:?}");
        }
    }

    #[test]
    fn a_wait_that_would_pass_the_deadline_is_not_begun_and_costs_no_budget() {
        let (operation, budget) = (request("GET"), RetryBudget::new());
        let next = |left| {
            let left = Duration::from_millis(left);
            Retries::new(2).next(&operation, status(500), left, &budget, 1.0)
        };
        for _ in 0..20 {
            assert_eq!(next(100), None);
        }
        assert_eq!(next(101), Some(Duration::from_millis(100)));
    }

    #[test]
    fn the_service_decides_the_wait_within_a_minute_and_the_deadline() {
        let operation = request("GET");
        let next = |seconds, left| {
            let left = Duration::from_secs(left);
            Retries::new(2).next(&operation, asked(503, seconds), left, &RetryBudget::new(), 0.5)
        };
        assert_eq!(next(7, 60), Some(Duration::from_secs(7)));
        assert_eq!(next(0, 60), Some(Duration::ZERO));
        assert_eq!(next(60, 100), Some(Duration::from_secs(60)));
        assert_eq!(next(61, 100), None);
        assert_eq!(next(u64::MAX, 1_000_000), None);
        assert_eq!(next(30, 30), None);
    }

    #[test]
    fn the_budget_stops_a_storm_and_comes_back_with_successes() {
        let operation = request("GET");
        let budget = RetryBudget::new();
        let retry = || Retries::new(2).next(&operation, status(500), LONG, &budget, 0.5).is_some();
        assert_eq!((0..100).filter(|_| retry()).count(), 10);
        (0..9).for_each(|_| budget.success());
        assert!(!retry());
        budget.success();
        assert!(retry() && !retry());
    }
}
