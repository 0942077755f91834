//! Who is calling: reads the credential a request carries, and says whether the tenant accepts it.

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderName};
use serde::Serialize;

use crate::problem::Problem;
use crate::state::Shared;
use crate::tokens;

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
                None => Self::Malformed(
                    Credential::Bearer,
                    "The Authorization header is not 'Bearer' and a token.",
                ),
            },
            (_, []) => Self::Malformed(Credential::ApiKey, "There is more than one X-API-Key header."),
            ([], _) => Self::Malformed(Credential::Bearer, "There is more than one Authorization header."),
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

/// Somebody the tenant accepts.
#[derive(Debug)]
pub(crate) enum Caller {
    /// An application with an API key: may do everything in its tenant.
    Application,
    /// A user with a token.
    User { id: String, admin: bool },
}

impl Caller {
    /// Who sent these headers to this tenant.
    pub(crate) async fn of(shared: &Shared, tenant: &str, headers: &HeaderMap) -> Result<Self, Problem> {
        let presented = Presented::read(headers);
        if let Presented::Both = presented {
            return Err(Problem::bad_request(
                "There are both an X-API-Key and an Authorization header; send one.",
            ));
        }
        if tenant != shared.tenant {
            return Err(Problem::unauthorized(
                "The credential does not belong to the tenant of this address.",
            ));
        }
        match presented {
            Presented::Key(key) => match shared.lock().keys.slot_of(key) {
                Some(_) => Ok(Self::Application),
                None => Err(Problem::unauthorized("The API key is not valid.")),
            },
            Presented::Bearer(token) => Self::of_token(shared, token).await,
            Presented::Malformed(_, why) => Err(Problem::unauthorized(why)),
            Presented::None | Presented::Both => Err(Problem::unauthorized(
                "There is no credential: send X-API-Key, or Authorization with a bearer token.",
            )),
        }
    }

    async fn of_token(shared: &Shared, token: &str) -> Result<Self, Problem> {
        let claims = tokens::verify(shared, token).await.map_err(Problem::unauthorized)?;
        let state = shared.lock();
        match state.users.get(&claims.user_id) {
            Some(user) if user.enabled() => Ok(Self::User {
                admin: claims.groups.iter().any(|group| group == "Admin"),
                id: claims.user_id,
            }),
            _ => Err(Problem::unauthorized("The user of this token is gone or disabled.")),
        }
    }

    /// Refuses everybody but applications.
    pub(crate) fn must_be_application(&self) -> Result<(), Problem> {
        match self {
            Self::Application => Ok(()),
            Self::User { .. } => {
                Err(Problem::unauthorized("This address takes an API key, not a user's token."))
            }
        }
    }

    /// Refuses users who are not administrators.
    pub(crate) fn must_be_admin(&self) -> Result<(), Problem> {
        match self {
            Self::Application | Self::User { admin: true, .. } => Ok(()),
            Self::User { .. } => Err(Problem::forbidden("This needs a user of the group Admin.")),
        }
    }

    /// Refuses users who are neither administrators nor the user `id` themselves.
    pub(crate) fn must_be_admin_or(&self, user_id: &str) -> Result<(), Problem> {
        match self {
            Self::User { id, .. } if id == user_id => Ok(()),
            _ => self.must_be_admin(),
        }
    }
}
