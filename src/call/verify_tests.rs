//! A verdict as a call: what it asks its driver for, step by step.

use std::time::Duration;

use super::{Call, Context, Step};
use crate::config::Config;
use crate::error::{Code, Error};
use crate::operation::Operation;
use crate::time::Now;

fn call(token: &str) -> Call {
    let config = Config::builder().tenant_id("t").api_key("k").deadline(7.0).build_with(|_| None).unwrap();
    Call::new(Operation::VerifyToken(token.into()), &Context::new(config), Now::read())
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
