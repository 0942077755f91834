//! The rules of calls made as a user, each driven by hand.

use std::time::Duration;

use super::tests::{answer, done, sent};
use super::*;
use crate::config::Config;
use crate::operation::Operation;
use crate::operation::Request;
use crate::secret::Token;

fn context() -> Arc<Context> {
    let config = Config::builder().tenant_id("t").api_key("planted-key");
    Context::new(config.build_with(|_| None).unwrap())
}

fn as_user(context: &Arc<Context>) -> Call {
    let request = Request::new("DELETE", "api/v2.0/Users/other").unwrap();
    let operation = Operation::Request(request).as_user(UserId::new("u").unwrap()).unwrap();
    Call::new(operation, context, Now::read())
}

fn question(call: &mut Call) -> TokenQuestion {
    match call.step(Now::read()) {
        Step::Token(question) => question,
        other => panic!("{other:?}"),
    }
}

fn obtain(call: &mut Call, name: &str) {
    let token = Token::testing(name, Duration::from_secs(900));
    call.obtained(Ok(Obtained { token, attempts: 1 }));
}

fn reply(call: &mut Call, status: u16, body: &str) {
    call.received(Ok(answer(status, &[], body)), Now::read());
}

#[test]
fn a_call_as_a_user_carries_the_token_and_no_key() {
    let mut call = as_user(&context());
    assert_eq!(question(&mut call).user_id.as_str(), "u");
    obtain(&mut call, "first");
    let request = sent(&mut call, Now::read());
    assert_eq!(request.headers["authorization"], "Bearer first.e30.sig");
    assert!(request.headers["authorization"].is_sensitive());
    assert!(!request.headers.contains_key("x-api-key"));
    reply(&mut call, 204, "");
    assert_eq!(done(&mut call, Now::read()).unwrap().status(), 204);
}

#[test]
fn a_refused_token_is_followed_by_one_other_and_two_refusals_are_one_error() {
    let mut call = as_user(&context());
    question(&mut call);
    obtain(&mut call, "first");
    sent(&mut call, Now::read());
    reply(&mut call, 401, "");
    assert!(
        matches!(question(&mut call).not, crate::tokens::Not::Refused(token) if token.expose().starts_with("first"))
    );
    obtain(&mut call, "second");
    assert_eq!(sent(&mut call, Now::read()).headers["authorization"], "Bearer second.e30.sig");
    reply(&mut call, 401, r#"{"message":"bad token second.e30.sig, not planted-key"}"#);
    let error = done(&mut call, Now::read()).unwrap_err();
    assert_eq!((error.code(), error.attempts()), (Code::Unauthorized, 2));
    assert!(error.message().contains("new one") && !error.message().contains("second"), "{error}");
    assert!(!error.message().contains("planted"), "{error}");
}

#[test]
fn a_user_without_the_right_is_forbidden_at_once() {
    let mut call = as_user(&context());
    question(&mut call);
    obtain(&mut call, "first");
    sent(&mut call, Now::read());
    reply(&mut call, 403, "");
    assert_eq!(done(&mut call, Now::read()).unwrap_err().code(), Code::Forbidden);
}

#[test]
fn a_token_that_can_not_be_had_ends_the_call() {
    let mut call = as_user(&context());
    question(&mut call);
    call.obtained(Err(Error::new(Code::NotFound, "no such user")));
    let error = done(&mut call, Now::read()).unwrap_err();
    assert_eq!((error.code(), error.attempts()), (Code::NotFound, 0));
}

#[test]
fn an_exchange_is_answered_by_the_cache_and_a_fresh_one_is_not() {
    let context = context();
    let user = || UserId::new("u").unwrap();
    let mut call = Call::new(Operation::ExchangeApiKeyForToken(user()), &context, Now::read());
    assert!(matches!(question(&mut call).not, crate::tokens::Not::Nothing));
    obtain(&mut call, "cached");
    assert_eq!(done(&mut call, Now::read()).unwrap().token().unwrap().expose(), "cached.e30.sig");

    let mut call = Call::new(Operation::ExchangeApiKeyForFreshToken(user()), &context, Now::read());
    assert!(matches!(question(&mut call).not, crate::tokens::Not::Old));
}

#[test]
fn keys_and_tokens_themselves_are_not_a_users_business() {
    let user = || UserId::new("u").unwrap();
    for operation in [Operation::CheckApiKeys, Operation::ExchangeApiKeyForToken(user())] {
        assert_eq!(operation.as_user(user()).unwrap_err().argument_name(), Some("operation"));
    }
}
