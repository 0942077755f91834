//! Retries, waits and the deadline of whole calls, each driven by hand with a clock that only moves when told.

use super::tests::{answer, done, sent, users};
use super::*;
use crate::config::Config;
use crate::http::{Failure, FailureKind};
use crate::operation::Operation;
use crate::operation::Request;

/// A context with two retries, whose jitter always says the longest wait.
fn context() -> Arc<Context> {
    let config = Config::builder().tenant_id("t").api_key("k").timeout(30.0).deadline(60.0);
    Context::with_random(config.build_with(|_| None).unwrap(), || 1.0)
}

fn at(start: Now, seconds: u64) -> Now {
    Now { instant: start.instant + Duration::from_secs(seconds), ..start }
}

fn waits(call: &mut Call, now: Now) -> Duration {
    match call.step(now) {
        Step::Wait(time) => time,
        other => panic!("{other:?}"),
    }
}

fn reply(call: &mut Call, status: u16, now: Now) {
    call.received(Ok(answer(status, &[], r#"{"data":[]}"#)), now);
}

fn post() -> Operation {
    Operation::Request(Request::new("POST", "a").unwrap())
}

#[test]
fn a_passing_trouble_is_waited_out_and_the_reply_counts_the_attempts() {
    let now = Now::read();
    let mut call = Call::new(users(), &context(), now);
    for wait in [100, 200] {
        sent(&mut call, now);
        reply(&mut call, 503, now);
        assert_eq!(waits(&mut call, now), Duration::from_millis(wait));
    }
    sent(&mut call, now);
    reply(&mut call, 200, now);
    assert_eq!(done(&mut call, now).unwrap().attempts(), 3);
}

#[test]
fn after_the_last_retry_the_error_says_how_many_attempts_were_made() {
    let now = Now::read();
    let mut call = Call::new(users(), &context(), now);
    for _ in 0..2 {
        sent(&mut call, now);
        reply(&mut call, 500, now);
        waits(&mut call, now);
    }
    sent(&mut call, now);
    reply(&mut call, 500, now);
    let error = done(&mut call, now).unwrap_err();
    assert_eq!((error.code(), error.attempts()), (Code::Server, 3));
    assert!(error.message().ends_with("(after 3 attempts)"), "{error}");
}

#[test]
fn a_post_is_never_sent_twice_when_the_service_may_have_acted() {
    let now = Now::read();
    for outcome in [
        Ok(answer(500, &[], "")),
        Ok(answer(503, &[], "")),
        Err(Failure::testing(FailureKind::Lost, true)),
        Err(Failure::testing(FailureKind::TimedOut, true)),
    ] {
        let mut call = Call::new(post(), &context(), now);
        sent(&mut call, now);
        call.received(outcome, now);
        assert_eq!(done(&mut call, now).unwrap_err().attempts(), 1);
    }
    let mut call = Call::new(post(), &context(), now);
    sent(&mut call, now);
    call.received(Err(Failure::testing(FailureKind::NotConnected, false)), now);
    waits(&mut call, now);
    sent(&mut call, now);
}

#[test]
fn one_deadline_covers_all_attempts_and_waits() {
    let start = Now::read();
    let mut call = Call::new(users(), &context(), start);
    sent(&mut call, start);
    call.received(Ok(answer(503, &[("retry-after", "40")], "")), at(start, 5));
    assert_eq!(waits(&mut call, at(start, 5)), Duration::from_secs(40));
    assert_eq!(sent(&mut call, at(start, 45)).timeout, Duration::from_secs(15));
    // Another 40 s would end behind the deadline, so the error comes now and carries the service's wish.
    call.received(Ok(answer(503, &[("retry-after", "40")], "")), at(start, 46));
    let error = done(&mut call, at(start, 46)).unwrap_err();
    assert_eq!((error.code(), error.retry_after()), (Code::Server, Some(Duration::from_secs(40))));
}

#[test]
fn what_the_service_asks_for_is_waited_for_or_told() {
    let now = Now::read();
    let outcome = |retry_after: &str| {
        let mut call = Call::new(post(), &context(), now);
        sent(&mut call, now);
        call.received(Ok(answer(429, &[("retry-after", retry_after)], "")), now);
        call.step(now)
    };
    let date = httpdate::fmt_http_date(now.system + Duration::from_secs(9));
    for (retry_after, shortest, longest) in [
        ("0", 0, 0),
        ("59", 59, 59),
        (date.as_str(), 8, 9),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0, 0),
        // What makes no sense is as if absent.
        ("-5", 1, 1),
        ("soon", 1, 1),
    ] {
        let wait = match outcome(retry_after) {
            Step::Wait(wait) => wait,
            Step::Send(_) => Duration::ZERO,
            other => panic!("{retry_after}: {other:?}"),
        };
        let within = Duration::from_secs(shortest)..=Duration::from_secs(longest);
        assert!(within.contains(&wait), "{retry_after}: {wait:?}");
    }
    for (retry_after, told) in [("61", 61), ("99999999999999999999", u64::from(u32::MAX)), ("60", 60)] {
        let Step::Done(Err(error)) = outcome(retry_after) else { panic!("{retry_after} was waited for") };
        assert_eq!((error.code(), error.attempts()), (Code::RateLimited, 1));
        assert_eq!(error.retry_after(), Some(Duration::from_secs(told)));
    }
}

#[test]
fn the_budget_of_a_client_stops_a_storm_and_successes_refill_it() {
    let (now, context) = (Now::read(), context());
    let attempts = |status: u16| {
        let mut call = Call::new(users(), &context, now);
        loop {
            match call.step(now) {
                Step::Send(_) => reply(&mut call, status, now),
                Step::Wait(_) => {}
                Step::Done(Ok(reply)) => break reply.attempts(),
                Step::Done(Err(error)) => break error.attempts(),
                other => panic!("{other:?}"),
            }
        }
    };
    let storm: Vec<u32> = (0..50).map(|_| attempts(503)).collect();
    assert_eq!(storm[..6], [3, 3, 3, 3, 3, 1]);
    assert!(storm[5..].iter().all(|attempts| *attempts == 1), "{storm:?}");
    (0..19).for_each(|_| assert_eq!(attempts(200), 1));
    assert_eq!([attempts(503), attempts(503)], [2, 1]);
}

#[test]
fn options_of_a_call_replace_the_clients() {
    let now = Now::read();
    let options = CallOptions::new().max_retries(0).unwrap().timeout(2.0).unwrap().deadline(1.0).unwrap();
    let mut call = Call::new(users().with(options), &context(), now);
    assert_eq!(sent(&mut call, now).timeout, Duration::from_secs(1));
    reply(&mut call, 500, now);
    assert_eq!(done(&mut call, now).unwrap_err().attempts(), 1);
    for options in [
        CallOptions::new().max_retries(-1),
        CallOptions::new().max_retries(11),
        CallOptions::new().connect_timeout(0.0),
        CallOptions::new().timeout(f64::NAN),
        CallOptions::new().deadline(0.0),
    ] {
        assert_eq!(options.unwrap_err().code(), Code::InvalidArgument);
    }
}

#[test]
fn a_connect_timeout_of_its_own_goes_with_every_attempt_and_never_beyond_the_time_left() {
    let start = Now::read();
    let with = |seconds: f64| users().with(CallOptions::new().connect_timeout(seconds).unwrap());
    let mut call = Call::new(with(2.0), &context(), start);
    for now in [start, at(start, 59)] {
        let request = sent(&mut call, now);
        assert_eq!(request.connect_timeout, Some(Duration::from_secs(2)));
        // Of the attempt, of which connecting is a part.
        assert!(request.timeout <= Duration::from_secs(60) - now.instant.duration_since(start.instant));
        call.received(Err(Failure::testing(FailureKind::TimedOut, false)), now);
        waits(&mut call, now);
    }
    // The client's own has the client's own connections.
    for invocation in [users().into(), with(5.0)] {
        assert_eq!(sent(&mut Call::new(invocation, &context(), start), start).connect_timeout, None);
    }
}

#[test]
fn options_fill_what_the_others_leave_open() {
    let options = CallOptions::new().timeout(1.0).unwrap().max_retries(0).unwrap();
    let options = options.or(CallOptions::new().timeout(2.0).unwrap().deadline(3.0).unwrap());
    let seconds = |time: Option<Duration>| time.map(|time| time.as_secs());
    assert_eq!((seconds(options.timeout), seconds(options.deadline)), (Some(1), Some(3)));
    assert_eq!((options.max_retries, options.connect_timeout), (Some(0), None));
}

#[test]
fn retries_and_failover_do_not_count_against_each_other() {
    let now = Now::read();
    let config = Config::builder().tenant_id("t").api_key("p").secondary_api_key("s").max_retries(1);
    let context = Context::with_random(config.build_with(|_| None).unwrap(), || 1.0);
    let mut call = Call::new(users(), &context, now);
    sent(&mut call, now);
    reply(&mut call, 500, now);
    waits(&mut call, now);
    sent(&mut call, now);
    reply(&mut call, 401, now);
    assert_eq!(sent(&mut call, now).headers["x-api-key"], "s");
    reply(&mut call, 200, now);
    assert_eq!(done(&mut call, now).unwrap().attempts(), 3);
}

#[test]
fn a_restart_is_waited_out_as_no_attempt_and_then_reported_as_any_failure() {
    let gone = || Err(Failure::testing(FailureKind::NotListening, false));
    let (start, context) = (Now::read(), context());
    // First contact: nobody ever answered, so these are retries.
    let mut call = Call::new(users(), &context, start);
    sent(&mut call, start);
    call.received(gone(), start);
    assert_eq!(waits(&mut call, start), Duration::from_millis(100));
    sent(&mut call, start);
    reply(&mut call, 200, start);
    assert_eq!(done(&mut call, start).unwrap().attempts(), 2);

    let mut call = Call::new(users(), &context, start);
    let mut now = start;
    for look in [20, 40, 80] {
        sent(&mut call, now);
        call.received(gone(), now);
        assert_eq!(waits(&mut call, now), Duration::from_millis(look));
        now.instant += Duration::from_millis(look);
    }
    sent(&mut call, now);
    reply(&mut call, 200, now);
    assert_eq!(done(&mut call, now).unwrap().attempts(), 1);

    // What must not be repeated has its retries, because nothing was sent, and nothing more.
    let mut call = Call::new(post(), &context, now);
    sent(&mut call, now);
    call.received(gone(), now);
    assert_eq!(waits(&mut call, now), Duration::from_millis(100));

    let mut call = Call::new(users(), &context, now);
    sent(&mut call, now);
    call.received(gone(), now);
    waits(&mut call, now);
    let later = at(now, 3);
    for wait in [100, 200] {
        sent(&mut call, later);
        call.received(gone(), later);
        assert_eq!(waits(&mut call, later), Duration::from_millis(wait));
    }
    sent(&mut call, later);
    call.received(gone(), later);
    assert_eq!(done(&mut call, later).unwrap_err().attempts(), 3);
}
