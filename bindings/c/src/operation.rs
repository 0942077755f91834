//! `agg_operation`: what to ask of the service, checked when it is made.

use std::ffi::c_char;

use client_core::Result;
use client_core::binding::Tracked;
use client_core::{
    CallOptions, Error, Invocation, Observation, Operation, PageRequest, Request, TokenCheck, UserId,
};

use crate::boundary::{bytes, give, needed, run, text};
use crate::error::agg_error;
use crate::observation::agg_observation;
use crate::reply::agg_reply;
use crate::status::agg_status;

/// One thing to ask of the service. Made by an agg_operation_* function, owned by the caller, freed with
/// agg_operation_free. It may be run any number of times, by any client, from any thread, as long as it is not changed at
/// the same time.
pub struct agg_operation {
    operation: Operation,
    options: CallOptions,
    observation: Option<Observation>,
    _tracked: Tracked,
}

impl agg_operation {
    fn new(operation: Operation, options: CallOptions) -> agg_operation {
        agg_operation { operation, options, observation: None, _tracked: Tracked::new() }
    }

    pub fn invocation(&self) -> Invocation {
        Invocation::new(self.operation.clone(), self.options, false, self.observation.clone())
    }
}

fn make(
    operation: *mut *mut agg_operation,
    error: *mut *mut agg_error,
    value: impl FnOnce() -> Result<Operation>,
) -> agg_status {
    run(error, || give("operation", operation, || Ok(agg_operation::new(value()?, CallOptions::new()))))
}

fn change(
    operation: Option<&mut agg_operation>,
    error: *mut *mut agg_error,
    step: impl FnOnce(&mut Request) -> Result<()>,
) -> agg_status {
    run(error, || {
        let handle = needed("operation", operation)?;
        let Operation::Request(request) = &mut handle.operation else {
            return Err(Error::argument("operation", "was not made by agg_operation_request"));
        };
        step(request)
    })
}

/// One page of the tenant's users. `page_number` counts from 1; `page_size` is 1 to 100, the service's own default is 10.
/// The reply's body is a JSON object: {"data": [users], "pageNumber", "pageSize", "totalRecords"}. All users are had page by
/// page, from page 1 on, by agg_operation_get_users_after.
#[unsafe(no_mangle)]
pub extern "C" fn agg_operation_get_users(
    page_number: i64,
    page_size: i64,
    operation: *mut *mut agg_operation,
    error: *mut *mut agg_error,
) -> agg_status {
    make(operation, error, || Ok(Operation::GetUsers(PageRequest::new(page_number, page_size)?)))
}

/// The page of users behind `page`, for a way through all of them that starts with page 1: it knows what came before, so that
/// no user is lost where the service caps pages without saying so, and that the way ends. Ask for it while
/// agg_reply_next_page says that there is one; AGG_INVALID_ARGUMENT when there is none. To go on as a user, wrap it by
/// agg_operation_as_user; options of the call before are not taken over. `page` is looked at.
#[unsafe(no_mangle)]
pub extern "C" fn agg_operation_get_users_after(
    page: Option<&agg_reply>,
    operation: *mut *mut agg_operation,
    error: *mut *mut agg_error,
) -> agg_status {
    make(operation, error, || {
        let next = needed("page", page)?.next_page_request();
        next.map(Operation::GetUsers).ok_or_else(|| Error::argument("page", "has no page behind it"))
    })
}

/// One user. The id becomes exactly one segment of the path: an id that could reach another route, such as "..", is
/// refused. The reply's body is a JSON object with the user. Copied.
#[unsafe(no_mangle)]
pub extern "C" fn agg_operation_get_user(
    user_id: *const c_char,
    length: usize,
    operation: *mut *mut agg_operation,
    error: *mut *mut agg_error,
) -> agg_status {
    make(operation, error, || Ok(Operation::GetUser(UserId::new(text("user_id", user_id, length)?)?)))
}

/// A token that represents the user: from the client's cache, or by exchanging the API key for one; one exchange serves all
/// who ask meanwhile. The reply's body is the token itself, a JWT to be sent as "Authorization: Bearer ...";
/// agg_reply_token_expires_at tells how long it lives. Copied.
#[unsafe(no_mangle)]
pub extern "C" fn agg_operation_exchange_api_key_for_token(
    user_id: *const c_char,
    length: usize,
    operation: *mut *mut agg_operation,
    error: *mut *mut agg_error,
) -> agg_status {
    make(operation, error, || {
        Ok(Operation::ExchangeApiKeyForToken(UserId::new(text("user_id", user_id, length)?)?))
    })
}

/// The same, but the token is issued now, whatever the cache holds.
#[unsafe(no_mangle)]
pub extern "C" fn agg_operation_exchange_api_key_for_fresh_token(
    user_id: *const c_char,
    length: usize,
    operation: *mut *mut agg_operation,
    error: *mut *mut agg_error,
) -> agg_status {
    make(operation, error, || {
        Ok(Operation::ExchangeApiKeyForFreshToken(UserId::new(text("user_id", user_id, length)?)?))
    })
}

/// Another operation, made by a user: with the user's token and without the key, so that the user's own rights apply.
/// `operation` is one made by agg_operation_get_users, agg_operation_get_user or agg_operation_request; it is copied as it is
/// now and still the caller's. The token comes from the client's cache; when the service refuses it, a new one is tried once.
#[unsafe(no_mangle)]
pub extern "C" fn agg_operation_as_user(
    operation: Option<&agg_operation>,
    user_id: *const c_char,
    length: usize,
    as_user: *mut *mut agg_operation,
    error: *mut *mut agg_error,
) -> agg_status {
    run(error, || {
        let agg_operation { operation, options, observation, .. } = needed("operation", operation)?;
        let user_id = UserId::new(text("user_id", user_id, length)?)?;
        give("as_user", as_user, || {
            let made = agg_operation::new(operation.clone().as_user(user_id)?, *options);
            Ok(agg_operation { observation: observation.clone(), ..made })
        })
    })
}

/// Any other call to the tenant: `method` is GET, HEAD, POST, PUT, PATCH or DELETE, `path` is what follows the tenant in
/// the URL, such as "api/v2.0/Users". Add the rest with agg_operation_add_query, agg_operation_add_header and
/// agg_operation_set_json. The reply's body is whatever the service answers. Copied.
#[unsafe(no_mangle)]
pub extern "C" fn agg_operation_request(
    method: *const c_char,
    method_length: usize,
    path: *const c_char,
    path_length: usize,
    operation: *mut *mut agg_operation,
    error: *mut *mut agg_error,
) -> agg_status {
    make(operation, error, || {
        let request = Request::new(text("method", method, method_length)?, text("path", path, path_length)?)?;
        Ok(Operation::Request(request))
    })
}

/// Adds a query parameter to an operation made by agg_operation_request. Name and value are encoded. A call whose path and query
/// come to more than 32 KiB is refused when it is made. Copied.
#[unsafe(no_mangle)]
pub extern "C" fn agg_operation_add_query(
    operation: Option<&mut agg_operation>,
    name: *const c_char,
    name_length: usize,
    value: *const c_char,
    value_length: usize,
    error: *mut *mut agg_error,
) -> agg_status {
    change(operation, error, |request| {
        request.add_query(text("query", name, name_length)?, text("query", value, value_length)?);
        Ok(())
    })
}

/// Adds a header to an operation made by agg_operation_request. Credentials, Host, Content-Length and other headers that
/// the client is responsible for are refused, also with "_" for "-"; so are more than 100 headers, or 64 KiB. Copied.
#[unsafe(no_mangle)]
pub extern "C" fn agg_operation_add_header(
    operation: Option<&mut agg_operation>,
    name: *const c_char,
    name_length: usize,
    value: *const c_char,
    value_length: usize,
    error: *mut *mut agg_error,
) -> agg_status {
    change(operation, error, |request| {
        request.add_header(text("headers", name, name_length)?, text("headers", value, value_length)?)
    })
}

/// Sets the body of an operation made by agg_operation_request. Must be JSON text in UTF-8. Copied.
#[unsafe(no_mangle)]
pub extern "C" fn agg_operation_set_json(
    operation: Option<&mut agg_operation>,
    json: *const c_char,
    length: usize,
    error: *mut *mut agg_error,
) -> agg_status {
    change(operation, error, |request| request.set_json(bytes("json", json, length)?))
}

fn option(
    operation: Option<&mut agg_operation>,
    error: *mut *mut agg_error,
    set: impl FnOnce(CallOptions) -> Result<CallOptions>,
) -> agg_status {
    run(error, || {
        let operation = needed("operation", operation)?;
        operation.options = set(operation.options)?;
        Ok(())
    })
}

/// How long establishing a connection for this operation may take, in seconds, instead of what the client is configured for.
/// More than 0, at most 86400. Operations with another time than the client's use connections of their own, which they share
/// with those that have the same; they are kept for a few different times.
#[unsafe(no_mangle)]
pub extern "C" fn agg_operation_set_connect_timeout(
    operation: Option<&mut agg_operation>,
    seconds: f64,
    error: *mut *mut agg_error,
) -> agg_status {
    option(operation, error, |options| options.connect_timeout(seconds))
}

/// How long one attempt of this operation may take, in seconds, instead of what the client is configured for. More than 0, at
/// most 86400.
#[unsafe(no_mangle)]
pub extern "C" fn agg_operation_set_timeout(
    operation: Option<&mut agg_operation>,
    seconds: f64,
    error: *mut *mut agg_error,
) -> agg_status {
    option(operation, error, |options| options.timeout(seconds))
}

/// How long this operation may take over all its attempts and waits, in seconds, instead of what the client is configured for.
/// More than 0, at most 86400.
#[unsafe(no_mangle)]
pub extern "C" fn agg_operation_set_deadline(
    operation: Option<&mut agg_operation>,
    seconds: f64,
    error: *mut *mut agg_error,
) -> agg_status {
    option(operation, error, |options| options.deadline(seconds))
}

/// How often a failed attempt of this operation may be followed by another, instead of what the client is configured for. 0 to
/// 10.
#[unsafe(no_mangle)]
pub extern "C" fn agg_operation_set_max_retries(
    operation: Option<&mut agg_operation>,
    retries: i64,
    error: *mut *mut agg_error,
) -> agg_status {
    option(operation, error, |options| options.max_retries(retries))
}

/// Has calls of this operation observed from now on, or with NULL no longer. An observation is for one call: set another one before
/// the next, whose attempts would be added to those of the first. It is looked at and still the caller's.
#[unsafe(no_mangle)]
pub extern "C" fn agg_operation_set_observation(
    operation: Option<&mut agg_operation>,
    observation: Option<&agg_observation>,
    error: *mut *mut agg_error,
) -> agg_status {
    run(error, || {
        needed("operation", operation)?.observation =
            observation.map(|observation| observation.observation().clone());
        Ok(())
    })
}

/// Asks the service about each key once, so that an operator knows before retiring one. Switches nothing. The reply's body is
/// a JSON object: {"primary": {"fingerprint", "accepted", "status"}, "secondary": the same or null}.
#[unsafe(no_mangle)]
pub extern "C" fn agg_operation_check_api_keys(
    operation: *mut *mut agg_operation,
    error: *mut *mut agg_error,
) -> agg_status {
    make(operation, error, || Ok(Operation::CheckApiKeys))
}

/// Whether a token of the tenant is to be believed, and what it says: its signature, issuer, tenant, audience and times are
/// checked, with the service's signing keys, which are fetched when they are needed and kept. The reply's body is a JSON object
/// with the token's claims: "userId" is always there, "groups" is always an array of texts, every other claim is as the token has
/// it. Otherwise AGG_INVALID_TOKEN with an agg_error_reason, for which a web service answers 401, or AGG_KEYS_UNAVAILABLE: 503.
/// Whatever the bytes are, they are a token to be judged. Copied.
#[unsafe(no_mangle)]
pub extern "C" fn agg_operation_verify_token(
    token: *const c_char,
    length: usize,
    operation: *mut *mut agg_operation,
    error: *mut *mut agg_error,
) -> agg_status {
    make(operation, error, || {
        let token = String::from_utf8_lossy(bytes("token", token, length)?);
        Ok(Operation::VerifyToken { token: token.into_owned().into(), check: None })
    })
}

/// Whether an operation made by agg_operation_verify_token also asks the service whether the token's user is there and enabled:
/// one GET of the user, whose answer counts for a minute for everyone who asks, and less where this client writes to the users. A
/// user who is gone or disabled makes AGG_INVALID_TOKEN with the reason "revoked"; AGG_CHECK_UNAVAILABLE, for which a web service
/// answers 503, says that the service can't be asked or does not say so. What the user may do is not asked. Default: false.
#[unsafe(no_mangle)]
pub extern "C" fn agg_operation_set_check_service(
    operation: Option<&mut agg_operation>,
    check: bool,
    error: *mut *mut agg_error,
) -> agg_status {
    run(error, || match &mut needed("operation", operation)?.operation {
        Operation::VerifyToken { check: own, .. } => {
            *own = check.then_some(TokenCheck::Service);
            Ok(())
        }
        _ => Err(Error::argument("operation", "was not made by agg_operation_verify_token")),
    })
}

/// An operation that makes the library panic while it runs, so that a program or a binding can test that it survives a
/// bug here: every way to run it answers AGG_PANIC.
#[unsafe(no_mangle)]
pub extern "C" fn agg_operation_testing_panic(
    operation: *mut *mut agg_operation,
    error: *mut *mut agg_error,
) -> agg_status {
    make(operation, error, || Ok(Operation::TestingPanic))
}

/// Frees an operation; calls that run it go on. NULL is a no-op.
#[unsafe(no_mangle)]
pub extern "C" fn agg_operation_free(operation: Option<Box<agg_operation>>) {
    drop(operation);
}
