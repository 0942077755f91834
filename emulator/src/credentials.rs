//! The credential a request carries, before anybody judges it.

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderName};
use serde::Serialize;

/// The header of an API key.
const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// The kind of credential a request carried, accepted or not.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Credential {
    /// `X-API-Key`.
    ApiKey,
    /// `Authorization`.
    Bearer,
    /// Both of them, which is refused.
    Both,
    /// Neither.
    None,
}

/// The credential of a request, before anybody judged it.
pub(crate) enum Presented<'a> {
    Key(&'a [u8]),
    Bearer(&'a str),
    Both,
    None,
    /// There is one, but not in a form that could be accepted.
    Malformed(Credential, &'static str),
}

impl<'a> Presented<'a> {
    /// What the headers carry. Spaces around a header's value are no part of it (RFC 9110) and are gone by now;
    /// every other padding is still there.
    pub(crate) fn read(headers: &'a HeaderMap) -> Self {
        let keys: Vec<_> = headers.get_all(API_KEY).iter().collect();
        let authorizations: Vec<_> = headers.get_all(AUTHORIZATION).iter().collect();
        match (&keys[..], &authorizations[..]) {
            ([], []) => Self::None,
            ([key], []) => Self::Key(key.as_bytes()),
            ([], [authorization]) => match authorization.to_str().ok().and_then(bearer) {
                Some(token) => Self::Bearer(token),
                None => {
                    Self::Malformed(Credential::Bearer, "The Authorization header must be 'Bearer <token>'.")
                }
            },
            (_, []) => Self::Malformed(Credential::ApiKey, "The request has more than one X-API-Key header."),
            ([], _) => {
                Self::Malformed(Credential::Bearer, "The request has more than one Authorization header.")
            }
            _ => Self::Both,
        }
    }

    /// What the journal calls it.
    pub(crate) fn kind(&self) -> Credential {
        match self {
            Self::Key(_) => Credential::ApiKey,
            Self::Bearer(_) => Credential::Bearer,
            Self::Both => Credential::Both,
            Self::None => Credential::None,
            Self::Malformed(kind, _) => *kind,
        }
    }

    /// The secret itself, for taking it out of whatever else the request said.
    pub(crate) fn secret(&self) -> Option<&'a str> {
        match self {
            Self::Key(key) => std::str::from_utf8(key).ok(),
            Self::Bearer(token) => Some(token),
            _ => None,
        }
    }
}

/// The token of `Bearer <token>`; the scheme's case is free (RFC 9110), the rest is exact.
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    let exact = !token.is_empty() && !token.contains(' ');
    (scheme.eq_ignore_ascii_case("Bearer") && exact).then_some(token)
}
