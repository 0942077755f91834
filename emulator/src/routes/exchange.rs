//! Token exchange: an application gets the token of one of its tenant's users.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::request::TenantRequest;
use crate::body::json_body;
use crate::caller::Caller;
use crate::problem::{Answer, Problem, secret_json};
use crate::{query, tokens};

/// Whose token is wanted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ExchangeBody {
    user_id: String,
}

/// A user's token.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Exchanged {
    token: String,
    expires_in: u64,
    token_type: &'static str,
}

/// Exchanges the API key for a user's token.
#[utoipa::path(
    post, path = "/v2.0/Auth/token-exchange", tag = "Tokens", operation_id = "exchangeToken",
    request_body = ExchangeBody,
    responses((status = 200, description = "A token of this user", body = Exchanged)),
    security(("ApiKey" = [])),
)]
pub(super) async fn exchange(request: TenantRequest<'_>) -> Answer {
    let TenantRequest { shared, tenant, uri, headers, body } = request;
    Caller::of(shared, tenant, headers).await?.must_be_application()?;
    query::none(uri)?;
    let body = json_body(headers, body).await?;
    let ExchangeBody { user_id } = serde_json::from_slice(&body).map_err(|error| {
        Problem::bad_request(format!("The body must be {{\"userId\": a string}}: {error}."))
    })?;
    let groups = match shared.lock().users.get(&user_id) {
        None => return Err(Problem::not_found("No such user.")),
        Some(user) if !user.enabled() => return Err(Problem::forbidden("The user is disabled.")),
        Some(user) => user.groups().to_vec(),
    };
    let issuer = shared.url_for(uri, headers) + &shared.issuer_path();
    let token = tokens::issue(shared, issuer, &user_id, groups).await;
    Ok(secret_json(&Exchanged { token, expires_in: shared.token_lifetime.as_secs(), token_type: "Bearer" }))
}
