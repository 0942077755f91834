//! The users of the tenant: listed by page, read, and changed in the simplest way that fits.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::request::TenantRequest;
use crate::body::json_body;
use crate::caller::Caller;
use crate::keys::random_guid;
use crate::problem::{Answer, Problem, json, json_text};
use crate::query::{self, Page};
use crate::users::{Members, User};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PageOfUsers<'a> {
    data: Vec<&'a RawValue>,
    page_number: u32,
    page_size: u32,
    total_records: usize,
}

/// `GET` lists, `POST` creates.
pub(super) async fn all(request: TenantRequest<'_>) -> Answer {
    let TenantRequest { shared, tenant, method, uri, headers, body } = request;
    let listing = match *method {
        Method::GET | Method::HEAD => true,
        Method::POST => false,
        _ => return Err(Problem::method_not_allowed("GET, HEAD, POST")),
    };
    Caller::of(shared, tenant, headers).await?.must_be_admin()?;
    if listing {
        let page = Page::from_uri(uri)?;
        let state = shared.lock();
        return Ok(json(
            StatusCode::OK,
            &PageOfUsers {
                data: state.users.page(page.number, page.size).map(User::json).collect(),
                page_number: page.number,
                page_size: page.size,
                total_records: state.users.len(),
            },
        ));
    }
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
    let created = answer(StatusCode::CREATED, &user);
    state.users.put(user);
    Ok(created)
}

/// `GET` reads, `PUT` replaces, `PATCH` replaces the members given, `DELETE` removes.
pub(super) async fn one(request: TenantRequest<'_>, segment: &str) -> Answer {
    let TenantRequest { shared, tenant, method, uri, headers, body } = request;
    let reading = matches!(*method, Method::GET | Method::HEAD);
    if !reading && !matches!(*method, Method::PUT | Method::PATCH | Method::DELETE) {
        return Err(Problem::method_not_allowed("GET, HEAD, PUT, PATCH, DELETE"));
    }
    let caller = Caller::of(shared, tenant, headers).await?;
    let id = percent_decode_str(segment)
        .decode_utf8()
        .map_err(|_| Problem::bad_request("The user id in the path is not valid UTF-8."))?;
    if reading {
        caller.must_be_admin_or(&id)?;
    } else {
        caller.must_be_admin()?;
    }
    query::none(uri)?;
    let nobody = || Problem::not_found("No such user.");
    if reading {
        let state = shared.lock();
        return Ok(answer(StatusCode::OK, state.users.get(&id).ok_or_else(nobody)?));
    }
    if *method == Method::DELETE {
        let gone = shared.lock().users.remove(&id);
        return if gone { Ok(no_content()) } else { Err(nobody()) };
    }
    let given = object(&json_body(headers, body).await?)?;
    let mut state = shared.lock();
    let old = state.users.get(&id).ok_or_else(nobody)?;
    let mut members = match *method {
        Method::PUT => Members::new(),
        _ => old.members(),
    };
    members.extend(given);
    members.entry("userId".into()).or_insert_with(|| raw(&id));
    let user = user_of(&members)?;
    if user.id() != id {
        return Err(Problem::bad_request("A user's userId cannot be changed."));
    }
    let changed = answer(StatusCode::OK, &user);
    state.users.put(user);
    Ok(changed)
}

fn object(body: &[u8]) -> Result<Members, Problem> {
    serde_json::from_slice(body)
        .map_err(|error| Problem::bad_request(format!("The body must be a JSON object: {error}.")))
}

fn user_of(members: &Members) -> Result<User, Problem> {
    User::from_members(members).map_err(|wrong| Problem::bad_request(format!("The user {wrong}.")))
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
