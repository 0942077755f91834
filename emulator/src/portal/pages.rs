//! The pages of the portal, compiled into the binary.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Redirect, Response};

use crate::state::Shared;

pub(super) const PAGE: &str = include_str!("page.html");
pub(super) const STYLE: &str = include_str!("page.css");
pub(super) const COMMON: &str = include_str!("common.js");
pub(super) const SCRIPT: &str = include_str!("page.js");
pub(super) const LISTS: &str = include_str!("lists.js");
const SIGN_IN: &str = include_str!("sign_in.html");

/// Gives the page to whoever may have it, with the cookie that its script needs; asks everybody else for the control token.
pub(super) async fn page(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    if shared.visitors.admits(&request) {
        (shared.visitors.cookie(request.headers()), text("text/html", PAGE)).into_response()
    } else {
        sign_in_page("")
    }
}

/// The page that asks for the control token.
pub(super) fn sign_in_page(complaint: &str) -> Response {
    text("text/html", SIGN_IN.replace("{complaint}", complaint))
}

/// Where the page is.
pub(crate) fn to_the_page() -> Redirect {
    Redirect::to("/portal")
}

pub(crate) fn text(kind: &str, text: impl Into<Body>) -> Response {
    let mut response = Response::new(text.into());
    let kind = HeaderValue::try_from(format!("{kind}; charset=utf-8")).expect("a type is ASCII");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_the_page_is_small() {
        let size: usize = [PAGE, STYLE, COMMON, SCRIPT, LISTS].map(str::len).iter().sum();
        assert!(size < 40_000, "{size} bytes");
    }

    #[test]
    fn the_page_names_no_other_place() {
        for file in [PAGE, STYLE, COMMON, SCRIPT, LISTS, SIGN_IN] {
            let places = file.replace("http://www.w3.org/2000/svg", "");
            assert!(!places.contains("//") || !places.contains("http"), "an address in {file}");
            assert!(!places.contains("url("), "a picture in {file}");
        }
    }
}
