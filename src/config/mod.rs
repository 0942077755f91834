//! What a client is made from: immutable, complete and checked.

mod base_url;
mod builder;
mod key_settings;
mod problems;
mod proxy;
mod roots;

use std::fmt;
use std::time::Duration;

use http::HeaderValue;
use rustls::pki_types::CertificateDer;

pub use builder::{ConfigBuilder, Seconds};
pub(crate) use problems::{check_retries, check_time};
pub(crate) use proxy::Proxy;

use crate::error::Result;
use crate::events::Listener;
use crate::keys::{KeyRing, Keys, Source};

/// A checked configuration. Made by [`ConfigBuilder`]: explicit argument, then environment, then default.
///
/// A proxy comes from `HTTPS_PROXY` (`HTTP_PROXY` for a plain `base_url`) or `ALL_PROXY`, unless `NO_PROXY` lists the
/// service's host; all are read once, when the configuration is made. On Windows and macOS the system's settings come next.
#[derive(Clone)]
pub struct Config {
    /// `{base URL}/tenant/{tenant id}/`
    tenant_url: String,
    users_path: String,
    /// Where the keys come from, and those to begin with where they are known already.
    source: Source,
    keys: Option<Keys>,
    listener: Listener,
    user_agent: HeaderValue,
    proxy: Option<Proxy>,
    plain_loopback: bool,
    plain_remote: bool,
    connect_timeout: Duration,
    timeout: Duration,
    deadline: Duration,
    token_cache_size: usize,
    max_retries: u32,
    extra_roots: Vec<CertificateDer<'static>>,
}

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

    /// The URL of the tenant, with a slash at its end.
    pub fn tenant_url(&self) -> &str {
        &self.tenant_url
    }

    /// Where the service is, without a slash at the end.
    pub fn base_url(&self) -> &str {
        // The tenant can't hold a slash, and a base URL can't hold `/tenant/`.
        self.tenant_url.split("/tenant/").next().unwrap_or(&self.tenant_url)
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

    /// How many users' tokens are kept.
    pub fn token_cache_size(&self) -> usize {
        self.token_cache_size
    }

    /// Certificates that are trusted beside the platform's.
    pub(crate) fn extra_roots(&self) -> &[CertificateDer<'static>] {
        &self.extra_roots
    }

    pub(crate) fn key_ring(&self) -> KeyRing {
        KeyRing::new(self.source.clone(), self.keys.clone(), self.listener.clone())
    }

    pub(crate) fn user_agent(&self) -> &HeaderValue {
        &self.user_agent
    }

    /// What requests go through.
    pub(crate) fn proxy(&self) -> Option<&Proxy> {
        self.proxy.as_ref()
    }

    /// Plain HTTP to this machine: no proxy, no certificates.
    pub(crate) fn is_plain_loopback(&self) -> bool {
        self.plain_loopback
    }

    /// Plain HTTP over a network, by `allow_insecure_http`.
    pub fn is_plain_remote(&self) -> bool {
        self.plain_remote
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

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing(_: &str) -> Option<String> {
        None
    }

    fn complete() -> ConfigBuilder {
        Config::builder().tenant_id("your-tenant-id").api_key("a-key")
    }

    #[test]
    fn arguments_come_before_the_environment_and_that_before_defaults() {
        let environment = |name: &str| match name {
            "AGGLESTONE_TENANT_ID" => Some("from-environment".to_owned()),
            "AGGLESTONE_API_KEY" => Some("key-from-environment".to_owned()),
            "AGGLESTONE_USERS_PATH" => Some(String::new()),
            _ => None,
        };
        let config = Config::builder().tenant_id("explicit").build_with(environment).unwrap();
        assert_eq!(config.tenant_url(), "https://auth.agglestone.com/tenant/explicit/");
        assert_eq!(config.keys.as_ref().unwrap().primary.expose(), "key-from-environment");
        assert_eq!(config.users_path(), "api/v2.0/Users");
    }

    #[test]
    fn every_problem_is_reported_at_once_and_no_key_is_shown() {
        let error = Config::builder()
            .tenant_id("../other")
            .api_key("planted key")
            .secondary_api_key("planted\nother")
            .base_url("http://evil.example")
            .users_path("../groups")
            .app_name("bad\nname")
            .connect_timeout(f64::NAN)
            .timeout(-1.0)
            .deadline(Duration::ZERO)
            .build_with(nothing)
            .unwrap_err();
        assert_eq!(error.code(), crate::Code::InvalidConfig);
        let settings = ["tenant_id", "api_key", "secondary_api_key", "base_url", "users_path", "app_name"];
        for setting in settings.iter().chain(&["connect_timeout", "timeout", "deadline"]) {
            assert!(error.message().contains(&format!("`{setting}`")), "{setting}: {error}");
        }
        assert!(!format!("{error} {error:?}").contains("planted"), "{error}");
    }

    #[test]
    fn what_is_missing_is_named_with_its_variable() {
        let error = Config::builder().build_with(nothing).unwrap_err();
        assert!(
            error.message().contains("AGGLESTONE_TENANT_ID")
                && error.message().contains("AGGLESTONE_API_KEY")
        );
    }

    #[test]
    fn what_a_binding_found_is_listed_too_and_not_called_missing() {
        let build = |problem: &str| {
            let builder = Config::builder().problem(problem).base_url("ftp://x");
            builder.build_with(nothing).unwrap_err().message().to_owned()
        };
        let message = build("`tenant_id` must be a text");
        assert!(
            message.starts_with("invalid configuration, 3 problems: `tenant_id` must be a text; "),
            "{message}"
        );
        assert!(message.contains("`api_key` is missing") && message.contains("`base_url`"), "{message}");
        for setting in ["api_key", "api_key_file", "key_source"] {
            let message = build(&format!("`{setting}` is odd"));
            assert!(!message.contains("`api_key` is missing"), "{message}");
            assert!(message.contains("`tenant_id` is missing"), "{message}");
        }
        // Enough alone.
        assert!(complete().problem("`colour` is no option").build_with(nothing).is_err());
    }

    #[test]
    fn the_same_key_twice_is_refused() {
        let error = complete().secondary_api_key("a-key").build_with(nothing).unwrap_err();
        assert!(error.message().contains("`secondary_api_key` is the same"), "{error}");
    }

    #[test]
    fn times_are_finite_and_positive() {
        for seconds in [f64::NAN, f64::INFINITY, 0.0, -1.0, 1e9] {
            assert!(complete().timeout(seconds).build_with(nothing).is_err(), "{seconds}");
        }
        assert_eq!(
            complete().timeout(0.25).build_with(nothing).unwrap().timeout(),
            Duration::from_millis(250)
        );
    }

    #[test]
    fn the_user_agent_names_the_application_first() {
        let config = complete().app_name("billing/2").runtime("python/3.11").build_with(nothing).unwrap();
        let expected = format!("billing/2 agglestone/{} python/3.11", crate::VERSION);
        assert_eq!(config.user_agent().to_str().unwrap(), expected);
    }

    #[test]
    fn debug_shows_no_key() {
        let config = complete().api_key("planted-key").build_with(nothing).unwrap();
        assert!(!format!("{config:?}").contains("planted"));
    }
}
