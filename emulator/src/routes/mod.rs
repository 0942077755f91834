//! Which address is answered by whom.
//! Paths of a tenant are matched here and not by axum, because case doesn't count in them and ids stay undecoded.

mod api_keys;
mod control;
mod cors;
mod discovery;
mod exchange;
mod home;
mod openapi;
mod request;
mod schemas;
mod snapshot;
mod users;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::Redirect;
use axum::routing::get;
use serde_json::json;
use tower::util::option_layer;

use crate::keeping::DataFile;
use crate::problem::{Answer, Problem, json};
use crate::state::Shared;
use crate::{front, portal, swagger};
use request::TenantRequest;

/// Every spelling of the users path that the documentation has, in lower case.
const USERS_PATHS: [&str; 3] = ["api/v2.0/users", "api/users", "v2/users"];

/// All of the emulator. What is not the service itself (control calls, the portal, health checks) leaves no trace and
/// meets no fault.
pub(crate) fn router(shared: Arc<Shared>, data: Option<Arc<DataFile>>) -> Router {
    let health = get(async || json(StatusCode::OK, &json!({"status": "ok"})));
    let service = Router::new()
        .fallback(tenant)
        .layer(from_fn_with_state(Arc::clone(&shared), front::observe))
        .layer(option_layer(cors::layer(&shared.cors)));
    let keep = data.map(|file| from_fn_with_state((Arc::clone(&shared), file), front::keep));
    Router::new()
        .route("/", get(async || home::page()))
        .route("/health", health)
        .route("/openapi.json", get(openapi::answer))
        .nest("/swagger", swagger::router(&shared))
        .route("/swagger/", get(async || Redirect::to("/swagger")))
        .nest("/_emulator", control::router(&shared))
        .nest("/portal", portal::router(&shared))
        .route("/portal/", get(async || portal::to_the_page()))
        .method_not_allowed_fallback(async || Problem::wrong_method())
        .layer(from_fn_with_state(Arc::clone(&shared), front::stamp))
        .fallback_service(service.with_state(Arc::clone(&shared)))
        .layer(option_layer(keep))
        .with_state(shared)
}

/// An address below `/tenant/{tenantId}/`.
#[derive(Clone, Copy)]
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

    /// The methods that are answered here, as `Allow` has them.
    fn methods(self) -> &'static str {
        match self {
            Self::Users => "GET, HEAD, POST",
            Self::User(_) => "GET, HEAD, PUT, PATCH, DELETE",
            Self::Exchange | Self::ApiKeys => "POST",
            Self::Discovery | Self::KeySet => "GET, HEAD",
        }
    }
}

async fn tenant(State(shared): State<Arc<Shared>>, request: Request) -> Answer {
    let (parts, body) = request.into_parts();
    let below = parts.uri.path().strip_prefix("/tenant/");
    let (tenant, path) = below.and_then(|below| below.split_once('/')).ok_or_else(Problem::nothing_here)?;
    let route = Route::find(path).ok_or_else(Problem::nothing_here)?;
    let request = TenantRequest { shared: &shared, tenant, uri: &parts.uri, headers: &parts.headers, body };
    match (route, parts.method.as_str()) {
        (Route::Users, "GET" | "HEAD") => users::list(request).await,
        (Route::Users, "POST") => users::create(request).await,
        (Route::User(id), "GET" | "HEAD") => users::read(request, id).await,
        (Route::User(id), "PUT") => users::replace(request, id).await,
        (Route::User(id), "PATCH") => users::change(request, id).await,
        (Route::User(id), "DELETE") => users::remove(request, id).await,
        (Route::Exchange, "POST") => exchange::exchange(request).await,
        (Route::ApiKeys, "POST") => api_keys::generate(request).await,
        (Route::Discovery, "GET" | "HEAD") => discovery::configuration(request),
        (Route::KeySet, "GET" | "HEAD") => discovery::key_set(request).await,
        (route, _) => Err(Problem::method_not_allowed(route.methods())),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    #[test]
    fn every_route_is_described_with_its_methods_and_nothing_else_is() {
        let document = serde_json::to_value(openapi::document("http://here", "t")).expect("JSON");
        assert_eq!(document["openapi"], "3.1.0");
        let mut described = BTreeSet::new();
        for (path, operations) in document["paths"].as_object().expect("paths") {
            let route = Route::find(path.trim_start_matches('/').replace("{userId}", "x").leak());
            let route = route.unwrap_or_else(|| panic!("{path} is no route"));
            let methods: BTreeSet<_> = route
                .methods()
                .to_lowercase()
                .split(", ")
                .filter(|name| *name != "head")
                .map(str::to_owned)
                .collect();
            let operations: BTreeSet<_> =
                operations.as_object().expect("operations").keys().cloned().collect();
            assert_eq!(operations, methods, "{path}");
            // A new route needs a number here, and a description.
            described.insert(match route {
                Route::Users => 1,
                Route::User(_) => 2,
                Route::Exchange => 3,
                Route::ApiKeys => 4,
                Route::Discovery => 5,
                Route::KeySet => 6,
            });
        }
        assert_eq!(described, (1..=6).collect());
    }

    #[test]
    fn every_operation_says_how_it_refuses_and_how_curl_calls_it() {
        let document = serde_json::to_value(openapi::document("http://here", "t")).expect("JSON");
        let operations = document["paths"].as_object().expect("paths").values();
        for operation in operations.flat_map(|path| path.as_object().expect("operations").values()) {
            let name = operation["operationId"].as_str().expect("a name");
            let answers: Vec<_> = operation["responses"].as_object().expect("answers").keys().collect();
            assert!(answers.iter().any(|status| status.starts_with('4')), "{name}: {answers:?}");
            let has = |status: &str| answers.iter().any(|answer| *answer == status);
            assert_eq!(has("401"), operation["security"] != Value::Null, "{name}: {answers:?}");
            assert_eq!(has("415"), operation["requestBody"] != Value::Null, "{name}: {answers:?}");
            let description = operation["description"].as_str().expect("a description");
            assert!(
                description.contains("curl") && description.contains("http://here/tenant/t/"),
                "{description}"
            );
        }
    }
}
