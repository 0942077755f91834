//! Token exchange: an application gets the token of one of its tenant's users.

use axum::http::Method;
use serde::{Deserialize, Serialize};

use super::request::TenantRequest;
use crate::body::json_body;
use crate::caller::Caller;
use crate::problem::{Answer, Problem, secret_json};
use crate::{query, tokens};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ExchangeBody {
    user_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Exchanged {
    token: String,
    expires_in: u64,
    token_type: &'static str,
}

/// `POST {"userId": ..}` answers `{"token", "expiresIn", "tokenType"}`.
pub(super) async fn exchange(request: TenantRequest<'_>) -> Answer {
    let TenantRequest { shared, tenant, method, uri, headers, body } = request;
    if *method != Method::POST {
        return Err(Problem::method_not_allowed("POST"));
    }
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
