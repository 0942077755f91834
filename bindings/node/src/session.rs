//! One client's session: a method for each operation, which starts it and returns at once.

use std::rc::Rc;

use agglestone::Result as CoreResult;
use agglestone::binding::SharedSession;
use agglestone::{Observation, Operation, PageRequest, Request, TokenCheck, TraceContext, UserId};
use napi::Result;
use napi::bindgen_prelude::{Either, Env, External};
use napi_derive::napi;

use crate::bridge::{Calls, NativeBridge};
use crate::error::ErrorData;
use crate::outcome::Shape;
use crate::settings::{CallSettings, Settings, check_call};

/// What a client holds. Closed when it is collected, or when its environment ends.
#[napi]
pub struct NativeSession {
    pub(crate) session: SharedSession,
    calls: Rc<Calls>,
    tenant_url: String,
}

/// Makes a session, or says what is wrong with its settings.
#[napi(catch_unwind)]
pub fn open_session(bridge: &NativeBridge, settings: Settings) -> Either<NativeSession, ErrorData> {
    let calls = bridge.calls();
    match settings.check(calls.channel()) {
        Ok(config) => Either::A(NativeSession {
            tenant_url: config.tenant_url().to_owned(),
            session: SharedSession::new(config),
            calls: calls.clone(),
        }),
        Err(error) => Either::B(error.into()),
    }
}

/// Each method that takes a slot answers nothing when the call is under way, or why it was refused before anything was
/// sent. With `settings` the call has times and retries of its own; with `as_user` it is made with that user's token and
/// without the key.
#[napi]
impl NativeSession {
    #[napi(getter, catch_unwind)]
    pub fn tenant_url(&self) -> &str {
        &self.tenant_url
    }

    #[napi(catch_unwind)]
    pub fn get_users(
        &self,
        env: Env,
        slot: u32,
        settings: Option<CallSettings>,
        as_user: Option<String>,
        number: Option<f64>,
        size: Option<f64>,
    ) -> Result<Option<ErrorData>> {
        // The façade passes whole numbers only, and the core says which of them make a page.
        let default = PageRequest::default();
        let or = |given: Option<f64>, default: u32| given.map_or(i64::from(default), |number| number as i64);
        let page = PageRequest::new(or(number, default.number()), or(size, default.size()));
        self.start_as(env, slot, Shape::Body, settings, as_user, page.map(Operation::GetUsers))
    }

    /// A page on the way through all of them: the first, or the one that the page before came with.
    #[napi(catch_unwind)]
    pub fn iterate_users(
        &self,
        env: Env,
        slot: u32,
        settings: Option<CallSettings>,
        as_user: Option<String>,
        size: f64,
        next: Option<&External<PageRequest>>,
    ) -> Result<Option<ErrorData>> {
        let page = next.map_or_else(|| PageRequest::new(1, size as i64), |next| Ok(**next));
        self.start_as(env, slot, Shape::Pages, settings, as_user, page.map(Operation::GetUsers))
    }

    #[napi(catch_unwind)]
    pub fn get_user(
        &self,
        env: Env,
        slot: u32,
        settings: Option<CallSettings>,
        as_user: Option<String>,
        user_id: String,
    ) -> Result<Option<ErrorData>> {
        self.start_as(env, slot, Shape::Body, settings, as_user, UserId::new(user_id).map(Operation::GetUser))
    }

    #[napi(catch_unwind)]
    pub fn exchange_api_key_for_token(
        &self,
        env: Env,
        slot: u32,
        settings: Option<CallSettings>,
        user_id: String,
        fresh: bool,
    ) -> Result<Option<ErrorData>> {
        let operation =
            if fresh { Operation::ExchangeApiKeyForFreshToken } else { Operation::ExchangeApiKeyForToken };
        self.start(env, slot, Shape::Token, settings, UserId::new(user_id).map(operation))
    }

    #[napi(catch_unwind)]
    pub fn check_api_keys(
        &self,
        env: Env,
        slot: u32,
        settings: Option<CallSettings>,
    ) -> Result<Option<ErrorData>> {
        self.start(env, slot, Shape::Body, settings, Ok(Operation::CheckApiKeys))
    }

    #[napi(catch_unwind)]
    pub fn verify_token(
        &self,
        env: Env,
        slot: u32,
        settings: Option<CallSettings>,
        token: String,
        check: Option<String>,
    ) -> Result<Option<ErrorData>> {
        let operation = token_check(check).map(|check| Operation::VerifyToken { token: token.into(), check });
        self.start(env, slot, Shape::Body, settings, operation)
    }

    /// `query` and `headers` are name, value, name, value and so on.
    #[napi(catch_unwind)]
    #[allow(clippy::too_many_arguments, reason = "an object would cost more to pass")]
    pub fn request(
        &self,
        env: Env,
        slot: u32,
        settings: Option<CallSettings>,
        as_user: Option<String>,
        method: String,
        path: String,
        query: Option<Vec<String>>,
        headers: Option<Vec<String>>,
        json: Option<String>,
    ) -> Result<Option<ErrorData>> {
        let operation = request(&method, &path, query, headers, json).map(Operation::Request);
        self.start_as(env, slot, Shape::Whole, settings, as_user, operation)
    }

    /// Panics inside the call, for tests.
    #[napi(catch_unwind)]
    pub fn testing_panic(&self, env: Env, slot: u32) -> Result<Option<ErrorData>> {
        self.start(env, slot, Shape::Body, None, Ok(Operation::TestingPanic))
    }

    /// Has the call watched that is about to start in the slot. The texts are values of headers; what can't be sent is left out.
    #[napi(catch_unwind)]
    pub fn observe(
        &self,
        slot: u32,
        traceparent: Option<String>,
        tracestate: Option<String>,
        baggage: Option<String>,
    ) {
        let [traceparent, tracestate, baggage] =
            [traceparent, tracestate, baggage].map(Option::unwrap_or_default);
        let trace = TraceContext::of(&traceparent, &tracestate, &baggage);
        self.calls.observe(slot, Observation::new(trace));
    }

    /// Nobody watches the slot any more, whose call did not start.
    #[napi(catch_unwind)]
    pub fn stop_observing(&self, slot: u32) {
        self.calls.stop_observing(slot);
    }

    /// What the watched call of a slot did so far, in lines.
    #[napi(catch_unwind)]
    pub fn account(&self, slot: u32) -> Option<String> {
        self.calls.account(slot)
    }

    #[napi(catch_unwind)]
    pub fn cancel(&self, slot: u32) {
        self.calls.cancel(slot);
    }

    #[napi(catch_unwind)]
    pub fn close(&self) {
        self.session.close();
    }

    fn start_as(
        &self,
        env: Env,
        slot: u32,
        shape: Shape,
        settings: Option<CallSettings>,
        as_user: Option<String>,
        operation: CoreResult<Operation>,
    ) -> Result<Option<ErrorData>> {
        let operation = match as_user {
            Some(user) => operation.and_then(|operation| operation.as_user(UserId::new(user)?)),
            None => operation,
        };
        self.start(env, slot, shape, settings, operation)
    }

    fn start(
        &self,
        env: Env,
        slot: u32,
        shape: Shape,
        settings: Option<CallSettings>,
        operation: CoreResult<Operation>,
    ) -> Result<Option<ErrorData>> {
        let prepared = operation.and_then(|operation| {
            let options = settings.map(check_call).transpose()?;
            Ok((self.session.get()?, operation.with(options.unwrap_or_default())))
        });
        match prepared {
            Ok((session, invocation)) => {
                self.calls.start(env, slot, shape, session, invocation).map(|()| None)
            }
            Err(error) => Ok(Some(error.into())),
        }
    }
}

impl Drop for NativeSession {
    fn drop(&mut self) {
        // Nobody is left to hear of calls under way: a client with pending promises is not collected, so this is the
        // end of the environment.
        self.session.close();
    }
}

/// What is to be asked beside a token.
pub fn token_check(check: Option<String>) -> CoreResult<Option<TokenCheck>> {
    check.as_deref().map(TokenCheck::named).transpose()
}

fn request(
    method: &str,
    path: &str,
    query: Option<Vec<String>>,
    headers: Option<Vec<String>>,
    json: Option<String>,
) -> CoreResult<Request> {
    let mut request = Request::new(method, path)?;
    for [name, value] in pairs(query) {
        request = request.query(name, value);
    }
    for [name, value] in pairs(headers) {
        request = request.header(&name, &value)?;
    }
    match json {
        Some(text) => request.json(text),
        None => Ok(request),
    }
}

fn pairs(flat: Option<Vec<String>>) -> impl Iterator<Item = [String; 2]> {
    let mut items = flat.unwrap_or_default().into_iter();
    std::iter::from_fn(move || Some([items.next()?, items.next()?]))
}
