//! `agg_client`: makes calls, blocking or with a callback.

use std::ffi::{c_char, c_void};
use std::sync::Arc;

use client_core::binding;
use client_core::binding::{Own, Session, SharedSession, Tracked};
use client_core::{Claims, Error, Reply, Result, TokenCheck, UserId};

use crate::boundary::{bytes, give, give_or_null, needed, put, run, text};
use crate::bytes::agg_bytes;
use crate::call::{agg_call, agg_callback};
use crate::config::agg_config;
use crate::error::agg_error;
use crate::lent::UserData;
use crate::operation::agg_operation;
use crate::reply::agg_reply;
use crate::report::Completed;
use crate::reports::{Reports, is_within_inline_callback};
use crate::status::agg_status;

/// A client: keeps a pool of connections and the tenant's keys. Made by agg_client_new, freed with agg_client_free. Any
/// number of threads may use it at the same time. In a forked child a client of the parent answers AGG_CLOSED, and may be closed
/// and freed; one made there works.
pub struct agg_client {
    /// Out of reach in a forked child, whose parent has the threads and connections.
    shared: Own<SharedSession>,
    reports: Reports,
    _tracked: Tracked,
}

/// The client's session, for one call.
fn session(client: Option<&agg_client>) -> Result<Arc<Session>> {
    needed("client", client)?.shared.get().ok_or_else(Error::closed)?.get()
}

/// Makes a client. Opens no connection and starts no thread. The configuration is copied and still the caller's.
/// AGG_INVALID_CONFIG: the message lists everything that is missing or unusable.
#[unsafe(no_mangle)]
pub extern "C" fn agg_client_new(
    config: Option<&agg_config>,
    client: *mut *mut agg_client,
    error: *mut *mut agg_error,
) -> agg_status {
    run(error, || {
        let config = needed("config", config)?;
        give("client", client, || {
            let (config, reports) = config.build()?;
            let shared = Own::new(SharedSession::new(config));
            Ok(agg_client { shared, reports, _tracked: Tracked::new() })
        })
    })
}

/// Runs an operation and waits for its end. On AGG_OK `reply` is the caller's, to be freed with agg_reply_free. Any thread,
/// also a callback of agg_client_start, but not one of agg_config_set_inline_callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn agg_client_call(
    client: Option<&agg_client>,
    operation: Option<&agg_operation>,
    reply: *mut *mut agg_reply,
    error: *mut *mut agg_error,
) -> agg_status {
    run(error, || {
        let session = session(client)?;
        let invocation = needed("operation", operation)?.invocation();
        if is_within_inline_callback() {
            let why = "can't be waited for within an inline callback; use agg_client_start";
            return Err(Error::argument("operation", why));
        }
        give("reply", reply, || Ok(agg_reply::new(binding::run_in_lane(&session, invocation)?)))
    })
}

/// Starts an operation and returns at once. On AGG_OK `callback` will be called exactly once, however the call ends: on the
/// library's dispatcher thread, which serves all clients of the process one callback after the other, so a slow callback
/// delays other callbacks, never the network; agg_config_set_inline_callbacks and agg_config_set_queue choose other threads. It
/// may be called before this function returns. `user_data` is handed to it
/// untouched. The operation is copied. `call`, which may be NULL, receives a handle for agg_call_cancel, to be freed with
/// agg_call_free. On any other status there will be no callback.
#[unsafe(no_mangle)]
pub extern "C" fn agg_client_start(
    client: Option<&agg_client>,
    operation: Option<&agg_operation>,
    callback: agg_callback,
    user_data: *mut c_void,
    call: *mut *mut agg_call,
    error: *mut *mut agg_error,
) -> agg_status {
    let user_data = UserData(user_data);
    run(error, || {
        let session = session(client)?;
        let invocation = needed("operation", operation)?.invocation();
        let callback = needed("callback", callback)?;
        // What can't be started is told by the status alone.
        binding::ready(&session)?;
        let reports = needed("client", client)?.reports.clone();
        reports.ready()?;
        let running = binding::start(session, invocation, move |result| {
            reports.ended(Completed { callback, user_data, result });
        });
        // Nobody has to take the handle.
        if call.is_null() { Ok(()) } else { put("call", call, agg_call::new(running)) }
    })
}

/// Replaces both API keys at once: the next call uses the new ones, and no call sees an old one beside a new one. Without a
/// secondary key, (NULL, 0), there is none from now on. Both are copied; the copies are wiped when they are replaced in
/// turn. On any failure the keys in use stay. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn agg_client_set_api_keys(
    client: Option<&agg_client>,
    primary: *const c_char,
    primary_length: usize,
    secondary: *const c_char,
    secondary_length: usize,
    error: *mut *mut agg_error,
) -> agg_status {
    run(error, || {
        let session = session(client)?;
        let primary = text("primary", primary, primary_length)?.into();
        let secondary = match secondary.is_null() && secondary_length == 0 {
            true => None,
            false => Some(text("secondary", secondary, secondary_length)?.into()),
        };
        session.keys().set(&primary, secondary.as_ref())
    })
}

/// The URL of the client's tenant, with a slash at its end, wherever its settings came from. `url` is the caller's, to be freed
/// with agg_bytes_free. Any thread; sends nothing.
#[unsafe(no_mangle)]
pub extern "C" fn agg_client_tenant_url(
    client: Option<&agg_client>,
    url: *mut *mut agg_bytes,
    error: *mut *mut agg_error,
) -> agg_status {
    run(error, || {
        let session = session(client)?;
        give("url", url, || Ok(agg_bytes::new(session.config().tenant_url().to_owned())))
    })
}

/// What this client did with its keys, as a JSON object: {"primary": {"fingerprint", "active", "requests", "refusals",
/// "firstUsed", "lastUsed"}, "secondary": the same or null, "failovers", "replacements"}. Times are milliseconds since 1970
/// or null. No key is in it. `json` is the caller's, to be freed with agg_bytes_free. Any thread; sends nothing.
#[unsafe(no_mangle)]
pub extern "C" fn agg_client_key_usage(
    client: Option<&agg_client>,
    json: *mut *mut agg_bytes,
    error: *mut *mut agg_error,
) -> agg_status {
    run(error, || {
        let session = session(client)?;
        give("json", json, || Ok(agg_bytes::new(session.keys().usage().to_json())))
    })
}

/// The user's token if the client has it at hand: never waits. With AGG_OK, `reply` is as for
/// agg_operation_exchange_api_key_for_token, or NULL when there is no token at hand. Has the token renewed in the background
/// when it is time. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn agg_client_cached_token(
    client: Option<&agg_client>,
    user_id: *const c_char,
    length: usize,
    reply: *mut *mut agg_reply,
    error: *mut *mut agg_error,
) -> agg_status {
    run(error, || {
        let session = session(client)?;
        let user_id = UserId::new(text("user_id", user_id, length)?)?;
        let token = binding::cached_token(&session, &user_id);
        give_or_null("reply", reply, token.map(|token| agg_reply::new(Reply::cached(token))))
    })
}

/// The verdict on a token if the client has at hand what it takes: never waits. As agg_operation_verify_token, whose reply comes
/// with AGG_OK, and with `check_service` as agg_operation_set_check_service has it; the reply is NULL when signing keys have to be
/// fetched first, or the service asked, which calling the operation does. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn agg_client_verified_token(
    client: Option<&agg_client>,
    token: *const c_char,
    length: usize,
    check_service: bool,
    reply: *mut *mut agg_reply,
    error: *mut *mut agg_error,
) -> agg_status {
    run(error, || {
        let session = session(client)?;
        let token = String::from_utf8_lossy(bytes("token", token, length)?);
        let check = check_service.then_some(TokenCheck::Service);
        let claims = binding::verified_at_hand(&session, &token, check).transpose()?;
        let made = |claims: Claims| agg_reply::new(Reply::made(claims.json().into(), 0));
        give_or_null("reply", reply, claims.map(made))
    })
}

/// Forgets a user's token: the next call asks for a new one. An exchange under way serves only those who wait for it. Any
/// thread.
#[unsafe(no_mangle)]
pub extern "C" fn agg_client_forget_token(
    client: Option<&agg_client>,
    user_id: *const c_char,
    length: usize,
    error: *mut *mut agg_error,
) -> agg_status {
    run(error, || {
        let session = session(client)?;
        session.tokens().forget(&UserId::new(text("user_id", user_id, length)?)?);
        Ok(())
    })
}

/// Forgets every token. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn agg_client_forget_tokens(
    client: Option<&agg_client>,
    error: *mut *mut agg_error,
) -> agg_status {
    run(error, || {
        session(client)?.tokens().forget_all();
        Ok(())
    })
}

/// How the token cache is doing, as a JSON object: {"size", "hits", "misses", "renewals", "fromOthers"}. `json` is the caller's, to be
/// freed with agg_bytes_free. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn agg_client_token_stats(
    client: Option<&agg_client>,
    json: *mut *mut agg_bytes,
    error: *mut *mut agg_error,
) -> agg_status {
    run(error, || {
        let session = session(client)?;
        give("json", json, || Ok(agg_bytes::new(session.tokens().stats().to_json())))
    })
}

/// Closes a client that other threads may still hold: calls started and not finished end with AGG_CLOSED, calls after it
/// answer AGG_CLOSED, blocking calls under way run to their end. Closing again does nothing. The client still has to be
/// freed. NULL is a no-op. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn agg_client_close(client: Option<&agg_client>) {
    if let Some(shared) = client.and_then(|client| client.shared.get()) {
        shared.close();
    }
}

/// Closes and frees a client. No other function may be using it. Callbacks of calls under way still come, with AGG_CLOSED.
/// NULL is a no-op.
#[unsafe(no_mangle)]
pub extern "C" fn agg_client_free(client: Option<Box<agg_client>>) {
    agg_client_close(client.as_deref());
}
