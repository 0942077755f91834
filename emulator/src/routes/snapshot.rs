//! `GET` and `PUT /_emulator/snapshot`: the state that outlives an emulator, out and in.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use serde_json::json;

use crate::body::read_body;
use crate::keeping;
use crate::problem::{Answer, Problem, json, json_text};
use crate::snapshot::Snapshot;
use crate::state::Shared;

/// The longest snapshot read here.
const BODY_LIMIT: usize = 64 << 20;

pub(super) async fn export(State(shared): State<Arc<Shared>>) -> Answer {
    let text = tokio::task::spawn_blocking(move || keeping::take(&shared));
    let text = text.await.expect("taking a snapshot does not panic and is not cancelled");
    Ok(([(CACHE_CONTROL, "no-store")], json_text(StatusCode::OK, text)).into_response())
}

pub(super) async fn import(State(shared): State<Arc<Shared>>, request: Request) -> Answer {
    let body = read_body(request.into_body(), BODY_LIMIT).await?;
    let restored = Snapshot::read(&body, &shared.tenant)
        .map_err(|why| Problem::bad_request(format!("Invalid snapshot: {why}.")))?;
    keeping::restore(&shared, restored);
    Ok(json(StatusCode::OK, &json!({"status": "ok"})))
}
