//! The page at `/`, which leads on.

use axum::response::Html;

const PAGE: &str = include_str!("home.html");

pub(super) fn page() -> Html<String> {
    Html(PAGE.replace("{repository}", env!("CARGO_PKG_REPOSITORY")))
}
