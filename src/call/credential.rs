//! What a call proves who it is with: a key, each key in turn, or a user's token.

use std::sync::Arc;

use http::header::{AUTHORIZATION, HeaderName, HeaderValue};

use super::bearer::Bearer;
use super::keys::{KeyCheck, KeyTrial};
use super::verdict::Judged;
use crate::time::Now;

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// The credential of a call.
#[derive(Debug)]
pub(super) enum Credential {
    /// Keys that are chosen when the first request is built.
    Open(Turn),
    /// One key, and the other when it is refused.
    Key(KeyTrial),
    /// Each key in turn.
    Check(KeyCheck),
    /// A user's token, and a newer one when it is refused.
    Bearer(Bearer),
    /// None: what everybody may read.
    Nobody,
    /// None, and nothing to send: a verdict on a token.
    Verdict(Judged),
}

/// Which keys a call uses.
#[derive(Clone, Copy, Debug)]
pub(super) enum Turn {
    /// The one in use, and the other when it is refused.
    Active,
    /// Each, one after the other.
    Each,
}

impl Credential {
    /// The header that carries it.
    pub fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        match self {
            Credential::Open(_) | Credential::Nobody | Credential::Verdict(_) => None,
            Credential::Key(trial) => Some((API_KEY, trial.header())),
            Credential::Check(check) => Some((API_KEY, check.header())),
            Credential::Bearer(bearer) => Some((AUTHORIZATION, bearer.header()?)),
        }
    }

    /// A request goes out with it.
    pub fn sent(&self, now: Now) {
        match self {
            Credential::Key(trial) => trial.sent(now),
            Credential::Check(check) => check.sent(now),
            Credential::Bearer(_) | Credential::Open(_) | Credential::Nobody | Credential::Verdict(_) => {}
        }
    }

    /// What it is to whoever reads a log: `primary` or `secondary` and the key's fingerprint, or `token`.
    pub fn shown(&self) -> (Option<&'static str>, Option<Arc<str>>) {
        let (slot, fingerprint) = match self {
            Credential::Key(trial) => trial.shown(),
            Credential::Check(check) => check.shown(),
            Credential::Bearer(_) => return (Some("token"), None),
            Credential::Open(_) | Credential::Nobody | Credential::Verdict(_) => return (None, None),
        };
        (Some(slot), Some(fingerprint))
    }

    /// What to do when the service refused it for good.
    pub fn advice(&self) -> Option<String> {
        match self {
            Credential::Key(trial) => Some(trial.advice()),
            Credential::Bearer(bearer) => Some(bearer.advice()),
            Credential::Check(_) | Credential::Open(_) | Credential::Nobody | Credential::Verdict(_) => None,
        }
    }

    /// What to do when it is known and not enough (403).
    pub fn advice_on_rights(&self) -> &'static str {
        match self {
            Credential::Bearer(_) => "The user lacks permission; check the user's groups",
            Credential::Nobody | Credential::Verdict(_) => "Check that `tenant_id` is right",
            _ => {
                "The key lacks permission; check that `tenant_id` is the key's tenant and that the path accepts API keys"
            }
        }
    }

    /// What must not appear in a message.
    pub fn secrets(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        match self {
            Credential::Open(_) | Credential::Nobody | Credential::Verdict(_) => Box::new(std::iter::empty()),
            Credential::Key(trial) => Box::new(trial.secrets()),
            Credential::Check(check) => Box::new(check.secrets()),
            Credential::Bearer(bearer) => Box::new(bearer.secrets()),
        }
    }
}
