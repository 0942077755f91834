//! What is told of calls and their attempts, and that nothing is told unless it is wanted.

use std::sync::Mutex;

use super::tests::{answer, done, sent, user, users};
use super::*;
use crate::config::{Config, ConfigBuilder};
use crate::events::Event;
use crate::http::{Failure, FailureKind};
use crate::observation::TokenFrom;
use crate::operation::{Operation, Request};
use crate::trace_context::TraceContext;

fn told(build: impl FnOnce(ConfigBuilder) -> ConfigBuilder) -> (Arc<Context>, Arc<Mutex<Vec<String>>>) {
    let told: Arc<Mutex<Vec<String>>> = Arc::default();
    let tell = told.clone();
    let config = Config::builder().tenant_id("t").api_key("planted-key").request_log(true);
    let config = build(config).on_event(move |event: &Event| {
        let event = format!("{} {}: {event}", event.level().name(), event.name());
        tell.lock().unwrap().push(event);
    });
    (Context::with_random(config.build_with(|_| None).unwrap(), || 1.0), told)
}

fn at(start: Now, milliseconds: u64) -> Now {
    Now { instant: start.instant + Duration::from_millis(milliseconds), ..start }
}

#[test]
fn each_attempt_and_the_call_are_told_with_route_status_time_key_and_request_id() {
    let (context, told) = told(|config| config);
    let now = Now::read();
    let mut call = Call::new(user("planted-id"), &context, now);
    sent(&mut call, now);
    call.received(Ok(answer(503, &[("x-request-id", "abc")], "")), at(now, 20));
    assert!(matches!(call.step(at(now, 20)), Step::Wait(_)));
    sent(&mut call, at(now, 100));
    call.received(Ok(answer(200, &[], r#"{"userId":"planted-id"}"#)), at(now, 112));
    done(&mut call, at(now, 112)).unwrap();
    drop(call);
    let key = crate::secret::ApiKey::new("planted-key").unwrap().fingerprint();
    assert_eq!(
        *told.lock().unwrap(),
        [
            format!(
                "debug request: GET users/{{userId}}: 503 after 20.0 ms, attempt 1, primary {key}, request id abc"
            ),
            format!("debug request: GET users/{{userId}}: 200 after 12.0 ms, attempt 2, primary {key}"),
            "info call: GET users/{userId}: 200 after 112.0 ms, 2 attempts".to_owned(),
        ]
    );
}

#[test]
fn a_failure_is_told_by_its_code_and_a_path_by_its_template() {
    let (context, told) = told(|config| config.max_retries(0));
    let now = Now::read();
    let request = Request::new("PATCH", "api/Groups/planted/members").unwrap().query("q", "planted");
    let mut call = Call::new(Operation::Request(request), &context, now);
    sent(&mut call, now);
    call.received(Err(Failure::testing(FailureKind::TimedOut, true)), at(now, 5));
    done(&mut call, at(now, 5)).unwrap_err();
    let told = told.lock().unwrap();
    assert!(
        told[0].starts_with("debug request: PATCH api/Groups/{id}/members: TIMEOUT after 5.0 ms, attempt 1,")
    );
    assert_eq!(told[1], "info call: PATCH api/Groups/{id}/members: TIMEOUT after 5.0 ms, 1 attempt");
    assert!(!told.concat().contains("planted"));
}

#[test]
fn a_call_that_is_given_up_is_told_as_cancelled_and_one_that_is_closed_as_closed() {
    let (context, told) = told(|config| config);
    let now = Now::read();
    let mut call = Call::new(users(), &context, now);
    sent(&mut call, now);
    drop(call);
    let mut call = Call::new(users(), &context, now);
    sent(&mut call, now);
    call.closed();
    drop(call);
    let told = told.lock().unwrap();
    let outcomes: Vec<_> = told.iter().map(|told| told.split(' ').nth(4).unwrap()).collect();
    assert_eq!(outcomes, ["CANCELLED", "CANCELLED", "CLOSED", "CLOSED"], "{told:?}");
}

#[test]
fn a_look_at_a_service_that_restarts_is_no_attempt() {
    let (context, told) = told(|config| config);
    let now = Now::read();
    let mut call = Call::new(users(), &context, now);
    sent(&mut call, now);
    call.received(Ok(answer(200, &[], r#"{"data":[]}"#)), now);
    done(&mut call, now).unwrap();
    told.lock().unwrap().clear();
    let (mut call, observation) = observed(users(), &context, now);
    sent(&mut call, now);
    call.received(Err(Failure::testing(FailureKind::NotListening, false)), now);
    assert!(matches!(call.step(now), Step::Wait(_)));
    assert!(told.lock().unwrap().is_empty());
    sent(&mut call, now);
    call.received(Ok(answer(200, &[], r#"{"data":[]}"#)), now);
    done(&mut call, now).unwrap();
    let told = told.lock().unwrap();
    assert!(told[0].contains("attempt 1,") && told[1].ends_with("1 attempt"), "{told:?}");
    assert_eq!(observation.account().attempts.len(), 1);
}

#[test]
fn nothing_is_told_unless_it_is_wanted() {
    let (context, told) = told(|config| config.request_log(false));
    let now = Now::read();
    let mut call = Call::new(users(), &context, now);
    sent(&mut call, now);
    call.received(Ok(answer(200, &[], r#"{"data":[]}"#)), now);
    done(&mut call, now).unwrap();
    assert!(told.lock().unwrap().is_empty());
}

fn observed(operation: Operation, context: &Arc<Context>, now: Now) -> (Call, Observation) {
    let trace = TraceContext::of("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "a=b", "c=d");
    let observation = Observation::new(trace);
    let invocation = operation.with(CallOptions::new()).observed(observation.clone());
    (Call::new(invocation, context, now), observation)
}

#[test]
fn an_account_has_each_attempt_with_its_times_and_key_and_each_sends_the_trace() {
    let (context, told) = told(|config| config.request_log(false).secondary_api_key("planted-other"));
    let now = Now::read();
    let (mut call, observation) = observed(users(), &context, now);
    let request = sent(&mut call, now);
    assert_eq!(
        (&request.headers["tracestate"], &request.headers["baggage"]),
        (&"a=b".parse().unwrap(), &"c=d".parse().unwrap())
    );
    request.wait.over();
    // The key that is not in use.
    call.received(Ok(answer(401, &[("x-request-id", "r-planted-other-1")], "")), at(now, 5));
    assert!(sent(&mut call, at(now, 5)).headers.contains_key("traceparent"));
    call.received(Ok(answer(500, &[("x-request-id", "abc")], "")), at(now, 12));
    assert!(matches!(call.step(at(now, 12)), Step::Wait(_)));
    sent(&mut call, at(now, 50));
    call.received(Ok(answer(200, &[], r#"{"data":[]}"#)), at(now, 60));
    done(&mut call, at(now, 60)).unwrap();
    let account = observation.account();
    assert_eq!(
        (account.method, &*account.route, account.status, account.error),
        ("GET", "users", Some(200), None)
    );
    assert_eq!((&*account.server_address, account.server_port), ("auth.agglestone.com", 443));
    assert_eq!((account.failovers, account.token), (1, None));
    let last = account.attempts.last().unwrap();
    assert_eq!(account.duration, Some(last.start + last.duration.unwrap()));
    let attempts = account.attempts.iter().map(|attempt| {
        (attempt.status.unwrap(), attempt.resends, attempt.credential.unwrap(), attempt.duration.unwrap())
    });
    assert_eq!(
        attempts.collect::<Vec<_>>(),
        [(401, 0, "primary", 5000), (500, 1, "secondary", 7000), (200, 2, "secondary", 10_000)]
    );
    assert!(account.attempts[0].connection_wait.is_some() && account.attempts[1].connection_wait.is_none());
    let ids: Vec<_> = account.attempts.iter().map(|attempt| attempt.request_id.as_deref()).collect();
    assert_eq!(ids, [Some("r-[redacted]-1"), Some("abc"), None]);
    assert!(account.attempts.iter().all(|attempt| attempt.fingerprint.is_some()));
    assert!(!format!("{account:?}").contains("planted"), "{account:?}");
    assert!(!told.lock().unwrap().concat().contains("request:"), "a call is not logged for being observed");
}

#[test]
fn an_account_says_where_the_token_came_from() {
    let (context, _) = told(|config| config);
    let now = Now::read();
    let obtained = |attempts| {
        let token = crate::secret::Token::testing("a", Duration::from_secs(900));
        Ok(Obtained { token, attempts })
    };
    for (attempts, exchanges, from_store, expected) in [
        (0, false, false, TokenFrom::Cache),
        (0, true, false, TokenFrom::CacheRenewed),
        (0, true, true, TokenFrom::Store),
        (1, true, false, TokenFrom::Exchange),
        (1, false, false, TokenFrom::Exchange),
    ] {
        let operation = users().as_user(UserId::new("planted-id").unwrap()).unwrap();
        let (mut call, observation) = observed(operation, &context, now);
        assert!(matches!(call.step(now), Step::Token(_)));
        if exchanges {
            observation.exchanges();
        }
        if from_store {
            observation.found_in_store();
        }
        call.obtained(obtained(attempts));
        sent(&mut call, now);
        let account = observation.account();
        assert_eq!((account.token, account.attempts[0].credential), (Some(expected), Some("token")));
    }
}

#[test]
fn an_account_can_be_read_while_the_call_runs_and_says_what_ended_it() {
    let (context, _) = told(|config| config);
    let now = Now::read();
    let (mut call, observation) = observed(users(), &context, now);
    assert_eq!(observation.account().attempts.len(), 0);
    sent(&mut call, now);
    let account = observation.account();
    assert_eq!((account.attempts[0].duration, account.duration, account.error), (None, None, None));
    drop(call);
    let account = observation.account();
    assert_eq!((account.error, account.attempts[0].error), (Some(Code::Cancelled), Some(Code::Cancelled)));
}

#[test]
fn an_exchange_for_a_call_is_in_its_account_and_logged_as_its_own() {
    let (context, told) = told(|config| config);
    let now = Now::read();
    let (call, observation) = observed(users(), &context, now);
    let exchange = Call::exchange(&UserId::new("planted-id").unwrap(), &context, now);
    let mut exchange = exchange.helping(call.observation(), now);
    assert!(sent(&mut exchange, now).headers.contains_key("traceparent"));
    exchange.received(Ok(answer(404, &[], "")), now);
    done(&mut exchange, now).unwrap_err();
    let account = observation.account();
    assert_eq!((&*account.route, account.error, account.status), ("users", None, None));
    assert_eq!(&*account.attempts[0].route, "v2.0/Auth/token-exchange");
    let told = told.lock().unwrap();
    assert!(told[1].starts_with("info call: POST v2.0/Auth/token-exchange: NOT_FOUND"), "{told:?}");
}
