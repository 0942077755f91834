//! The users of the tenant: listed by page, read, and changed in the simplest way that fits.

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use utoipa::ToSchema;

use super::request::TenantRequest;
use super::schemas::{NewUser, PageParameters, ProblemSchema, UserMembers, UserSchema};
use crate::body::json_body;
use crate::caller::Caller;
use crate::keys::random_guid;
use crate::problem::{Answer, Problem, json, json_text};
use crate::query::{self, Page};
use crate::state::Shared;
use crate::user_rules;
use crate::users::{Members, User, Users};

/// A page of users.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PageOfUsers<'a> {
    #[schema(value_type = Vec<UserSchema>)]
    data: Vec<&'a RawValue>,
    #[schema(minimum = 1)]
    page_number: u32,
    #[schema(minimum = 1, maximum = 100)]
    page_size: u32,
    total_records: usize,
}

/// Lists users by page.
#[utoipa::path(
    get, path = "/api/v2.0/Users", tag = "Users", operation_id = "listUsers",
    params(PageParameters),
    responses((status = 200, description = "One page of users", body = PageOfUsers)),
    security(("ApiKey" = []), ("Bearer" = [])),
)]
pub(super) async fn list(request: TenantRequest<'_>) -> Answer {
    let TenantRequest { shared, tenant, uri, headers, .. } = request;
    Caller::of(shared, tenant, headers).await?.must_be_admin()?;
    let page = Page::from_uri(uri)?;
    let state = shared.lock();
    Ok(json(
        StatusCode::OK,
        &PageOfUsers {
            data: state.users.page(page.number, page.size).map(User::json).collect(),
            page_number: page.number,
            page_size: page.size,
            total_records: state.users.len(),
        },
    ))
}

/// Creates a user. Without a userId, the user gets a random one.
#[utoipa::path(
    post, path = "/api/v2.0/Users", tag = "Users", operation_id = "createUser",
    request_body = NewUser,
    responses(
        (status = 201, description = "The new user", body = UserSchema),
        (status = 409, description = "Another user has this userId or email", body = ProblemSchema, content_type = "application/problem+json"),
    ),
    security(("ApiKey" = []), ("Bearer" = [])),
)]
pub(super) async fn create(request: TenantRequest<'_>) -> Answer {
    let TenantRequest { shared, tenant, uri, headers, body } = request;
    Caller::of(shared, tenant, headers).await?.must_be_admin()?;
    query::none(uri)?;
    let mut members = object(&json_body(headers, body).await?)?;
    if !members.contains_key("userId") {
        members.shift_insert(0, "userId".into(), raw(&random_guid()));
    }
    let user = user_of(&members)?;
    let mut state = shared.lock();
    if state.users.get(user.id()).is_some() {
        return Err(Problem::conflict("A user with this userId already exists."));
    }
    put(&mut state.users, StatusCode::CREATED, user)
}

/// Who asks for one user, and for which.
struct Asked {
    caller: Caller,
    id: String,
}

async fn asked(shared: &Shared, tenant: &str, headers: &HeaderMap, segment: &str) -> Result<Asked, Problem> {
    let caller = Caller::of(shared, tenant, headers).await?;
    let id = percent_decode_str(segment)
        .decode_utf8()
        .map_err(|_| Problem::bad_request("The user id in the path is not valid UTF-8."))?
        .into_owned();
    Ok(Asked { caller, id })
}

fn nobody() -> Problem {
    Problem::not_found("No such user.")
}

/// Reads one user.
#[utoipa::path(
    get, path = "/api/v2.0/Users/{userId}", tag = "Users", operation_id = "getUser",
    params(("userId" = String, Path, description = "The user's id, as one path segment")),
    responses((status = 200, description = "The user", body = UserSchema)),
    security(("ApiKey" = []), ("Bearer" = [])),
)]
pub(super) async fn read(request: TenantRequest<'_>, segment: &str) -> Answer {
    let Asked { caller, id } = asked(request.shared, request.tenant, request.headers, segment).await?;
    caller.must_be_admin_or(&id)?;
    query::none(request.uri)?;
    let state = request.shared.lock();
    Ok(answer(StatusCode::OK, state.users.get(&id).ok_or_else(nobody)?))
}

/// Deletes a user.
#[utoipa::path(
    delete, path = "/api/v2.0/Users/{userId}", tag = "Users", operation_id = "deleteUser",
    params(("userId" = String, Path, description = "The user's id, as one path segment")),
    responses((status = 204, description = "The user was deleted")),
    security(("ApiKey" = []), ("Bearer" = [])),
)]
pub(super) async fn remove(request: TenantRequest<'_>, segment: &str) -> Answer {
    let Asked { caller, id } = asked(request.shared, request.tenant, request.headers, segment).await?;
    caller.must_be_admin()?;
    query::none(request.uri)?;
    let gone = request.shared.lock().users.remove(&id);
    if gone { Ok(no_content()) } else { Err(nobody()) }
}

/// Replaces a user; members that are not given are gone.
#[utoipa::path(
    put, path = "/api/v2.0/Users/{userId}", tag = "Users", operation_id = "replaceUser",
    params(("userId" = String, Path, description = "The user's id, as one path segment")),
    request_body = UserMembers,
    responses(
        (status = 200, description = "The user as it is now", body = UserSchema),
        (status = 409, description = "Another user has this userId or email", body = ProblemSchema, content_type = "application/problem+json"),
    ),
    security(("ApiKey" = []), ("Bearer" = [])),
)]
pub(super) async fn replace(request: TenantRequest<'_>, segment: &str) -> Answer {
    write(request, segment, |_| Members::new()).await
}

/// Changes the members of a user that are given.
#[utoipa::path(
    patch, path = "/api/v2.0/Users/{userId}", tag = "Users", operation_id = "changeUser",
    params(("userId" = String, Path, description = "The user's id, as one path segment")),
    request_body = UserMembers,
    responses(
        (status = 200, description = "The user as it is now", body = UserSchema),
        (status = 409, description = "Another user has this userId or email", body = ProblemSchema, content_type = "application/problem+json"),
    ),
    security(("ApiKey" = []), ("Bearer" = [])),
)]
pub(super) async fn change(request: TenantRequest<'_>, segment: &str) -> Answer {
    write(request, segment, User::members).await
}

/// Writes the members given over those that `kept` keeps.
async fn write(request: TenantRequest<'_>, segment: &str, kept: fn(&User) -> Members) -> Answer {
    let Asked { caller, id } = asked(request.shared, request.tenant, request.headers, segment).await?;
    caller.must_be_admin()?;
    query::none(request.uri)?;
    let given = object(&json_body(request.headers, request.body).await?)?;
    let mut state = request.shared.lock();
    let mut members = kept(state.users.get(&id).ok_or_else(nobody)?);
    members.extend(given);
    members.entry("userId".into()).or_insert_with(|| raw(&id));
    let user = user_of(&members)?;
    if user.id() != id {
        return Err(Problem::bad_request("A user's userId cannot be changed."));
    }
    put(&mut state.users, StatusCode::OK, user)
}

fn put(users: &mut Users, status: StatusCode, user: User) -> Answer {
    if users.has_email_of(&user) {
        return Err(Problem::conflict("A user with this email already exists."));
    }
    let answer = answer(status, &user);
    users.put(user);
    Ok(answer)
}

fn object(body: &[u8]) -> Result<Members, Problem> {
    serde_json::from_slice(body)
        .map_err(|error| Problem::bad_request(format!("The body must be a JSON object: {error}.")))
}

fn user_of(members: &Members) -> Result<User, Problem> {
    let checked = user_rules::flaw(members).map_or(Ok(()), |flaw| Err(flaw.to_owned()));
    checked
        .and_then(|()| User::from_members(members))
        .map_err(|wrong| Problem::bad_request(format!("The user {wrong}.")))
}

fn answer(status: StatusCode, user: &User) -> Response {
    json_text(status, user.json().get().to_owned())
}

fn raw(id: &str) -> Box<RawValue> {
    to_raw_value(id).expect("a string is JSON")
}

fn no_content() -> Response {
    (StatusCode::NO_CONTENT, Body::empty()).into_response()
}
