//! The rules of a call, each driven by hand with a clock that only moves when told.

use std::time::Duration;

use http::header::{HeaderMap, HeaderName};

use super::*;
use crate::config::Config;
use crate::http::{Failure, FailureKind, HttpResponse};
use crate::operation::Operation;
use crate::operation::{PageRequest, Request, UserId};

const KEY: &str = "planted-primary-key";

fn context() -> Arc<Context> {
    let config = Config::builder().tenant_id("t-1").api_key(KEY);
    Context::new(config.timeout(30.0).deadline(60.0).max_retries(0).build_with(|_| None).unwrap())
}

pub(super) fn users() -> Operation {
    Operation::GetUsers(PageRequest::new(2, 20).unwrap())
}

pub(super) fn user(id: &str) -> Operation {
    Operation::GetUser(UserId::new(id).unwrap())
}

pub(super) fn sent(call: &mut Call, now: Now) -> HttpRequest {
    match call.step(now) {
        Step::Send(request) => *request,
        other => panic!("{other:?}"),
    }
}

pub(super) fn done(call: &mut Call, now: Now) -> Result<Reply> {
    match call.step(now) {
        Step::Done(result) => result,
        other => panic!("{other:?}"),
    }
}

pub(super) fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> HttpResponse {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
    }
    HttpResponse { status, headers: map, body: body.as_bytes().to_vec() }
}

/// Runs one operation against one answer.
fn outcome(operation: Operation, outcome: Result<HttpResponse, Failure>) -> Result<Reply> {
    let now = Now::read();
    let mut call = Call::new(operation, &context(), now);
    sent(&mut call, now);
    call.received(outcome, now);
    done(&mut call, now)
}

#[test]
fn a_call_sends_the_documented_request_with_the_primary_key() {
    let now = Now::read();
    let request = sent(&mut Call::new(users(), &context(), now), now);
    assert_eq!(request.method, "GET");
    assert_eq!(request.target, "/tenant/t-1/api/v2.0/Users?pageNumber=2&pageSize=20");
    assert_eq!(request.headers["x-api-key"], KEY);
    assert!(request.headers["x-api-key"].is_sensitive());
    assert!(request.headers["user-agent"].to_str().unwrap().starts_with("agglestone/"));
    assert!(request.body.is_none());
}

#[test]
fn the_exchange_posts_the_user_id_as_json() {
    let now = Now::read();
    let request = sent(&mut Call::exchange(&UserId::new("u\"1").unwrap(), &context(), now), now);
    assert_eq!(request.method, "POST");
    assert!(request.target.as_str().ends_with("/tenant/t-1/v2.0/Auth/token-exchange"));
    assert_eq!(request.body.unwrap(), r#"{"userId":"u\"1"}"#);
    assert_eq!(request.headers["content-type"], "application/json");
}

#[test]
fn an_id_reaches_its_own_route_only() {
    let now = Now::read();
    let request = sent(&mut Call::new(user("a/b c?d#e%f"), &context(), now), now);
    assert!(request.target.as_str().ends_with("/Users/a%2Fb%20c%3Fd%23e%25f"), "{}", request.target);
}

#[test]
fn every_failure_has_its_code() {
    for (kind, code) in [
        (FailureKind::NotConnected, Code::Connect),
        (FailureKind::NotListening, Code::Connect),
        (FailureKind::NoFiles, Code::Connect),
        (FailureKind::Refused, Code::Connect),
        (FailureKind::Lost, Code::Connect),
        (FailureKind::Tls, Code::Tls),
        (FailureKind::TimedOut, Code::Timeout),
        (FailureKind::TooLarge, Code::TooLarge),
        (FailureKind::Unreadable, Code::InvalidResponse),
    ] {
        let error = outcome(users(), Err(Failure::testing(kind, true))).unwrap_err();
        assert_eq!(error.code(), code);
        assert!(error.message().starts_with("GET users: "), "{error}");
        let names_the_address = error.message().contains("https://auth.agglestone.com");
        assert_eq!(
            names_the_address,
            !matches!(code, Code::Timeout | Code::TooLarge | Code::InvalidResponse)
                && !matches!(kind, FailureKind::Refused | FailureKind::Lost),
            "{error}"
        );
        assert_eq!(error.attempts(), 1);
    }
}

#[test]
fn a_refusal_carries_what_the_service_said() {
    let headers = [("x-request-id", "req-7"), ("retry-after", "3")];
    let error =
        outcome(user("secret-id"), Ok(answer(429, &headers, r#"{"detail":"Slow down."}"#))).unwrap_err();
    assert_eq!((error.code(), error.status()), (Code::RateLimited, Some(429)));
    assert_eq!(error.message(), "GET users/{userId}: the service returned 429: Slow down. Try again in 3 s");
    assert_eq!(error.service_message(), Some("Slow down."));
    assert_eq!(error.request_id(), Some("req-7"));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3)));
    assert!(error.retryable());
}

#[test]
fn an_echoed_key_is_in_no_part_of_the_error() {
    let body = format!(r#"{{"detail":"bad key {KEY}"}}"#);
    let headers = [("x-request-id", KEY)];
    let error = outcome(users(), Ok(answer(401, &headers, &body))).unwrap_err();
    assert_eq!(error.code(), Code::Unauthorized);
    assert!(!format!("{error} {error:?}").contains("planted"), "{error:?}");
    assert!(error.message().contains("fingerprint"), "{error}");
}

#[test]
fn redirects_are_refused_and_never_followed() {
    for status in [300, 301, 302, 303, 304, 307, 308] {
        let headers = [("location", "https://evil.example/")];
        let error = outcome(users(), Ok(answer(status, &headers, ""))).unwrap_err();
        assert_eq!(error.code(), Code::UnexpectedRedirect, "{status}");
    }
}

#[test]
fn an_attempt_never_outlives_the_deadline() {
    let start = Now::read();
    let later = |seconds| Now { instant: start.instant + Duration::from_secs(seconds), ..start };
    let mut call = Call::new(users(), &context(), start);
    assert_eq!(sent(&mut call, later(50)).timeout, Duration::from_secs(10));
    let error = done(&mut Call::new(users(), &context(), start), later(60)).unwrap_err();
    assert_eq!(error.code(), Code::Timeout);
}

#[test]
fn a_callers_headers_are_sent_beside_the_clients_own() {
    let now = Now::read();
    let request = Request::new("GET", "api/Groups").unwrap().header("Accept", "text/csv").unwrap();
    let request = sent(&mut Call::new(Operation::Request(request), &context(), now), now);
    assert_eq!(request.headers["accept"], "text/csv");
    assert_eq!(request.headers["x-api-key"], KEY);
}

#[test]
fn a_url_that_no_server_takes_is_refused_before_it_is_sent() {
    let asked = |bytes: usize| {
        let request = Request::new("GET", "a").unwrap().query("q", "x".repeat(bytes));
        let now = Now::read();
        Call::new(Operation::Request(request), &context(), now).step(now)
    };
    // "/tenant/t-1/a?q=" stands before it.
    assert!(matches!(asked(32 * 1024 - 16), Step::Send(_)));
    let Step::Done(Err(error)) = asked(32 * 1024 - 15) else { panic!("it is sent") };
    assert_eq!((error.argument_name(), error.attempts()), (Some("query"), 0));
}

#[test]
#[should_panic(expected = "a driver asked")]
fn a_driver_that_forgets_the_outcome_is_a_bug() {
    let now = Now::read();
    let mut call = Call::new(users(), &context(), now);
    sent(&mut call, now);
    let _ = call.step(now);
}
