//! How requests travel: the client's own connections for calls that don't block, and HTTP clients of reqwest for those that do.
//! One room configures certificates, protocols, proxies and times for both.

mod blocking;
mod connect;
mod connection;
mod failure;
mod guard;
mod gzip;
mod interim;
mod lanes;
mod names;
mod pool;
mod sending;
pub(crate) mod sigpipe;
mod store;
mod stream;
pub(crate) mod tls;

use std::sync::Arc;

use once_cell::sync::OnceCell;
use rustls::ClientConfig;

use self::blocking::Clients;
pub(crate) use self::lanes::Interrupt;
use self::lanes::Lanes;
use self::pool::Registry;
use self::sending::Way;
pub(crate) use self::store::Store;
use crate::call::Context;
use crate::error::Result;
use crate::events::Event;
use crate::http::{Failure, HttpRequest, HttpResponse};

/// The ways to the service of one client, each made on first use: one that is only ever used in one way pays for one.
pub(crate) struct Transports {
    context: Arc<Context>,
    /// Shared by all, because reading the platform's certificates is slow.
    tls: OnceCell<Arc<ClientConfig>>,
    blocking: Clients,
    nonblocking: OnceCell<Way>,
    lanes: Lanes,
    registry: Arc<Registry>,
    store: OnceCell<Option<Arc<Store>>>,
}

impl Transports {
    pub fn new(context: Arc<Context>) -> Transports {
        Transports {
            registry: Arc::new(Registry::new(context.config.max_connections())),
            context,
            tls: OnceCell::new(),
            blocking: Clients::default(),
            nonblocking: OnceCell::new(),
            lanes: Lanes::default(),
            store: OnceCell::new(),
        }
    }

    /// Sends a request on the caller's thread, and waits for the whole answer. The outer error is one of the configuration.
    pub fn send_blocking(&self, request: Box<HttpRequest>) -> Result<Result<HttpResponse, Failure>> {
        let client = self.blocking.get(&self.context.config, request.connect_timeout, || self.tls())?;
        Ok(blocking::send(&client, self.context.config.origin(), *request))
    }

    /// Sends a request within the runtime, and waits for the whole answer. The outer error is one of the configuration.
    pub async fn send(&self, request: Box<HttpRequest>) -> Result<Result<HttpResponse, Failure>> {
        let way = self.nonblocking.get_or_try_init(|| self.way(self.tls()?))?;
        Ok(way.send(request).await)
    }

    /// Sends a request over a connection that the caller's thread drives, and waits for the whole answer; `None`
    /// when the wait was interrupted. The outer error is one of the configuration.
    pub fn send_in_lane(
        &self,
        request: Box<HttpRequest>,
        interrupt: &mut Option<Interrupt<'_>>,
    ) -> Result<Option<Result<HttpResponse, Failure>>> {
        let make = || self.way(self.tls()?);
        self.lanes.send(self.context.config.idle_timeout(), make, request, interrupt)
    }

    /// Whether somebody has to begin to look after the connections of blocking calls; asks once.
    pub fn lanes_want_sweeping(&self) -> bool {
        self.lanes.want_sweeping()
    }

    /// Closes connections of blocking calls that have been idle for too long. Whether any is left.
    pub fn close_idle_lanes(&self) -> bool {
        self.lanes.close_idle(self.context.config.idle_timeout())
    }

    /// The way to the token store, if there is one. It is of no use, and that is told, where it can't be set up.
    pub fn store(&self) -> Option<&Arc<Store>> {
        let Context { config, shared, random, .. } = &*self.context;
        let (shared, address) = (shared.as_ref()?, config.token_store()?);
        let make = || match self.tls() {
            Ok(tls) => Some(Arc::new(Store::new(config, address, shared, &tls, *random))),
            Err(error) => {
                config.listener().tell(&Event::TokenStoreLost { reason: error.message().to_owned() });
                None
            }
        };
        self.store.get_or_init(make).as_ref()
    }

    fn way(&self, tls: Arc<ClientConfig>) -> Result<Way> {
        Way::new(&self.context, tls, self.registry.clone())
    }

    fn tls(&self) -> Result<Arc<ClientConfig>> {
        self.tls.get_or_try_init(|| tls::config(&self.context.config).map(Arc::new)).cloned()
    }
}

impl std::fmt::Debug for Transports {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transports").finish_non_exhaustive()
    }
}
