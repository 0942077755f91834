//! Who is calling, and what they may do: judges the credential of a request.

use axum::http::HeaderMap;

use crate::credentials::Presented;
use crate::problem::Problem;
use crate::state::Shared;
use crate::tokens;

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
            return Err(Problem::bad_request("Send either X-API-Key or Authorization, not both."));
        }
        if tenant != shared.tenant {
            return Err(Problem::unauthorized("The credential does not belong to the tenant in the URL."));
        }
        match presented {
            Presented::Key(key) => match shared.lock().keys.slot_of(key) {
                Some(_) => Ok(Self::Application),
                None => Err(Problem::unauthorized("Invalid API key.")),
            },
            Presented::Bearer(token) => Self::of_token(shared, token).await,
            Presented::Malformed(_, why) => Err(Problem::unauthorized(why)),
            Presented::None | Presented::Both => {
                Err(Problem::unauthorized("Missing credential: send X-API-Key or a bearer token."))
            }
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
            _ => Err(Problem::unauthorized("The token's user has been deleted or disabled.")),
        }
    }

    /// Refuses everybody but applications.
    pub(crate) fn must_be_application(&self) -> Result<(), Problem> {
        match self {
            Self::Application => Ok(()),
            Self::User { .. } => {
                Err(Problem::unauthorized("This endpoint requires an API key, not a user token."))
            }
        }
    }

    /// Refuses users who are not administrators.
    pub(crate) fn must_be_admin(&self) -> Result<(), Problem> {
        match self {
            Self::Application | Self::User { admin: true, .. } => Ok(()),
            Self::User { .. } => Err(Problem::forbidden("This requires membership of the group Admin.")),
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
