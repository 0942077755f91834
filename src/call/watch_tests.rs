//! What is told of calls and their attempts, and that nothing is told unless it is wanted.

use std::sync::Mutex;

use super::tests::{answer, done, sent, user, users};
use super::*;
use crate::config::{Config, ConfigBuilder};
use crate::events::Event;
use crate::http::{Failure, FailureKind};
use crate::operation::{Operation, Request};

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
    let mut call = Call::new(users(), &context, now);
    sent(&mut call, now);
    call.received(Err(Failure::testing(FailureKind::NotListening, false)), now);
    assert!(matches!(call.step(now), Step::Wait(_)));
    assert!(told.lock().unwrap().is_empty());
    sent(&mut call, now);
    call.received(Ok(answer(200, &[], r#"{"data":[]}"#)), now);
    done(&mut call, now).unwrap();
    let told = told.lock().unwrap();
    assert!(told[0].contains("attempt 1,") && told[1].ends_with("1 attempt"), "{told:?}");
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
