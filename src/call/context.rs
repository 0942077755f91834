//! What all calls of one client share.

use std::sync::Arc;

use super::restart::Presence;
use super::retry::RetryBudget;
use crate::config::Config;
use crate::keys::KeyRing;
use crate::time::Now;
use crate::tokens::TokenCache;
use crate::tokens::shared::{News, Shared};
use crate::verify::{Standings, Verifier};

/// The shared part of a client's calls: everything that a [`Call`](super::Call) decides by, and no I/O.
#[derive(Debug)]
pub struct Context {
    pub(crate) config: Config,
    pub(crate) keys: Arc<KeyRing>,
    pub(crate) tokens: Arc<TokenCache>,
    /// What is shared with other processes.
    pub(crate) shared: Option<Arc<Shared>>,
    pub(crate) verifier: Arc<Verifier>,
    pub(crate) standings: Arc<Standings>,
    pub(crate) budget: RetryBudget,
    pub(super) presence: Presence,
    /// Where jitter comes from: 0 to 1.
    pub(crate) random: fn() -> f64,
}

impl Context {
    /// A context for a configuration.
    pub fn new(config: Config) -> Arc<Context> {
        Context::with_random(config, fastrand::f64)
    }

    /// A context whose jitter is known.
    pub(crate) fn with_random(config: Config, random: fn() -> f64) -> Arc<Context> {
        let keys = Arc::new(config.key_ring());
        let shared =
            config.token_store().map(|store| Arc::new(Shared::new(store, config.tenant_url(), &keys)));
        let tokens = TokenCache::new(config.token_cache_size(), random).sharing(shared.clone());
        let tokens = Arc::new(tokens);
        let verifier = Verifier::new(&config);
        let standings = Standings::new(config.token_cache_size());
        let (budget, presence) = (RetryBudget::new(), Presence::default());
        Arc::new(Context { config, keys, tokens, shared, verifier, standings, budget, presence, random })
    }

    /// Takes over what another process told.
    pub(crate) fn learn(&self, news: News, now: Now) {
        match news {
            News::Retired(fingerprints) => self.keys.retired_elsewhere(&fingerprints),
            News::Forget(user_id) => self.tokens.forgotten_elsewhere(&user_id),
            News::ForgetAll => self.tokens.all_forgotten_elsewhere(),
            News::Refused(user_id, status) => self.tokens.refused_elsewhere(&user_id, status, now),
        }
    }
}
