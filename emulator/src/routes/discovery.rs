//! What verifiers of tokens read: the issuer's configuration and its public keys. Open to everybody.

use axum::http::{Method, StatusCode};
use serde_json::json;

use super::request::TenantRequest;
use crate::problem::{Answer, Problem, json};
use crate::{query, tokens};

/// The OpenID configuration, without the addresses of sign-in pages that don't exist here.
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

/// The JSON Web Key Set.
pub(super) async fn key_set(request: TenantRequest<'_>) -> Answer {
    check(&request)?;
    Ok(json(StatusCode::OK, &tokens::key_set(request.shared).await))
}

fn check(request: &TenantRequest<'_>) -> Result<(), Problem> {
    if !matches!(*request.method, Method::GET | Method::HEAD) {
        return Err(Problem::method_not_allowed("GET, HEAD"));
    }
    if request.tenant != request.shared.tenant {
        return Err(Problem::nothing_here());
    }
    query::none(request.uri)
}
