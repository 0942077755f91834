//! Key generation by API, as an older page of the vendor has it.

use axum::http::Method;
use serde::Deserialize;
use serde_json::json;

use super::request::TenantRequest;
use crate::body::json_body;
use crate::caller::Caller;
use crate::keys::Slot;
use crate::problem::{Answer, Problem, secret_json};
use crate::query;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GenerateBody {
    r#type: Slot,
}

/// `POST {"type": "primary"}` (or `secondary`) answers `{"apiKey": ..}`; the old key of that slot is refused from here on.
pub(super) async fn generate(request: TenantRequest<'_>) -> Answer {
    let TenantRequest { shared, tenant, method, uri, headers, body } = request;
    if *method != Method::POST {
        return Err(Problem::method_not_allowed("POST"));
    }
    Caller::of(shared, tenant, headers).await?.must_be_application()?;
    query::none(uri)?;
    let body = json_body(headers, body).await?;
    let GenerateBody { r#type: slot } = serde_json::from_slice(&body).map_err(|error| {
        Problem::bad_request(format!("The body must be {{\"type\": \"primary\" or \"secondary\"}}: {error}."))
    })?;
    let key = shared.generate_key(slot);
    Ok(secret_json(&json!({"apiKey": key})))
}
