//! Everything an emulator knows: what is fixed at start, and what requests and control calls change.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, Uri};

use crate::address::base_url;
use crate::claims::Revoked;
use crate::clock::Clock;
use crate::faults::Faults;
use crate::journal::{Journal, JournalEntry};
use crate::keys::{Keys, Slot, random_secret};
use crate::setup::Setup;
use crate::signing::SigningKey;
use crate::sync::locked;
use crate::tls::Tls;
use crate::usage::{Counted, Usage};
use crate::users::Users;
use crate::visitors::Visitors;

/// One emulator's state, shared by all of its connections and its owner.
pub(crate) struct Shared {
    /// The address it listens on, as a URL.
    pub(crate) own_url: String,
    pub(crate) public_url: Option<String>,
    trust_forwarded: bool,
    pub(crate) cors: Vec<HeaderValue>,
    pub(crate) tls: Option<Tls>,
    pub(crate) tenant: String,
    pub(crate) control_token: String,
    pub(crate) token_lifetime: Duration,
    pub(crate) clock: Clock,
    pub(crate) visitors: Visitors,
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
    pub(crate) usage: Usage,
    pub(crate) revoked: Revoked,
    pub(crate) signing: Arc<SigningKey>,
}

impl State {
    /// Counts a request that presented a key; without one there is nothing to count.
    pub(crate) fn count_use(&mut self, entry: &JournalEntry) -> Option<Counted> {
        let fingerprint = entry.fingerprint.as_deref()?;
        Some(self.usage.count(&self.keys, fingerprint, entry.user_agent.as_deref(), entry.time))
    }
}

impl Shared {
    pub(crate) fn new(own_url: String, setup: Setup) -> Self {
        let Setup { tenant, users, token_lifetime, .. } = setup;
        let clock = Clock::default();
        let keys = Keys::new(setup.primary_api_key, setup.secondary_api_key, clock.now());
        let signing = setup.signing.unwrap_or_else(|| SigningKey::of_tenant(&tenant));
        let mut revoked = Revoked::default();
        revoked.restore(setup.revoked);
        Self {
            own_url,
            public_url: setup.public_url,
            trust_forwarded: setup.trust_forwarded,
            cors: setup.cors,
            tls: setup.tls,
            control_token: setup.control_token.unwrap_or_else(random_secret),
            token_lifetime,
            clock,
            visitors: Visitors::new(&setup.names),
            tenant,
            starting_keys: keys.clone(),
            starting_users: users.clone(),
            changing: Mutex::new(State {
                keys,
                users,
                faults: Faults::default(),
                journal: Journal::default(),
                usage: Usage::default(),
                revoked,
                signing,
            }),
        }
    }

    /// The changing part. Never held across an await.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        locked(&self.changing)
    }

    /// Replaces a key and returns the new one; the old one is worthless from here on.
    pub(crate) fn generate_key(&self, slot: Slot) -> String {
        self.lock().keys.generate(slot, self.clock.now())
    }

    /// Makes `key` the key in `slot`, or says what is wrong with it.
    pub(crate) fn set_key(&self, slot: Slot, key: String) -> Result<(), &'static str> {
        self.lock().keys.set(slot, key, self.clock.now())
    }

    /// Back to how it started: keys, users, the system's time, no faults, an empty journal, no use of keys.
    pub(crate) fn reset(&self) {
        let mut state = self.lock();
        state.keys = self.starting_keys.clone();
        state.users = self.starting_users.clone();
        state.faults.clear();
        state.journal.clear();
        state.usage.clear();
        state.revoked.clear();
        self.clock.reset();
    }

    /// The base URL for whoever doesn't ask by a request.
    pub(crate) fn url(&self) -> &str {
        self.public_url.as_deref().unwrap_or(&self.own_url)
    }

    /// The base URL as the sender of a request knows it.
    pub(crate) fn url_for(&self, uri: &Uri, headers: &HeaderMap) -> String {
        let asked = || base_url(uri, headers, self.tls.is_some(), self.trust_forwarded);
        self.public_url.clone().or_else(asked).unwrap_or_else(|| self.own_url.clone())
    }

    /// Where the issuer of this tenant's tokens is below a base URL; discovery and key set are below that.
    pub(crate) fn issuer_path(&self) -> String {
        format!("/tenant/{}/v2.0/Auth", self.tenant)
    }
}
