//! The control API below `/_emulator/`: how tests see what arrived and make things go wrong.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use serde::Deserialize;
use serde_json::json;
use subtle::ConstantTimeEq;

use super::snapshot;
use crate::body::read_body;
use crate::faults;
use crate::key_report::KeyReport;
use crate::keys::Slot;
use crate::problem::{Answer, Problem, json, secret_json};
use crate::query;
use crate::state::Shared;
use crate::users;

/// The longest body read here: faults may answer more than a client is willing to read.
const BODY_LIMIT: usize = 64 << 20;

type Emulator = State<Arc<Shared>>;

pub(super) fn router(shared: &Arc<Shared>) -> Router<Arc<Shared>> {
    Router::new()
        .route("/keys", get(keys))
        .route("/keys/{slot}", post(replace_key))
        .route("/requests", get(requests))
        .route("/faults", post(add_fault).delete(clear_faults))
        .route("/users", post(put_users))
        .route("/users/{id}", delete(remove_user))
        .route("/users/{id}/revoke", post(revoke_tokens))
        .route("/clock", post(advance_clock))
        .route("/reset", post(reset))
        .route("/snapshot", get(snapshot::export).put(snapshot::import))
        .fallback(async || Problem::nothing_here())
        .layer(from_fn_with_state(Arc::clone(shared), authorize))
}

/// Lets only the holder of the control token through.
async fn authorize(State(shared): Emulator, request: Request, next: Next) -> Response {
    let presented: Vec<_> = request.headers().get_all(AUTHORIZATION).iter().collect();
    let expected = format!("Bearer {}", shared.control_token);
    let accepted = match presented[..] {
        [one] => one.as_bytes().ct_eq(expected.as_bytes()).into(),
        _ => false,
    };
    if accepted {
        match query::none(request.uri()) {
            Ok(()) => next.run(request).await,
            Err(unknown) => unknown.into_response(),
        }
    } else {
        Problem::unauthorized(
            "The control API requires the control token: 'Authorization: Bearer <control token>'.",
        )
        .into_response()
    }
}

async fn keys(State(shared): Emulator) -> Response {
    json(StatusCode::OK, &KeyReport::of(&shared))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct KeyBody {
    api_key: Option<String>,
}

/// Sets the key `{"apiKey": ..}`, or without a body generates one.
async fn replace_key(State(shared): Emulator, Path(slot): Path<String>, request: Request) -> Answer {
    let slot = Slot::named(&slot)
        .ok_or_else(|| Problem::not_found("No such key slot; expected 'primary' or 'secondary'."))?;
    let body = read_body(request.into_body(), BODY_LIMIT).await?;
    let given = if body.is_empty() { Ok(KeyBody { api_key: None }) } else { serde_json::from_slice(&body) };
    let KeyBody { api_key } = given.map_err(|error| {
        Problem::bad_request(format!("The body must be {{\"apiKey\": a string}}: {error}."))
    })?;
    let key = match api_key {
        None => shared.generate_key(slot),
        Some(key) => {
            let set = shared.set_key(slot, key.clone());
            set.map_err(|why| Problem::bad_request(format!("The apiKey {why}.")))?;
            key
        }
    };
    Ok(secret_json(&json!({"apiKey": key})))
}

/// For calls that take no members at all: a body is empty or an empty object.
async fn no_members(request: Request) -> Result<(), Problem> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Nothing {}
    let body = read_body(request.into_body(), BODY_LIMIT).await?;
    if !body.is_empty() {
        let Nothing {} = serde_json::from_slice(&body)
            .map_err(|error| Problem::bad_request(format!("This call takes no body: {error}.")))?;
    }
    Ok(())
}

async fn requests(State(shared): Emulator) -> Response {
    let entries = shared.lock().journal.entries();
    json(StatusCode::OK, &entries)
}

async fn add_fault(State(shared): Emulator, request: Request) -> Answer {
    let body = read_body(request.into_body(), BODY_LIMIT).await?;
    let fault = faults::read(&body).map_err(|why| Problem::bad_request(format!("Invalid fault: {why}.")))?;
    let mut state = shared.lock();
    state.faults.add(fault);
    Ok(json(StatusCode::OK, &json!({"faults": state.faults.len()})))
}

async fn clear_faults(State(shared): Emulator) -> Response {
    shared.lock().faults.clear();
    json(StatusCode::OK, &json!({"faults": 0}))
}

/// Takes `{"users":[..]}`, or a single user.
async fn put_users(State(shared): Emulator, request: Request) -> Answer {
    let body = read_body(request.into_body(), BODY_LIMIT).await?;
    let users = std::str::from_utf8(&body)
        .map_err(|error| error.to_string())
        .and_then(users::read_list_or_one)
        .map_err(|why| Problem::bad_request(format!("Invalid users: {why}.")))?;
    let mut state = shared.lock();
    users.into_iter().for_each(|user| state.users.put(user));
    Ok(json(StatusCode::OK, &json!({"users": state.users.len()})))
}

async fn remove_user(State(shared): Emulator, Path(id): Path<String>) -> Answer {
    let mut state = shared.lock();
    if !state.users.remove(&id) {
        return Err(Problem::not_found("No such user."));
    }
    Ok(json(StatusCode::OK, &json!({"users": state.users.len()})))
}

/// Makes every token that the user has worthless; new ones can be had.
async fn revoke_tokens(State(shared): Emulator, Path(id): Path<String>, request: Request) -> Answer {
    no_members(request).await?;
    shared.lock().revoked.revoke(&id);
    Ok(json(StatusCode::OK, &json!({"status": "ok"})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct AdvanceBody {
    advance_seconds: u64,
}

async fn advance_clock(State(shared): Emulator, request: Request) -> Answer {
    let body = read_body(request.into_body(), BODY_LIMIT).await?;
    let AdvanceBody { advance_seconds } = serde_json::from_slice(&body).map_err(|error| {
        Problem::bad_request(format!("The body must be {{\"advanceSeconds\": a whole number}}: {error}."))
    })?;
    shared
        .clock
        .advance(Duration::from_secs(advance_seconds))
        .ok_or_else(|| Problem::bad_request("The clock can run at most 100 years ahead."))?;
    Ok(json(StatusCode::OK, &json!({"secondsAhead": shared.clock.ahead().as_secs()})))
}

async fn reset(State(shared): Emulator, request: Request) -> Answer {
    no_members(request).await?;
    shared.reset();
    Ok(json(StatusCode::OK, &json!({"status": "ok"})))
}
