//! What the page's script calls. Keys are answered only when asked for by name, one at a time.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::guard::check_caller;
use super::lists;
use crate::body::json_body;
use crate::key_report::KeyReport;
use crate::keys::Slot;
use crate::problem::{Answer, Problem, json, secret_json};
use crate::state::Shared;

type Emulator = State<Arc<Shared>>;

pub(super) fn router(shared: &Arc<Shared>) -> Router<Arc<Shared>> {
    Router::new()
        .route("/keys", get(keys))
        .route("/keys/{slot}", post(generate))
        .route("/keys/{slot}/reveal", post(reveal))
        .merge(lists::router())
        .fallback(async || Problem::nothing_here())
        .layer(from_fn_with_state(Arc::clone(shared), check_caller))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Overview<'a> {
    url: &'a str,
    tenant_id: &'a str,
    #[serde(flatten)]
    report: KeyReport,
}

async fn keys(State(shared): Emulator) -> Response {
    let (url, tenant_id) = (shared.url(), &shared.tenant);
    json(StatusCode::OK, &Overview { url, tenant_id, report: KeyReport::of(&shared) })
}

async fn reveal(State(shared): Emulator, Path(slot): Path<String>) -> Answer {
    let slot = named(&slot)?;
    let state = shared.lock();
    Ok(secret_json(&json!({
        "apiKey": state.keys.get(slot),
        "fingerprint": state.keys.fingerprint(slot),
    })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GenerateBody {
    replaces: String,
}

/// `{"replaces": fingerprint}` answers the new `{"fingerprint"}`. Somebody who looks at an old page, or clicks twice,
/// would end a key that others have just been given, so the key to end is named.
async fn generate(State(shared): Emulator, Path(slot): Path<String>, request: Request) -> Answer {
    let slot = named(&slot)?;
    let (parts, body) = request.into_parts();
    let body = json_body(&parts.headers, body).await?;
    let GenerateBody { replaces } = serde_json::from_slice(&body).map_err(|error| {
        Problem::bad_request(format!("The body must be {{\"replaces\": a fingerprint}}: {error}."))
    })?;
    let mut state = shared.lock();
    if state.keys.fingerprint(slot) != replaces {
        return Err(Problem::conflict("This key has already been replaced."));
    }
    state.keys.generate(slot, shared.clock.now());
    Ok(json(StatusCode::OK, &json!({"fingerprint": state.keys.fingerprint(slot)})))
}

fn named(slot: &str) -> Result<Slot, Problem> {
    Slot::named(slot)
        .ok_or_else(|| Problem::not_found("No such key slot; expected 'primary' or 'secondary'."))
}
