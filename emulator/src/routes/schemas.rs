//! The shapes that the OpenAPI document describes where the code knows only JSON. Nothing here is ever made: it is described.
#![expect(dead_code, reason = "only their descriptions are used")]

use serde_json::json;
use utoipa::openapi::schema::{
    ArrayBuilder, KnownFormat, ObjectBuilder, OneOfBuilder, Schema, SchemaFormat, Type,
};
use utoipa::{IntoParams, ToSchema};

/// Which page of a list is asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PageParameters {
    /// The page, counted from 1.
    #[param(rename = "pageNumber", minimum = 1, maximum = 4294967295i64, default = 1)]
    page_number: Option<u64>,
    /// Users on a page.
    #[param(rename = "pageSize", minimum = 1, maximum = 100, default = 10)]
    page_size: Option<u32>,
}

/// A user. Members that are not documented are kept and returned as given.
#[derive(ToSchema)]
#[schema(as = User)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserSchema {
    #[schema(min_length = 1)]
    user_id: String,
    #[serde(flatten)]
    members: UserMembers,
}

/// A user to create.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewUser {
    #[schema(nullable = false, min_length = 1)]
    user_id: Option<String>,
    #[serde(flatten)]
    members: UserMembers,
}

/// The members of a user that can be changed.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserMembers {
    /// Unique in the tenant.
    #[schema(required = false, schema_with = email)]
    email: Option<String>,
    display_name: Option<String>,
    /// The documentation shows `Standard` only.
    #[schema(nullable = false)]
    user_type: Option<String>,
    /// A disabled user can't have tokens.
    #[schema(nullable = false)]
    enabled: Option<bool>,
    /// ISO 8601, UTC.
    last_logged_in: Option<String>,
    /// ISO 8601, UTC.
    last_token_refresh: Option<String>,
    /// Without groups, an owner belongs to the group `Admin`.
    #[schema(nullable = false)]
    owner: Option<bool>,
    #[schema(nullable = false)]
    require_password_reset: Option<bool>,
    /// Put into the user's tokens. Members of the group `Admin` may manage users.
    #[schema(required = false, schema_with = groups)]
    groups: Vec<String>,
}

fn email() -> Schema {
    let address = ObjectBuilder::new().schema_type(Type::String);
    let address = address.format(Some(SchemaFormat::KnownFormat(KnownFormat::Email)));
    let address = address.examples([json!("new@example.com")]);
    OneOfBuilder::new().item(address).item(ObjectBuilder::new().schema_type(Type::Null)).into()
}

fn groups() -> Schema {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    OneOfBuilder::new().item(text()).item(ArrayBuilder::new().items(text())).into()
}

/// A refusal, as RFC 9457 has it.
#[derive(ToSchema)]
#[schema(as = Problem)]
pub(super) struct ProblemSchema {
    r#type: String,
    title: String,
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// For people.
    detail: String,
}

/// Where a tenant's tokens come from and how they are verified.
#[derive(ToSchema)]
pub(super) struct Configuration {
    issuer: String,
    jwks_uri: String,
    token_endpoint: String,
    response_types_supported: Vec<String>,
    subject_types_supported: Vec<String>,
    id_token_signing_alg_values_supported: Vec<String>,
    claims_supported: Vec<String>,
}

/// A JSON Web Key Set.
#[derive(ToSchema)]
pub(super) struct KeySet {
    keys: Vec<Key>,
}

/// A public RSA key.
#[derive(ToSchema)]
pub(super) struct Key {
    kty: String,
    kid: String,
    r#use: String,
    alg: String,
    n: String,
    e: String,
}
