//! The rules of two keys, each driven by hand: failover, stickiness, reloading, checking.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use super::tests::{answer, done, sent, users};
use super::*;
use crate::config::Config;
use crate::events::Event;
use crate::keys::GivenKeys;
use crate::operation::Operation;
use crate::operation::Request;
use crate::sync::Mutex;

/// A context with both keys, and what it told.
fn context(builder: crate::ConfigBuilder) -> (Arc<Context>, Arc<Mutex<Vec<Event>>>) {
    let events = Arc::new(Mutex::new(Vec::new()));
    let seen = events.clone();
    let builder =
        builder.tenant_id("t").max_retries(0).on_event(move |event| seen.lock().push(event.clone()));
    (Context::new(builder.build_with(|_| None).unwrap()), events)
}

fn both() -> crate::ConfigBuilder {
    Config::builder().api_key("primary").secondary_api_key("secondary")
}

fn begin(context: &Arc<Context>, operation: Operation) -> Call {
    Call::new(operation, context, Now::read())
}

/// The key that the next request carries.
fn key(call: &mut Call) -> String {
    sent(call, Now::read()).headers["x-api-key"].to_str().unwrap().to_owned()
}

fn reply(call: &mut Call, status: u16) {
    call.received(Ok(answer(status, &[], r#"{"data":[]}"#)), Now::read());
}

fn fingerprint(key: &str) -> String {
    crate::secret::ApiKey::new(key).unwrap().fingerprint()
}

fn post() -> Operation {
    Operation::Request(Request::new("POST", "api/v2.0/Users").unwrap().json("{}").unwrap())
}

#[test]
fn a_refused_key_is_followed_by_the_other_in_the_same_call_also_for_post() {
    for operation in [users(), post()] {
        let (context, events) = context(both());
        let mut call = begin(&context, operation);
        assert_eq!(key(&mut call), "primary");
        reply(&mut call, 401);
        assert_eq!(key(&mut call), "secondary");
        reply(&mut call, 200);
        assert_eq!(done(&mut call, Now::read()).unwrap().attempts(), 2);
        let failover = Event::Failover { from: fingerprint("primary"), to: fingerprint("secondary") };
        assert_eq!(*events.lock(), [failover]);
        assert_eq!(key(&mut begin(&context, users())), "secondary", "for everybody from now on");
    }
}

#[test]
fn a_call_that_began_before_the_switch_does_not_switch_back() {
    let (context, _) = context(both());
    let (mut slow, mut quick) = (begin(&context, users()), begin(&context, users()));
    key(&mut slow);
    key(&mut quick);
    reply(&mut quick, 401);
    key(&mut quick);
    reply(&mut quick, 200);
    // The slow call's primary was still good when it arrived; that says nothing about now.
    reply(&mut slow, 200);
    assert_eq!(key(&mut begin(&context, users())), "secondary");
    assert_eq!(context.keys.usage().failovers, 1);
}

#[test]
fn many_calls_refused_together_switch_once() {
    let (context, events) = context(both());
    let mut calls: Vec<Call> = (0..10).map(|_| begin(&context, users())).collect();
    for call in &mut calls {
        key(call);
    }
    for call in &mut calls {
        reply(call, 401);
        assert_eq!(key(call), "secondary");
        reply(call, 200);
    }
    assert_eq!(events.lock().len(), 1);
    assert_eq!(context.keys.usage().failovers, 1);
}

#[test]
fn forbidden_never_fails_over_and_a_server_error_proves_no_key() {
    let (context, _) = context(both());
    let mut call = begin(&context, users());
    key(&mut call);
    reply(&mut call, 403);
    assert_eq!(done(&mut call, Now::read()).unwrap_err().code(), Code::Forbidden);

    let mut call = begin(&context, users());
    key(&mut call);
    reply(&mut call, 401);
    assert_eq!(key(&mut call), "secondary");
    reply(&mut call, 500);
    assert_eq!(done(&mut call, Now::read()).unwrap_err().code(), Code::Server);
    assert_eq!(key(&mut begin(&context, users())), "primary");
}

#[test]
fn both_refused_is_unauthorized_naming_both_fingerprints_after_one_request_each() {
    let (context, events) = context(both());
    let mut call = begin(&context, users());
    for _ in 0..2 {
        key(&mut call);
        reply(&mut call, 401);
    }
    let error = done(&mut call, Now::read()).unwrap_err();
    assert_eq!((error.code(), error.attempts()), (Code::Unauthorized, 2));
    for name in ["primary", "secondary"] {
        assert!(error.message().contains(&fingerprint(name)), "{error}");
        assert!(!error.message().contains(name), "{error}");
    }
    assert!(matches!(events.lock()[..], [Event::KeysRefused { .. }]));
}

#[test]
fn one_key_is_asked_once() {
    let (context, _) = context(Config::builder().api_key("primary"));
    let mut call = begin(&context, users());
    key(&mut call);
    reply(&mut call, 401);
    let error = done(&mut call, Now::read()).unwrap_err();
    assert_eq!((error.code(), error.attempts()), (Code::Unauthorized, 1));
    assert!(error.message().contains(&fingerprint("primary")), "{error}");
}

#[test]
fn replaced_keys_are_used_by_the_next_call_and_save_one_that_is_refused() {
    let (context, _) = context(both());
    let mut call = begin(&context, users());
    key(&mut call);
    context.keys.set(&"new-primary".into(), Some(&"new-secondary".into())).unwrap();
    assert_eq!(key(&mut begin(&context, users())), "new-primary");
    // The call began with keys that are gone: it never pairs an old one with a new one.
    reply(&mut call, 401);
    assert_eq!(key(&mut call), "new-primary");
    reply(&mut call, 200);
    assert!(done(&mut call, Now::read()).is_ok());
}

#[test]
fn unusable_replacements_change_nothing() {
    let (context, _) = context(both());
    for (primary, secondary, argument) in
        [("", None, "primary"), ("ok", Some("a b"), "secondary"), ("ok", Some("ok"), "secondary")]
    {
        let error = context.keys.set(&primary.into(), secondary.map(Into::into).as_ref()).unwrap_err();
        assert_eq!(error.argument_name(), Some(argument));
    }
    assert_eq!(key(&mut begin(&context, users())), "primary");
}

/// A source that gives these pairs in turn, then fails.
fn source(pairs: &'static [(&str, &str)]) -> (crate::ConfigBuilder, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let builder = Config::builder().key_source(move || match pairs.get(count.fetch_add(1, SeqCst)) {
        Some((primary, secondary)) => {
            Ok(GivenKeys { primary: (*primary).into(), secondary: Some((*secondary).into()) })
        }
        None => Err("vault is sealed".to_owned()),
    });
    (builder, asked)
}

fn reload(call: &mut Call) {
    match call.step(Now::read()) {
        Step::ReloadKeys(work, _) => call.reloaded(work.run()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_callback_is_asked_before_the_first_call_and_once_when_both_keys_are_refused() {
    let (builder, asked) = source(&[("p1", "s1"), ("p2", "s1")]);
    let (context, events) = context(builder);
    let mut call = begin(&context, users());
    reload(&mut call);
    for name in ["p1", "s1"] {
        assert_eq!(key(&mut call), name);
        reply(&mut call, 401);
    }
    reload(&mut call);
    // s1 was refused already in this call, so only p2 is worth a request.
    assert_eq!(key(&mut call), "p2");
    reply(&mut call, 401);
    assert_eq!(done(&mut call, Now::read()).unwrap_err().code(), Code::Unauthorized);
    assert_eq!(asked.load(SeqCst), 2);
    let events = events.lock();
    assert!(matches!(events[..], [Event::KeysReplaced { .. }, Event::KeysRefused { .. }]), "{events:?}");
}

#[test]
fn a_callback_that_fails_is_an_error_at_first_and_keeps_the_keys_later() {
    let (builder, _) = source(&[]);
    let (session_without_keys, _) = context(builder.clone());
    let mut call = begin(&session_without_keys, users());
    reload(&mut call);
    let error = done(&mut call, Now::read()).unwrap_err();
    assert_eq!(error.code(), Code::InvalidConfig);
    assert!(error.message().contains("vault is sealed"), "{error}");

    let (context, events) = context(builder.api_key("primary"));
    let mut call = begin(&context, users());
    key(&mut call);
    reply(&mut call, 401);
    reload(&mut call);
    assert_eq!(done(&mut call, Now::read()).unwrap_err().code(), Code::Unauthorized);
    assert!(matches!(events.lock()[..], [Event::SourceFailed { .. }, Event::KeysRefused { .. }]));
    assert_eq!(key(&mut begin(&context, users())), "primary");
}

#[test]
fn a_key_in_the_words_of_a_callback_is_struck_out() {
    let callback = || Err("planted-primary is the only key,\nplanted-secondary too".to_owned());
    let builder = Config::builder().api_key("planted-primary").secondary_api_key("planted-secondary");
    let (context, events) = context(builder.key_source(callback));
    let mut call = begin(&context, users());
    for _ in 0..2 {
        key(&mut call);
        reply(&mut call, 401);
    }
    reload(&mut call);
    let told = events.lock()[0].to_string();
    assert!(told.ends_with("[redacted] is the only key, [redacted] too"), "{told}");
}

#[test]
fn calls_refused_together_ask_the_source_once() {
    let (builder, asked) = source(&[("p2", "s2"), ("p3", "s3")]);
    let (context, _) = context(builder.api_key("p1"));
    let mut calls = [begin(&context, users()), begin(&context, users())];
    let mut work = Vec::new();
    for call in &mut calls {
        key(call);
        reply(call, 401);
        match call.step(Now::read()) {
            Step::ReloadKeys(reload, _) => work.push(reload),
            other => panic!("{other:?}"),
        }
    }
    for (call, work) in calls.iter_mut().zip(work) {
        call.reloaded(work.run());
        assert_eq!(key(call), "p2");
    }
    assert_eq!(asked.load(SeqCst), 1);
}

#[test]
fn a_check_asks_with_each_key_once_and_switches_nothing() {
    let (context, events) = context(both());
    let mut call = begin(&context, Operation::CheckApiKeys);
    assert_eq!(key(&mut call), "primary");
    reply(&mut call, 401);
    assert_eq!(key(&mut call), "secondary");
    reply(&mut call, 200);
    let report: serde_json::Value =
        serde_json::from_slice(done(&mut call, Now::read()).unwrap().body()).unwrap();
    assert_eq!(report["primary"]["accepted"], false);
    assert_eq!(report["secondary"]["accepted"], true);
    assert_eq!(report["secondary"]["fingerprint"], fingerprint("secondary"));
    assert!(events.lock().is_empty());
    assert_eq!(key(&mut begin(&context, users())), "primary");
}

#[test]
fn usage_counts_requests_and_refusals_by_key() {
    let (context, _) = context(both());
    let mut call = begin(&context, users());
    key(&mut call);
    reply(&mut call, 401);
    key(&mut call);
    reply(&mut call, 200);
    let usage = context.keys.usage();
    let (primary, secondary) = (usage.primary.unwrap(), usage.secondary.unwrap());
    assert_eq!((primary.requests, primary.refusals, primary.active), (1, 1, false));
    assert_eq!((secondary.requests, secondary.refusals, secondary.active), (1, 0, true));
    assert!(secondary.first_used.is_some() && secondary.first_used == secondary.last_used);
    assert_eq!(primary.fingerprint, fingerprint("primary"));
}
