//! What belongs to one client: the context of its calls, its users' tokens, its connections.

use std::sync::Arc;

use tokio::sync::watch;

use crate::call::Context;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::keys::KeyRing;
use crate::live::Tracked;
use crate::sync::RwLock;
use crate::tokens::TokenCache;
use crate::transport::Transports;

/// The state of a client.
#[derive(Debug)]
pub struct Session {
    context: Arc<Context>,
    transports: Transports,
    closed: watch::Sender<bool>,
    _tracked: Tracked,
}

impl Session {
    /// A session for a configuration. Opens no connection and starts no thread.
    pub fn new(config: Config) -> Session {
        config.tell_of_risks();
        let context = Context::new(config);
        Session {
            transports: Transports::new(context.clone()),
            context,
            closed: watch::Sender::new(false),
            _tracked: Tracked::new(),
        }
    }

    /// What its calls share.
    pub fn context(&self) -> &Arc<Context> {
        &self.context
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.context.config
    }

    /// The keys of the client.
    pub fn keys(&self) -> &Arc<KeyRing> {
        &self.context.keys
    }

    /// The users' tokens.
    pub fn tokens(&self) -> &Arc<TokenCache> {
        &self.context.tokens
    }

    pub(crate) fn transports(&self) -> &Transports {
        &self.transports
    }

    /// Ends asynchronous calls under way with [`Code::Closed`](crate::Code::Closed) and refuses new ones.
    fn close(&self) {
        self.closed.send_replace(true);
    }

    /// Whether it was closed.
    pub(crate) fn is_closed(&self) -> bool {
        *self.closed.borrow()
    }

    /// Resolves when the session is closed.
    pub(crate) async fn until_closed(&self) {
        self.closing().await;
    }

    /// Resolves when the session is closed or gone, without keeping it.
    pub(crate) fn closing(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut closed = self.closed.subscribe();
        // It fails when the session is gone, which is as good as closed.
        async move {
            let _ = closed.wait_for(|closed| *closed).await;
        }
    }
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
    /// [`Code::Closed`](crate::Code::Closed) after [`close`](SharedSession::close).
    pub fn get(&self) -> Result<Arc<Session>> {
        self.0.read().clone().ok_or_else(Error::closed)
    }

    /// Closes the session: asynchronous calls under way end with [`Code::Closed`](crate::Code::Closed), blocking ones run to
    /// their end. Closing again does nothing.
    pub fn close(&self) {
        let session = self.0.write().take();
        // Outside the lock: dropping the last reference ends the transport's threads, which may take a moment.
        if let Some(session) = session {
            session.close();
        }
    }
}
