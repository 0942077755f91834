//! The OpenAPI document of the service: made from the handlers' descriptions, completed with what holds for all of them.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use utoipa::OpenApi as _;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, ResponseBuilder, ServerBuilder};

use super::schemas::ProblemSchema;
use super::{api_keys, discovery, exchange, users};
use crate::problem::{Answer, json};
use crate::query;
use crate::state::Shared;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Agglestone Authentication and User Management Service (emulator)",
        description = "What the emulator answers in place of the service. Paths are matched in any letter case; \
            the users path is also answered as `/api/Users` and `/v2/Users`. \
            Every response has the header `x-request-id`.",
    ),
    paths(
        users::list, users::create, users::read, users::replace, users::change, users::remove,
        exchange::exchange, api_keys::generate, discovery::configuration, discovery::key_set,
    ),
    components(schemas(ProblemSchema)),
    tags(
        (name = "Users", description = "The users of the tenant"),
        (name = "Tokens", description = "Users' tokens, and how they are verified"),
        (name = "API keys", description = "The tenant's two keys"),
    ),
)]
struct Described;

/// The document, for whoever reaches the emulator under `base`.
pub(super) fn document(base: &str, tenant: &str) -> OpenApi {
    let mut document = Described::openapi();
    let server = format!("{base}/tenant/{tenant}");
    let components = document.components.as_mut().expect("there are schemas");
    let key =
        ApiKeyValue::with_description("X-API-Key", "An API key of the tenant: may do everything in it.");
    components.add_security_scheme("ApiKey", SecurityScheme::ApiKey(ApiKey::Header(key)));
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT");
    let bearer = bearer.description(Some("A user's token, from the token exchange.")).build();
    components.add_security_scheme("Bearer", SecurityScheme::Http(bearer));
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            add_refusals(operation, path);
            let curl = curl(method, &format!("{server}{path}"), operation);
            let summary = operation.summary.clone().unwrap_or_default();
            let description = operation.description.clone().unwrap_or(summary);
            operation.description = Some(format!("{description}\n\n```sh\n{curl}\n```"));
        }
    }
    document.servers = Some(vec![ServerBuilder::new().url(server).build()]);
    document
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let PathItem { get, put, post, delete, patch, .. } = item;
    let all = [("GET", get), ("PUT", put), ("POST", post), ("DELETE", delete), ("PATCH", patch)];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// The refusals that every operation of its kind has.
fn add_refusals(operation: &mut Operation, path: &str) {
    let (takes_body, takes_credential) = (operation.request_body.is_some(), operation.security.is_some());
    for (status, description, applies) in [
        ("400", "An invalid or unknown parameter or member", true),
        ("401", "No valid credential for this tenant", takes_credential),
        ("403", "The user may not do this, or is disabled", takes_credential),
        ("404", "No such user", path.contains('{') || path.contains("token-exchange")),
        ("405", "Another method is needed; `Allow` names it", true),
        ("408", "The request body took too long to arrive", takes_body),
        ("413", "The request body is too long", takes_body),
        ("415", "The request body was not sent as application/json", takes_body),
    ] {
        if applies {
            let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
            let response = ResponseBuilder::new().description(description);
            let response = response.content("application/problem+json", content).build();
            operation.responses.responses.entry(status.to_owned()).or_insert(response.into());
        }
    }
}

/// A line for a shell that makes the call, with a place for the credential.
fn curl(method: &str, url: &str, operation: &Operation) -> String {
    let mut line = "curl".to_owned();
    if method != "GET" {
        line += &format!(" -X {method}");
    }
    if operation.security.is_some() {
        line += " -H \"X-API-Key: $AGGLESTONE_API_KEY\"";
    }
    if operation.request_body.is_some() {
        let body = match operation.operation_id.as_deref() {
            Some("exchangeToken") => r#"{"userId":"USER_ID"}"#,
            Some("generateApiKey") => r#"{"type":"primary"}"#,
            _ => r#"{"email":"new@example.com"}"#,
        };
        line += &format!(" --json '{body}'");
    }
    format!("{line} \"{}\"", url.replace("{userId}", "USER_ID"))
}

/// `GET /openapi.json`.
pub(super) async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Answer {
    query::none(request.uri())?;
    let base = shared.url_for(request.uri(), request.headers());
    let answer: Response = json(StatusCode::OK, &document(&base, &shared.tenant));
    Ok(answer)
}
