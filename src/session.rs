//! What all calls of one client share: configuration, keys, transports.

use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::watch;

use crate::call::{Now, RetryBudget};
use crate::config::Config;
use crate::drivers::nonblocking;
use crate::drivers::transports::Transports;
use crate::error::{Code, Error, Result};
use crate::keys::KeyRing;
use crate::live::Tracked;
use crate::operation::UserId;
use crate::secret::Token;
use crate::tokens::TokenCache;

/// The shared state of a client.
#[derive(Debug)]
pub struct Session {
    config: Arc<Config>,
    keys: Arc<KeyRing>,
    tokens: Arc<TokenCache>,
    retry_budget: Arc<RetryBudget>,
    random: fn() -> f64,
    transports: Transports,
    closed: watch::Sender<bool>,
    _tracked: Tracked,
}

impl Session {
    /// A session for a configuration. Opens no connection and starts no thread.
    pub fn new(config: Config) -> Session {
        Session::with_random(config, fastrand::f64)
    }

    /// A session whose jitter is known.
    pub(crate) fn with_random(config: Config, random: fn() -> f64) -> Session {
        if config.is_plain_remote() {
            tracing::warn!(
                url = config.tenant_url(),
                "allow_insecure_http: API keys and tokens are sent unencrypted"
            );
        }
        let config = Arc::new(config);
        Session {
            keys: Arc::new(config.key_ring()),
            tokens: Arc::new(TokenCache::new(config.token_cache_size(), random)),
            retry_budget: Arc::new(RetryBudget::new()),
            random,
            transports: Transports::new(config.clone()),
            config,
            closed: watch::Sender::new(false),
            _tracked: Tracked::new(),
        }
    }

    /// The configuration.
    pub fn config(&self) -> &Arc<Config> {
        &self.config
    }

    /// The keys of the client.
    pub fn keys(&self) -> &Arc<KeyRing> {
        &self.keys
    }

    pub(crate) fn retry_budget(&self) -> &Arc<RetryBudget> {
        &self.retry_budget
    }

    /// Where jitter comes from: 0 to 1.
    pub(crate) fn random(&self) -> fn() -> f64 {
        self.random
    }

    /// The users' tokens.
    pub fn tokens(&self) -> &Arc<TokenCache> {
        &self.tokens
    }

    /// The user's token, when it is at hand: never waits and sends nothing itself, but has the token renewed in the
    /// background when it is time.
    pub fn cached_token(self: &Arc<Self>, user_id: &UserId) -> Option<Token> {
        let (token, renewal) = self.tokens.at_hand(user_id, Now::read())?;
        if let Some(exchange) = renewal {
            nonblocking::exchange(self, exchange);
        }
        Some(token)
    }

    pub(crate) fn transports(&self) -> &Transports {
        &self.transports
    }

    /// Ends asynchronous calls under way with [`Code::Closed`] and refuses new ones.
    fn close(&self) {
        self.closed.send_replace(true);
    }

    /// Resolves when the session is closed.
    pub(crate) async fn until_closed(&self) {
        let mut closed = self.closed.subscribe();
        // The sender lives in `self`, so the channel can't end before it says so.
        let _ = closed.wait_for(|closed| *closed).await;
    }
}

pub(crate) fn closed_error() -> Error {
    Error::new(Code::Closed, "the client is closed")
}

/// A session that can be closed from any thread while others use it: what a face holds.
#[derive(Debug)]
pub struct SharedSession(RwLock<Option<Arc<Session>>>);

impl SharedSession {
    /// A shared session for a configuration.
    pub fn new(config: Config) -> SharedSession {
        SharedSession(RwLock::new(Some(Arc::new(Session::new(config)))))
    }

    /// The session, for one call.
    ///
    /// # Errors
    /// [`Code::Closed`] after [`close`](SharedSession::close).
    pub fn get(&self) -> Result<Arc<Session>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(closed_error)
    }

    /// Closes the session: asynchronous calls under way end with [`Code::Closed`], blocking ones run to their end.
    /// Closing again does nothing.
    pub fn close(&self) {
        let session = self.0.write().unwrap_or_else(PoisonError::into_inner).take();
        // Outside the lock: dropping the last reference ends the transport's threads, which may take a moment.
        if let Some(session) = session {
            session.close();
        }
    }
}
