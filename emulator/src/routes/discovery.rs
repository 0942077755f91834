//! What verifiers of tokens read: the issuer's configuration and its public keys. Open to everybody.

use axum::http::StatusCode;
use serde_json::json;

use super::request::TenantRequest;
use super::schemas::{Configuration, KeySet};
use crate::problem::{Answer, Problem, json};
use crate::{query, tokens};

/// The OpenID configuration, without the addresses of sign-in pages that don't exist here.
#[utoipa::path(
    get, path = "/v2.0/Auth/.well-known/openid-configuration", tag = "Tokens", operation_id = "discover",
    responses((status = 200, description = "The issuer's configuration", body = Configuration)),
)]
pub(super) fn configuration(request: TenantRequest<'_>) -> Answer {
    check(&request)?;
    let TenantRequest { shared, uri, headers, .. } = request;
    let issuer = shared.url_for(uri, headers) + &shared.issuer_path();
    let answer = json!({
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "token_endpoint": format!("{issuer}/token-exchange"),
        "response_types_supported": ["token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": [
            "iss", "sub", "userId", "tenantId", "aud", "groups", "iat", "nbf", "exp", "jti"
        ],
    });
    Ok(json(StatusCode::OK, &answer))
}

/// The JSON Web Key Set that tokens are verified with.
#[utoipa::path(
    get, path = "/v2.0/Auth/.well-known/jwks.json", tag = "Tokens", operation_id = "getKeySet",
    responses((status = 200, description = "The public keys", body = KeySet)),
)]
pub(super) async fn key_set(request: TenantRequest<'_>) -> Answer {
    check(&request)?;
    Ok(json(StatusCode::OK, &tokens::key_set(request.shared).await))
}

fn check(request: &TenantRequest<'_>) -> Result<(), Problem> {
    if request.tenant != request.shared.tenant {
        return Err(Problem::nothing_here());
    }
    query::none(request.uri)
}
