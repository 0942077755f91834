//! Gathers settings: one setter for each.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use hyper_util::client::proxy::matcher::Matcher;
use secrecy::SecretString;

use super::check::check;
use super::checked::Config;
use super::given::Given;
use crate::error::{Problem, Result};
use crate::events::{Event, Listener, Propagator};
use crate::files::Interrupted;
use crate::keys::GivenKeys;
use crate::time::Seconds;
use crate::trace_context::TraceContext;

impl Config {
    /// Starts a configuration from explicit values.
    pub fn builder() -> ConfigBuilder {
        ConfigBuilder::default()
    }

    /// A configuration from the environment alone.
    ///
    /// # Errors
    /// [`Code::InvalidConfig`](crate::Code::InvalidConfig) that lists everything missing or unusable.
    pub fn from_env() -> Result<Config> {
        ConfigBuilder::default().build()
    }
}

/// Settings before they are checked. Each setter takes precedence over the environment and the default.
///
/// ```
/// # fn main() -> Result<(), agglestone::Error> {
/// use agglestone::Config;
///
/// let config = Config::builder()
///     .tenant_id("3fa85f64-5717-4562-b3fc-2c963f66afa6")
///     .api_key("the-primary-key")
///     .secondary_api_key("the-other-key")
///     .app_name("billing/2.1")
///     .deadline(10.0)
///     .build()?;
/// assert_eq!(config.deadline().as_secs(), 10);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct ConfigBuilder(Given);

impl ConfigBuilder {
    /// The tenant, a GUID. Environment: `AGGLESTONE_TENANT_ID`.
    pub fn tenant_id(mut self, id: impl Into<String>) -> Self {
        self.0.tenant_id = Some(id.into());
        self
    }

    /// The key that calls use first. Environment: `AGGLESTONE_API_KEY`.
    pub fn api_key(mut self, key: impl Into<SecretString>) -> Self {
        self.0.keys.primary.value = Some(key.into());
        self
    }

    /// The tenant's other key. Environment: `AGGLESTONE_SECONDARY_API_KEY`.
    pub fn secondary_api_key(mut self, key: impl Into<SecretString>) -> Self {
        self.0.keys.secondary.value = Some(key.into());
        self
    }

    /// A file that holds the key, as a mounted secret does; a change is noticed within a second of the next call.
    /// Environment: `AGGLESTONE_API_KEY_FILE`.
    pub fn api_key_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.0.keys.primary.file = Some(path.into());
        self
    }

    /// A file that holds the tenant's other key. Environment: `AGGLESTONE_SECONDARY_API_KEY_FILE`.
    pub fn secondary_api_key_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.0.keys.secondary.file = Some(path.into());
        self
    }

    /// A function that knows the keys, such as a secret manager's client: asked when every key was refused, and before
    /// the first call unless `api_key` is given too. Replaces files and environment. Called on a thread that may block,
    /// never by two calls at once.
    pub fn key_source(
        mut self,
        callback: impl Fn() -> Result<GivenKeys, String> + Send + Sync + 'static,
    ) -> Self {
        self.0.keys.callback = Some(Arc::new(callback));
        self
    }

    /// Who is told what happens to the keys, and of calls with [`request_log`](Self::request_log). Called on whatever thread noticed, also one that drives I/O: hand the event
    /// on and return.
    pub fn on_event(mut self, listener: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.0.listener = Listener::new(listener);
        self
    }

    /// A function that knows the trace a call belongs to, which each attempt then names in `traceparent`, `tracestate` and `baggage`
    /// unless the caller set that header. Asked on the caller's thread before each call, within the call's span where `tracing` collects
    /// spans. For the Rust clients.
    ///
    /// ```no_run
    /// use agglestone::{Config, TraceContext};
    ///
    /// let config = Config::builder()
    ///     .trace_context(|| TraceContext::new("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").ok());
    /// # drop(config);
    /// ```
    pub fn trace_context(
        mut self,
        current: impl Fn() -> Option<TraceContext> + Send + Sync + 'static,
    ) -> Self {
        self.0.propagator = Propagator::new(current);
        self
    }

    /// Where the service is. Default `https://auth.agglestone.com`. Environment: `AGGLESTONE_BASE_URL`.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.0.base_url = Some(url.into());
        self
    }

    /// The path of the users below the tenant. Default `api/v2.0/Users`. Environment: `AGGLESTONE_USERS_PATH`.
    pub fn users_path(mut self, path: impl Into<String>) -> Self {
        self.0.users_path = Some(path.into());
        self
    }

    /// Names the application in the User-Agent, so that the service side can tell who uses which key.
    pub fn app_name(mut self, name: impl Into<String>) -> Self {
        self.0.app_name = Some(name.into());
        self
    }

    /// Names the language and its version in the User-Agent; for bindings.
    pub fn runtime(mut self, name: impl Into<String>) -> Self {
        self.0.runtime = Some(name.into());
        self
    }

    /// Accepts plain http to another machine, as for an emulator in a container. Default `false`.
    /// Environment: `AGGLESTONE_ALLOW_INSECURE_HTTP` (`1`, `true`, `0`, `false`).
    pub fn allow_insecure_http(mut self, allow: bool) -> Self {
        self.0.allow_insecure_http = Some(allow);
        self
    }

    /// How long establishing a connection may take. Default 5 s.
    pub fn connect_timeout(mut self, time: impl Into<Seconds>) -> Self {
        self.0.connect_timeout = Some(time.into());
        self
    }

    /// How long one attempt may take, from connecting to the last byte of the answer. Default 30 s.
    pub fn timeout(mut self, time: impl Into<Seconds>) -> Self {
        self.0.timeout = Some(time.into());
        self
    }

    /// How long a whole call may take, over all its attempts. Default 60 s.
    pub fn deadline(mut self, time: impl Into<Seconds>) -> Self {
        self.0.deadline = Some(time.into());
        self
    }

    /// How often a failed attempt is retried, only when that can't duplicate an action. Default 2; 0 to 10.
    pub fn max_retries(mut self, retries: i64) -> Self {
        self.0.max_retries = Some(retries);
        self
    }

    /// How many connections to the service there may be over HTTP/1.1; over HTTP/2 one is shared by all. Calls beyond it wait,
    /// first come first served, as long as their `deadline` allows. Default 128; 1 to 10,000.
    pub fn max_connections(mut self, connections: i64) -> Self {
        self.0.max_connections = Some(connections);
        self
    }

    /// How many threads drive the network for calls that don't block. Clients of the process with the same number share them.
    /// Default 1, which serves some 60,000 calls a second; 1 to 16.
    pub fn io_threads(mut self, threads: i64) -> Self {
        self.0.io_threads = Some(threads);
        self
    }

    /// How long a connection may be idle before it is closed; less where the service is seen to close earlier. Default 55 s.
    pub fn idle_timeout(mut self, time: impl Into<Seconds>) -> Self {
        self.0.idle_timeout = Some(time.into());
        self
    }

    /// How old a connection may grow before another takes its place, so that a busy client follows DNS. Spread by a tenth; 0
    /// for never. Default 300 s.
    pub fn connection_max_age(mut self, time: impl Into<Seconds>) -> Self {
        self.0.connection_max_age = Some(time.into());
        self
    }

    /// How many users' tokens are kept; the least recently used go first. Default 10,000; 1 to 1,000,000.
    pub fn token_cache_size(mut self, users: i64) -> Self {
        self.0.token_cache_size = Some(users);
        self
    }

    /// A Valkey or Redis server (6 or newer) over which processes share their users' tokens: one exchange a user for a whole
    /// fleet. `rediss://user:password@host:6379/0`; plain `redis://` to this machine, or with
    /// [`allow_insecure_http`](ConfigBuilder::allow_insecure_http). Entries are sealed: the server sees neither users nor tokens.
    /// No call fails or waits longer than 100 ms because of it. Default: none. Environment: `AGGLESTONE_TOKEN_STORE`.
    pub fn token_store(mut self, url: impl Into<SecretString>) -> Self {
        self.0.token_store = Some(url.into());
        self
    }

    /// What the entries of the token store are sealed with, the same for the whole fleet: at least 32 characters, 32 random bytes
    /// in base64 or hex. Default: the API keys, under each of which every entry is then written. Environment:
    /// `AGGLESTONE_TOKEN_STORE_KEY`.
    pub fn token_store_key(mut self, key: impl Into<SecretString>) -> Self {
        self.0.token_store_key = Some(key.into());
        self
    }

    /// Whom tokens may be meant for: what the claim `aud` of a token to verify may hold beside the tenant's id. A token without
    /// `aud` is accepted either way. Default: the tenant's id alone.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.0.audience = Some(audience.into());
        self
    }

    /// How far the clocks of the service and of this machine may be apart when tokens are verified. Default 5 s; 0 to 60 s.
    pub fn clock_tolerance(mut self, time: impl Into<Seconds>) -> Self {
        self.0.clock_tolerance = Some(time.into());
        self
    }

    /// How many verified tokens are known again, by their SHA-256, until they expire; the least recently used go first. Default
    /// 10,000; 0, which verifies each token anew, to 1,000,000.
    pub fn verify_cache_size(mut self, tokens: i64) -> Self {
        self.0.verify_cache_size = Some(tokens);
        self
    }

    /// Whether each attempt ([`Event::Request`], at debug) and each call ([`Event::Call`], at info) is told as an event, with its route
    /// template, status, time and key, and without ids, queries, bodies and secrets. Default `false`. Environment:
    /// `AGGLESTONE_REQUEST_LOG` (`1`, `true`, `0`, `false`).
    pub fn request_log(mut self, log: bool) -> Self {
        self.0.request_log = Some(log);
        self
    }

    /// A PEM file of certificates to trust in addition to the platform's, as for a service behind a private CA.
    /// Environment: `AGGLESTONE_CA_FILE`.
    pub fn ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.0.ca_file = Some(path.into());
        self
    }

    /// The same, as the text of such a file.
    pub fn ca_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.0.ca_pem = Some(pem.into());
        self
    }

    /// A variable of the environment to take settings from. With the first one the process's own environment is left out of
    /// account: for languages whose programs have a copy of it. For bindings.
    #[doc(hidden)]
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<OsString>) -> Self {
        self.0.variables.get_or_insert_default().insert(name.into(), value.into());
        self
    }

    /// A problem with a setting that never got here, such as a value of another type; [`build`](ConfigBuilder::build) lists it
    /// with everything else. For bindings.
    #[doc(hidden)]
    pub fn problem(mut self, problem: Problem) -> Self {
        self.0.problems.push(problem);
        self
    }

    /// Asked every so often while files are waited for: `true` gives up on them, which is a problem of the configuration. For
    /// bindings whose callers can be interrupted.
    #[doc(hidden)]
    pub fn interrupted(mut self, interrupted: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        self.0.interrupted = Some(Interrupted::new(interrupted));
        self
    }

    /// Checks everything, with the process environment behind what was not set.
    ///
    /// # Errors
    /// [`Code::InvalidConfig`](crate::Code::InvalidConfig) whose message lists every problem.
    pub fn build(mut self) -> Result<Config> {
        match self.0.variables.take() {
            Some(variables) => {
                let environment = |name: &str| variables.get(name).cloned();
                check(self.0, &environment, None)
            }
            None => check(self.0, &|name: &str| std::env::var_os(name), Some(&Matcher::from_system())),
        }
    }

    /// [`build`](ConfigBuilder::build) with another environment. An empty variable counts as not set.
    ///
    /// ```
    /// # fn main() -> Result<(), agglestone::Error> {
    /// use agglestone::Config;
    ///
    /// let vault = |name: &str| (name == "AGGLESTONE_API_KEY").then(|| "the-key".to_owned());
    /// let config = Config::builder().tenant_id("your-tenant-id").build_with(vault)?;
    /// assert_eq!(config.base_url(), "https://auth.agglestone.com");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Code::InvalidConfig`](crate::Code::InvalidConfig) whose message lists every problem.
    pub fn build_with(self, environment: impl Fn(&str) -> Option<String>) -> Result<Config> {
        check(self.0, &|name: &str| environment(name).map(OsString::from), None)
    }
}
