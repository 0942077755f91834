//! What a client is made from: immutable, complete and checked.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;

use super::proxy::Proxy;
use super::roots::Judge;
use super::token_store::TokenStore;
use crate::events::{Event, Listener, Propagator};
use crate::keys::{KeyRing, Keys, Look, Source};

/// A checked configuration. Made by [`ConfigBuilder`](super::ConfigBuilder): explicit argument, then environment, then default.
///
/// A proxy comes from `HTTPS_PROXY` (`HTTP_PROXY` for a plain `base_url`) or `ALL_PROXY`, unless `NO_PROXY` lists the
/// service's host; all are read once, when the configuration is made. On Windows and macOS the system's settings come next.
#[derive(Clone)]
pub struct Config {
    /// `{base URL}/tenant/{tenant id}/`
    pub(super) tenant_url: String,
    /// How much of it is scheme, host and port.
    pub(super) origin_length: usize,
    pub(super) server: (Arc<str>, u16),
    pub(super) users_path: String,
    /// Where the keys come from, and those to begin with where they are known already.
    pub(super) source: Source,
    pub(super) keys: Option<Keys>,
    /// What the keys' files looked like then.
    pub(super) look: Look,
    /// Key files that every user of the machine may write.
    pub(super) open_files: Vec<PathBuf>,
    pub(super) listener: Listener,
    pub(super) propagator: Propagator,
    pub(super) request_log: bool,
    pub(super) user_agent: HeaderValue,
    pub(super) proxy: Option<Proxy>,
    pub(super) plain_remote: bool,
    pub(super) connect_timeout: Duration,
    pub(super) timeout: Duration,
    pub(super) deadline: Duration,
    pub(super) token_cache_size: usize,
    pub(super) token_store: Option<TokenStore>,
    pub(super) max_retries: u32,
    pub(super) max_connections: usize,
    pub(super) io_threads: usize,
    pub(super) idle_timeout: Duration,
    pub(super) connection_max_age: Option<Duration>,
    /// `None` where no server will show a certificate.
    pub(super) judge: Option<Judge>,
    pub(super) audience: Option<String>,
    pub(super) clock_tolerance: Duration,
    pub(super) verify_cache_size: usize,
}

impl Config {
    /// The URL of the tenant, with a slash at its end.
    pub fn tenant_url(&self) -> &str {
        &self.tenant_url
    }

    /// Where the service is, without a slash at the end.
    pub fn base_url(&self) -> &str {
        // The tenant can't hold a slash, and a base URL can't hold `/tenant/`.
        self.tenant_url.split("/tenant/").next().unwrap_or(&self.tenant_url)
    }

    /// Scheme, host and port.
    pub(crate) fn origin(&self) -> &str {
        &self.tenant_url[..self.origin_length]
    }

    /// Host and port of the service.
    pub(crate) fn server(&self) -> (&Arc<str>, u16) {
        (&self.server.0, self.server.1)
    }

    /// The path that all of the tenant's paths begin with.
    pub(crate) fn tenant_path(&self) -> &str {
        &self.tenant_url[self.origin_length..]
    }

    /// How long an HTTP/2 connection may be silent before it is asked whether it is alive, and again how long it may take to
    /// answer that.
    ///
    /// Over HTTP/2 all calls share one connection, so one that died without a word (a firewall forgot it, a machine is gone)
    /// would take the attempts of every call with it. Whoever can be connected to in this time can answer in it, too; and a third
    /// of an attempt leaves it the time to fail as a lost connection, which is replaced, before it fails as a timeout, which
    /// is not. Less than a second would make slow answers cost many questions.
    pub(crate) fn silence(&self) -> Duration {
        self.connect_timeout.min(self.timeout / 3).max(Duration::from_secs(1))
    }

    /// The path of the users, relative to the tenant.
    pub fn users_path(&self) -> &str {
        &self.users_path
    }

    /// How long establishing a connection may take.
    pub fn connect_timeout(&self) -> Duration {
        self.connect_timeout
    }

    /// How long one attempt may take, from connecting to the last byte of the answer.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// How long a whole call may take, over all its attempts.
    pub fn deadline(&self) -> Duration {
        self.deadline
    }

    /// How often a failed attempt may be followed by another.
    pub fn max_retries(&self) -> u32 {
        self.max_retries
    }

    /// How many connections there may be over HTTP/1.1.
    pub fn max_connections(&self) -> usize {
        self.max_connections
    }

    /// How many threads drive the network for calls that don't block.
    pub fn io_threads(&self) -> usize {
        self.io_threads
    }

    /// How long a connection may be idle.
    pub fn idle_timeout(&self) -> Duration {
        self.idle_timeout
    }

    /// How old a connection may grow; `None` for as old as it gets.
    pub fn connection_max_age(&self) -> Option<Duration> {
        self.connection_max_age
    }

    /// How many users' tokens are kept.
    pub fn token_cache_size(&self) -> usize {
        self.token_cache_size
    }

    /// Where tokens are shared with other processes.
    pub(crate) fn token_store(&self) -> Option<&TokenStore> {
        self.token_store.as_ref()
    }

    /// Whom verified tokens may be meant for, beside the tenant.
    pub fn audience(&self) -> Option<&str> {
        self.audience.as_deref()
    }

    /// How far the clocks may be apart when tokens are verified.
    pub fn clock_tolerance(&self) -> Duration {
        self.clock_tolerance
    }

    /// How many verified tokens are known again.
    pub fn verify_cache_size(&self) -> usize {
        self.verify_cache_size
    }

    /// Whether calls and their attempts are told as events.
    pub fn request_log(&self) -> bool {
        self.request_log
    }

    pub(crate) fn tenant_id(&self) -> &str {
        // The URL ends with the tenant and a slash.
        self.tenant_url.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
    }

    pub(crate) fn propagator(&self) -> &Propagator {
        &self.propagator
    }

    pub(crate) fn listener(&self) -> &Listener {
        &self.listener
    }

    /// Who judges the certificates of the service and of a proxy; `None` where neither will show one.
    pub(crate) fn judge(&self) -> Option<&Judge> {
        self.judge.as_ref()
    }

    pub(crate) fn key_ring(&self) -> KeyRing {
        KeyRing::new(self.source.clone(), self.keys.clone(), self.look.clone(), self.listener.clone())
    }

    pub(crate) fn user_agent(&self) -> &HeaderValue {
        &self.user_agent
    }

    /// What requests go through.
    pub(crate) fn proxy(&self) -> Option<&Proxy> {
        self.proxy.as_ref()
    }

    /// Tells the listener what is allowed here and dangerous.
    pub(crate) fn tell_of_risks(&self) {
        if self.plain_remote {
            self.listener.tell(&Event::InsecureHttp { url: self.base_url().to_owned() });
        }
        for file in &self.open_files {
            self.listener.tell(&Event::KeyFileWritable { path: file.display().to_string() });
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("tenant_url", &self.tenant_url)
            .field("users_path", &self.users_path)
            .field("keys", &self.source)
            .field("user_agent", &self.user_agent)
            .field("proxy", &self.proxy)
            .field("connect_timeout", &self.connect_timeout)
            .field("timeout", &self.timeout)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}
