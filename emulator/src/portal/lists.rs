//! The calls behind the portal's lists: users and what can be done with them, recorded requests, and faults.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};

use crate::body::json_body;
use crate::journal::JournalEntry;
use crate::problem::{Answer, Problem, json, secret_json};
use crate::state::Shared;
use crate::tokens;
use crate::users::User;

/// Rows that the page gets of a list.
const SHOWN: usize = 100;

type Emulator = State<Arc<Shared>>;

pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/requests", get(requests))
        .route("/faults", get(faults).delete(clear_faults))
        .route("/users", get(users))
        .route("/users/{id}", post(enable))
        .route("/users/{id}/token", post(token))
}

#[derive(Serialize)]
struct Recorded {
    /// The latest first.
    requests: Vec<JournalEntry>,
}

async fn requests(State(shared): Emulator) -> Answer {
    let mut requests = shared.lock().journal.entries();
    requests.reverse();
    requests.truncate(SHOWN);
    Ok(json(StatusCode::OK, &Recorded { requests }))
}

async fn faults(State(shared): Emulator) -> Answer {
    let faults = shared.lock().faults.descriptions();
    Ok(json(StatusCode::OK, &json!({"faults": faults})))
}

async fn clear_faults(State(shared): Emulator) -> Answer {
    shared.lock().faults.clear();
    Ok(json(StatusCode::OK, &json!({"faults": []})))
}

#[derive(Serialize)]
struct Found<'a> {
    users: Vec<&'a RawValue>,
    total: usize,
}

/// Users in whose text the query parameter `search` is, whatever its case.
async fn users(State(shared): Emulator, request: Request) -> Answer {
    let query = request.uri().query().unwrap_or_default();
    let search = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "search");
    let search = search.map(|(_, text)| text.to_lowercase()).unwrap_or_default();
    let state = shared.lock();
    let fits = |user: &&User| user.json().get().to_lowercase().contains(&search);
    let found: Vec<&RawValue> = state.users.all().filter(fits).map(User::json).collect();
    let total = found.len();
    Ok(json(StatusCode::OK, &Found { users: found.into_iter().take(SHOWN).collect(), total }))
}

fn nobody() -> Problem {
    Problem::not_found("No such user.")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EnableBody {
    enabled: bool,
}

async fn enable(State(shared): Emulator, Path(id): Path<String>, request: Request) -> Answer {
    let (parts, body) = request.into_parts();
    let body = json_body(&parts.headers, body).await?;
    let EnableBody { enabled } = serde_json::from_slice(&body).map_err(|error| {
        Problem::bad_request(format!("The body must be {{\"enabled\": true or false}}: {error}."))
    })?;
    let mut state = shared.lock();
    let mut members = state.users.get(&id).ok_or_else(nobody)?.members();
    members.insert("enabled".into(), to_raw_value(&enabled).expect("a boolean is JSON"));
    let user = User::from_members(&members).expect("a user with another enabled is a user");
    state.users.put(user);
    Ok(json(StatusCode::OK, &json!({"enabled": enabled})))
}

async fn token(State(shared): Emulator, Path(id): Path<String>, request: Request) -> Answer {
    let groups = match shared.lock().users.get(&id) {
        None => return Err(nobody()),
        Some(user) if !user.enabled() => return Err(Problem::forbidden("The user is disabled.")),
        Some(user) => user.groups().to_vec(),
    };
    let issuer = shared.url_for(request.uri(), request.headers()) + &shared.issuer_path();
    Ok(secret_json(&json!({"token": tokens::issue(&shared, issuer, &id, groups).await})))
}
