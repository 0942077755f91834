//! Key generation by API, as an older page of the vendor has it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::request::TenantRequest;
use crate::body::json_body;
use crate::caller::Caller;
use crate::keys::Slot;
use crate::problem::{Answer, Problem, secret_json};
use crate::query;

/// Which of the two keys is replaced.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GenerateBody {
    r#type: Slot,
}

/// The new key.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Generated {
    api_key: String,
}

/// Generates an API key; the previous key in that slot is refused immediately.
#[utoipa::path(
    post, path = "/api/APIKeys", tag = "API keys", operation_id = "generateApiKey",
    request_body = GenerateBody,
    responses((status = 200, description = "The new key", body = Generated)),
    security(("ApiKey" = [])),
)]
pub(super) async fn generate(request: TenantRequest<'_>) -> Answer {
    let TenantRequest { shared, tenant, uri, headers, body } = request;
    Caller::of(shared, tenant, headers).await?.must_be_application()?;
    query::none(uri)?;
    let body = json_body(headers, body).await?;
    let GenerateBody { r#type: slot } = serde_json::from_slice(&body).map_err(|error| {
        Problem::bad_request(format!("The body must be {{\"type\": \"primary\" or \"secondary\"}}: {error}."))
    })?;
    Ok(secret_json(&Generated { api_key: shared.generate_key(slot) }))
}
