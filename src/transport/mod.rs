//! How requests travel: the HTTP clients of one session, the usual ones and a few for calls with another connect timeout.

mod building;
mod failure;
pub(crate) mod sigpipe;

use std::borrow::Cow;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use lru::LruCache;
use once_cell::sync::OnceCell;
use rustls::ClientConfig;
use tokio::runtime::Handle;

use crate::call::Context;
use crate::error::Result;
use crate::sync::Mutex;

/// How many clients with another connect timeout than the configured one are kept.
const OTHERS: NonZeroUsize = NonZeroUsize::new(4).unwrap();

/// The HTTP clients of one session, each made on first use: one that is only ever used in one way pays for one.
#[derive(Debug)]
pub(crate) struct Transports {
    context: Arc<Context>,
    /// Shared by all, because reading the platform's certificates is slow.
    tls: OnceCell<ClientConfig>,
    blocking: Clients<reqwest::blocking::Client>,
    nonblocking: Clients<reqwest::Client>,
}

impl Transports {
    pub fn new(context: Arc<Context>) -> Transports {
        Transports { context, tls: OnceCell::new(), blocking: Clients::new(), nonblocking: Clients::new() }
    }

    /// The client for calls that block, with the configured connect timeout or another.
    pub fn blocking(&self, connect_timeout: Option<Duration>) -> Result<Cow<'_, reqwest::blocking::Client>> {
        self.blocking.get(connect_timeout, || {
            building::blocking(&self.context.config, self.tls()?, self.time(connect_timeout))
        })
    }

    /// The client for calls that don't block, with the configured connect timeout or another.
    pub fn nonblocking(&self, connect_timeout: Option<Duration>) -> Result<Cow<'_, reqwest::Client>> {
        self.nonblocking.get(connect_timeout, || {
            building::nonblocking(&self.context.config, self.tls()?, self.time(connect_timeout))
        })
    }

    /// A copy shares the certificates and the sessions that can be resumed.
    fn tls(&self) -> Result<ClientConfig> {
        self.tls.get_or_try_init(|| building::tls(&self.context.config)).cloned()
    }

    fn time(&self, connect_timeout: Option<Duration>) -> Duration {
        connect_timeout.unwrap_or(self.context.config.connect_timeout())
    }
}

impl Drop for Transports {
    fn drop(&mut self) {
        // A blocking client waits for its thread to end, which a thread that drives I/O must not do.
        let mut blocking = std::mem::replace(&mut self.blocking, Clients::new());
        if blocking.were_used()
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn_blocking(|| drop(blocking));
        }
    }
}

/// The clients of one kind. reqwest knows no connect timeout of a single request, so each other one has a client.
#[derive(Debug)]
struct Clients<C> {
    usual: OnceCell<C>,
    others: Mutex<LruCache<Duration, C>>,
}

impl<C: Clone> Clients<C> {
    fn new() -> Clients<C> {
        Clients { usual: OnceCell::new(), others: Mutex::new(LruCache::new(OTHERS)) }
    }

    fn get(&self, connect_timeout: Option<Duration>, make: impl FnOnce() -> Result<C>) -> Result<Cow<'_, C>> {
        let Some(time) = connect_timeout else {
            return self.usual.get_or_try_init(make).map(Cow::Borrowed);
        };
        let mut others = self.others.lock();
        if let Some(client) = others.get(&time) {
            return Ok(Cow::Owned(client.clone()));
        }
        let client = make()?;
        let left = others.push(time, client.clone());
        // Outside the lock, because ending a client may take a moment. Calls under way hold what they use.
        drop(others);
        drop(left);
        Ok(Cow::Owned(client))
    }

    fn were_used(&mut self) -> bool {
        self.usual.get().is_some() || !self.others.get_mut().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The client made for a time, told apart by identity.
    fn get(clients: &Clients<Arc<()>>, seconds: Option<u64>) -> Arc<()> {
        clients.get(seconds.map(Duration::from_secs), || Ok(Arc::new(()))).unwrap().into_owned()
    }

    #[test]
    fn a_few_times_have_a_client_each_and_the_least_recently_used_goes() {
        let clients = Clients::new();
        let usual = get(&clients, None);
        let first: Vec<_> = (1..=4).map(|time| get(&clients, Some(time))).collect();
        assert!(Arc::ptr_eq(&get(&clients, Some(1)), &first[0]));
        get(&clients, Some(5));
        for (time, kept) in [(1, true), (3, true), (4, true), (2, false)] {
            assert_eq!(Arc::ptr_eq(&get(&clients, Some(time)), &first[time as usize - 1]), kept, "{time}");
        }
        assert!(Arc::ptr_eq(&get(&clients, None), &usual));
        // The test's own, and nobody else's.
        assert_eq!(Arc::strong_count(&first[1]), 1);
    }
}
