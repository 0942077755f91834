//! Which address is answered by whom.
//! Paths of a tenant are matched here and not by axum, because case doesn't count in them and ids stay undecoded.

mod api_keys;
mod control;
mod cors;
mod discovery;
mod exchange;
mod request;
mod users;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use serde_json::json;
use tower::util::option_layer;

use crate::problem::{Answer, Problem, json};
use crate::state::Shared;
use crate::{front, portal};
use request::TenantRequest;

/// Every spelling of the users path that the documentation has, in lower case.
const USERS_PATHS: [&str; 3] = ["api/v2.0/users", "api/users", "v2/users"];

/// All of the emulator. What is not the service itself (control calls, the portal, health checks) leaves no trace and
/// meets no fault.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    let health = get(async || json(StatusCode::OK, &json!({"status": "ok"})));
    let service = Router::new()
        .fallback(tenant)
        .layer(from_fn_with_state(Arc::clone(&shared), front::observe))
        .layer(option_layer(cors::layer(&shared.cors)));
    Router::new()
        .route("/health", health)
        .nest("/_emulator", control::router(&shared))
        .nest("/portal", portal::router(&shared))
        .route("/portal/", get(async || portal::to_the_page()))
        .method_not_allowed_fallback(async || Problem::wrong_method())
        .layer(from_fn_with_state(Arc::clone(&shared), front::stamp))
        .fallback_service(service.with_state(Arc::clone(&shared)))
        .with_state(shared)
}

/// An address below `/tenant/{tenantId}/`.
enum Route<'a> {
    Users,
    User(&'a str),
    Exchange,
    ApiKeys,
    Discovery,
    KeySet,
}

impl<'a> Route<'a> {
    fn find(path: &'a str) -> Option<Self> {
        let is = |known: &str| path.eq_ignore_ascii_case(known);
        if USERS_PATHS.into_iter().any(is) {
            return Some(Self::Users);
        }
        if is("v2.0/Auth/token-exchange") {
            return Some(Self::Exchange);
        }
        if is("api/APIKeys") {
            return Some(Self::ApiKeys);
        }
        if is("v2.0/Auth/.well-known/openid-configuration") {
            return Some(Self::Discovery);
        }
        if is("v2.0/Auth/.well-known/jwks.json") {
            return Some(Self::KeySet);
        }
        let (parent, id) = path.rsplit_once('/').filter(|(_, id)| !id.is_empty())?;
        let is_users = |known: &str| parent.eq_ignore_ascii_case(known);
        USERS_PATHS.into_iter().any(is_users).then_some(Self::User(id))
    }
}

async fn tenant(State(shared): State<Arc<Shared>>, request: Request) -> Answer {
    let (parts, body) = request.into_parts();
    let below = parts.uri.path().strip_prefix("/tenant/");
    let (tenant, path) = below.and_then(|below| below.split_once('/')).ok_or_else(Problem::nothing_here)?;
    let request = TenantRequest {
        shared: &shared,
        tenant,
        method: &parts.method,
        uri: &parts.uri,
        headers: &parts.headers,
        body,
    };
    match Route::find(path).ok_or_else(Problem::nothing_here)? {
        Route::Users => users::all(request).await,
        Route::User(id) => users::one(request, id).await,
        Route::Exchange => exchange::exchange(request).await,
        Route::ApiKeys => api_keys::generate(request).await,
        Route::Discovery => discovery::configuration(request),
        Route::KeySet => discovery::key_set(request).await,
    }
}
