//! What happens to every request before and after its handler: the journal, faults, `x-request-id` and `Date`.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{DATE, USER_AGENT};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::credentials::Presented;
use crate::faults::cut::Cut;
use crate::journal::JournalEntry;
use crate::keeping::DataFile;
use crate::keys::{Slot, fingerprint, random_guid};
use crate::problem::Problem;
use crate::redact::redact;
use crate::state::{Shared, State as Changing};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Bytes kept of each text of a request: whole where it is sensible, and 35 MB at most of ten thousand requests.
const METHOD_LIMIT: usize = 40;
const PATH_LIMIT: usize = 2048;
const QUERY_LIMIT: usize = 1024;
const AGENT_LIMIT: usize = 400;

/// Keeps what a request has changed, before its answer says so.
pub(crate) async fn keep(
    State((shared, file)): State<(Arc<Shared>, Arc<DataFile>)>,
    request: Request,
    next: Next,
) -> Response {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let response = next.run(request).await;
    if !changes {
        return response;
    }
    let saved = tokio::task::spawn_blocking(move || file.save(&shared)).await;
    match saved.expect("saving does not panic and is not cancelled") {
        Ok(()) => response,
        Err(error) => Problem::not_kept(&error).into_response(),
    }
}

/// Runs a request that is for the emulator itself and not for the service.
pub(crate) async fn stamp(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    stamped(&shared, &random_guid(), next.run(request).await)
}

/// Runs a request for the service.
pub(crate) async fn observe(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let request_id = random_guid();
    let path = request.uri().path();
    let (opened, counted, fault) = {
        let mut state = shared.lock();
        let entry = entry(&shared, &state, &request, &request_id);
        let fault = state.faults.take(request.method().as_str(), path, entry.time);
        let counted = state.count_use(&entry);
        (state.journal.open(entry), counted, fault)
    };
    let response = match fault {
        Ok(None) => next.run(request).await,
        Ok(Some(fault)) => fault.play(request, next).await,
        Err(limited) => limited.into_response(),
    };
    if Cut::is_instead(&response) {
        return response;
    }
    let response = stamped(&shared, &request_id, response);
    let sent_id = response.headers()[REQUEST_ID].to_str().unwrap_or_default();
    let status = response.status();
    let mut state = shared.lock();
    state.journal.complete(opened, status.as_u16(), sent_id);
    if let Some(counted) = counted.filter(|_| status == StatusCode::UNAUTHORIZED) {
        state.usage.refused(counted);
    }
    drop(state);
    response
}

/// Adds what every answer has, where a fault has not set it to something else.
fn stamped(shared: &Shared, request_id: &str, mut response: Response) -> Response {
    let header = |text: &str| HeaderValue::from_str(text).expect("ids and dates are ASCII");
    let headers = response.headers_mut();
    headers.entry(REQUEST_ID).or_insert_with(|| header(request_id));
    headers.entry(DATE).or_insert_with(|| header(&httpdate::fmt_http_date(shared.clock.now())));
    response
}

fn entry(shared: &Shared, state: &Changing, request: &Request, request_id: &str) -> JournalEntry {
    let (uri, headers) = (request.uri(), request.headers());
    let presented = Presented::read(headers);
    let key = match presented {
        Presented::Key(key) => Some(key),
        _ => None,
    };
    let [primary, secondary] = Slot::ALL.map(|slot| state.keys.get(slot));
    let known = [primary, secondary, &shared.control_token, presented.secret().unwrap_or_default()];
    let clean = |text: &str, limit| redact(text, &known, limit);
    JournalEntry {
        time: shared.clock.now(),
        method: clean(request.method().as_str(), METHOD_LIMIT),
        path: clean(uri.path(), PATH_LIMIT),
        query: uri.query().map(|query| clean(query, QUERY_LIMIT)),
        status: None,
        key_slot: key.and_then(|key| state.keys.slot_of(key)),
        fingerprint: key.map(fingerprint),
        credential: presented.kind(),
        user_agent: headers
            .get(USER_AGENT)
            .map(|agent| clean(&String::from_utf8_lossy(agent.as_bytes()), AGENT_LIMIT)),
        request_id: request_id.to_owned(),
    }
}
