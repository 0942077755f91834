//! Everything an emulator knows: what is fixed at start, and what requests and control calls change.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Clock;
use crate::faults::Faults;
use crate::journal::Journal;
use crate::keys::{Keys, random_secret};
use crate::tokens::SigningKey;
use crate::users::Users;

/// One emulator's state, shared by all of its connections and its owner.
pub(crate) struct Shared {
    pub(crate) url: String,
    pub(crate) tenant: String,
    pub(crate) control_token: String,
    pub(crate) token_lifetime: Duration,
    pub(crate) clock: Clock,
    pub(crate) signing: Arc<SigningKey>,
    starting_keys: Keys,
    starting_users: Users,
    changing: Mutex<State>,
}

/// What changes. One lock over all of it, so that a reset is seen whole or not at all.
pub(crate) struct State {
    pub(crate) keys: Keys,
    pub(crate) users: Users,
    pub(crate) faults: Faults,
    pub(crate) journal: Journal,
}

impl Shared {
    pub(crate) fn new(url: String, tenant: String, users: Users, token_lifetime: Duration) -> Self {
        let keys = Keys::random();
        Self {
            url,
            control_token: random_secret(),
            token_lifetime,
            clock: Clock,
            signing: SigningKey::of_tenant(&tenant),
            tenant,
            starting_keys: keys.clone(),
            starting_users: users.clone(),
            changing: Mutex::new(State {
                keys,
                users,
                faults: Faults::default(),
                journal: Journal::default(),
            }),
        }
    }

    /// The changing part. Never held across an await.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Back to how it started: keys, users, no faults, an empty journal.
    pub(crate) fn reset(&self) {
        let mut state = self.lock();
        state.keys = self.starting_keys.clone();
        state.users = self.starting_users.clone();
        state.faults.clear();
        state.journal.clear();
    }

    /// Who issues this tenant's tokens; the addresses of discovery and key set are below it.
    pub(crate) fn issuer(&self) -> String {
        format!("{}/tenant/{}/v2.0/Auth", self.url, self.tenant)
    }
}
