//! How the keys are got: the discovery document says where they are, then they are read from there.

use super::discovery::{DISCOVERY_PATH, Discovered};
use super::keeping::{Keys, life};
use super::key_set::KeySet;
use crate::error::{Code, Error, Result};
use crate::operation::Endpoint;
use crate::reply::Reply;
use crate::time::Now;

/// What an answer comes to.
pub(super) enum Got {
    /// Where the keys are, which are to be asked for next.
    Place(Discovered),
    Keys(Keys),
}

/// What to ask the service next; `discovered`: where the keys are, if that is known.
pub(super) fn endpoint(discovered: Option<&Discovered>) -> Endpoint {
    match discovered {
        None => Endpoint::open(DISCOVERY_PATH, DISCOVERY_PATH),
        Some(discovered) => Endpoint::open(discovered.keys_target.clone(), "{jwks_uri}"),
    }
}

/// Reads what the service answered to that.
pub(super) fn read(
    discovered: Option<Discovered>,
    answer: Result<Reply>,
    origin: &str,
    now: Now,
) -> Result<Got> {
    let reply = answer.map_err(|error| Error::keys_unavailable(&error))?;
    let Some(discovered) = discovered else {
        let place = Discovered::parse(reply.body(), origin);
        return place.map(Got::Place).map_err(|what| unexpected("discovery document", what));
    };
    let set = KeySet::parse(reply.body()).map_err(|what| unexpected("key set", what))?;
    let life = life(reply.headers());
    Ok(Got::Keys(Keys { discovered, set, life, since: now, sent: reply.into_body() }))
}

fn unexpected(document: &str, what: &str) -> Error {
    let message = format!("the signing keys are unavailable: the service's {document} {what}");
    Error::new(Code::KeysUnavailable, message)
}
