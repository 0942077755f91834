//! A verdict as a call: what it asks its driver for, step by step.

use std::time::Duration;

use super::{Call, Context, State, Step};
use crate::config::Config;
use crate::error::{Code, Error};
use crate::operation::{Operation, TokenCheck};
use crate::reply::Reply;
use crate::time::Now;
use crate::verify::Claims;

fn call(token: &str) -> Call {
    call_with(token, None)
}

fn call_with(token: &str, check: Option<TokenCheck>) -> Call {
    let config = Config::builder().tenant_id("t").api_key("k").deadline(7.0).build_with(|_| None).unwrap();
    let operation = Operation::VerifyToken { token: token.into(), check };
    Call::new(operation, &Context::new(config), Now::read())
}

fn done(call: &mut Call) -> Error {
    match call.step(Now::read()) {
        Step::Done(result) => result.unwrap_err(),
        step => panic!("not over, but {step:?}"),
    }
}

#[test]
fn keys_are_asked_for_once_and_within_the_calls_time() {
    for (came, code) in [(true, Code::Closed), (false, Code::KeysUnavailable)] {
        let mut call = call("eyJhbGciOiJFZERTQSJ9.e30.AA");
        let Step::SigningKeys(question) = call.step(Now::read()) else { panic!("no keys are asked for") };
        assert!(question.timeout <= Duration::from_secs(7) && question.timeout > Duration::from_secs(5));
        if came {
            call.signing_keys_came(Err(Error::closed()))
        } else {
            call.signing_keys_are_late()
        }
        let error = done(&mut call);
        assert_eq!(error.code(), code);
        assert!(came || error.message().contains("`deadline` of 7 s"), "{error}");
    }
}

#[test]
fn what_is_no_token_needs_no_keys_and_the_call_never_shows_it() {
    let mut call = call("planted");
    assert!(!format!("{call:?}").contains("planted"));
    let error = done(&mut call);
    assert_eq!((error.code(), error.reason()), (Code::InvalidToken, Some("malformed")));
    assert!(!format!("{error:?}").contains("planted"));
}

/// A call whose token, of this user, has just turned out to be right.
fn believed(user_id: &str, check: Option<TokenCheck>) -> Call {
    let json = serde_json::json!({"userId": user_id, "groups": [], "exp": 1});
    let mut call = call_with("a.b.c", check);
    let claims = Claims::from_reply(Reply::made(json.to_string().into_bytes(), 0)).unwrap();
    call.state = State::Believed(claims);
    call
}

#[test]
fn the_user_is_asked_for_only_where_that_is_wanted_and_within_the_calls_time() {
    assert!(matches!(believed("u", None).step(Now::read()), Step::Done(Ok(_))));
    let asking = || {
        let mut call = believed("u", Some(TokenCheck::Service));
        let Step::Standing(question) = call.step(Now::read()) else { panic!("nobody is asked for") };
        assert_eq!(question.user_id.as_str(), "u");
        assert!(question.timeout <= Duration::from_secs(7) && question.timeout > Duration::from_secs(5));
        call
    };
    let mut call = asking();
    call.standing_came(Ok(()));
    assert!(matches!(call.step(Now::read()), Step::Done(Ok(reply)) if reply.body().starts_with(b"{")));
    let mut call = asking();
    call.standing_came(Err(Error::closed()));
    assert_eq!(done(&mut call).code(), Code::Closed);
    let mut call = asking();
    call.standing_is_late();
    let error = done(&mut call);
    assert_eq!((error.code(), error.retryable()), (Code::CheckUnavailable, true));
    assert!(error.message().contains("`deadline` of 7 s"), "{error}");
}

#[test]
fn a_user_whose_id_could_reach_another_route_is_never_asked_for() {
    let error = done(&mut believed("..", Some(TokenCheck::Service)));
    assert_eq!((error.code(), error.reason()), (Code::InvalidToken, Some("malformed")));
}
