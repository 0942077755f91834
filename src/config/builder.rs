//! Gathers settings from arguments, environment and defaults, and reports all their problems at once.

use std::path::PathBuf;
use std::sync::Arc;

use http::HeaderValue;
use hyper_util::client::proxy::matcher::Matcher;
use secrecy::SecretString;

use super::base_url;
use super::checked::Config;
use super::key_settings::KeySettings;
use super::problems::{Problems, check_retries};
use super::proxy::{self, Proxy};
use super::roots::extra_roots;
use crate::error::Result;
use crate::events::{Event, Listener};
use crate::keys::GivenKeys;
use crate::path::check_path;
use crate::time::Seconds;

const DEFAULT_BASE_URL: &str = "https://auth.agglestone.com";
const DEFAULT_RETRIES: i64 = 2;
const DEFAULT_TOKENS: i64 = 10_000;
const MAX_TOKENS: i64 = 1_000_000;
const DEFAULT_USERS_PATH: &str = "api/v2.0/Users";

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

/// Settings before they are checked. Each setter replaces the environment and the default.
#[derive(Clone, Debug, Default)]
pub struct ConfigBuilder {
    tenant_id: Option<String>,
    keys: KeySettings,
    listener: Listener,
    base_url: Option<String>,
    users_path: Option<String>,
    app_name: Option<String>,
    runtime: Option<String>,
    allow_insecure_http: Option<bool>,
    connect_timeout: Option<Seconds>,
    timeout: Option<Seconds>,
    deadline: Option<Seconds>,
    token_cache_size: Option<i64>,
    max_retries: Option<i64>,
    ca_file: Option<PathBuf>,
    ca_pem: Option<Vec<u8>>,
    problems: Vec<String>,
}

impl ConfigBuilder {
    /// The tenant, a GUID. Environment: `AGGLESTONE_TENANT_ID`.
    pub fn tenant_id(mut self, id: impl Into<String>) -> Self {
        self.tenant_id = Some(id.into());
        self
    }

    /// The key that calls use first. Environment: `AGGLESTONE_API_KEY`.
    pub fn api_key(mut self, key: impl Into<SecretString>) -> Self {
        self.keys.primary.value = Some(key.into());
        self
    }

    /// The tenant's other key. Environment: `AGGLESTONE_SECONDARY_API_KEY`.
    pub fn secondary_api_key(mut self, key: impl Into<SecretString>) -> Self {
        self.keys.secondary.value = Some(key.into());
        self
    }

    /// A file that holds the key, as a mounted secret does; a change is noticed within a second of the next call.
    /// Environment: `AGGLESTONE_API_KEY_FILE`.
    pub fn api_key_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.keys.primary.file = Some(path.into());
        self
    }

    /// A file that holds the tenant's other key. Environment: `AGGLESTONE_SECONDARY_API_KEY_FILE`.
    pub fn secondary_api_key_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.keys.secondary.file = Some(path.into());
        self
    }

    /// A function that knows the keys, such as a secret manager's client: asked when every key was refused, and before
    /// the first call unless `api_key` is given too. Replaces files and environment. Called on a thread that may block,
    /// never by two calls at once.
    pub fn key_source(
        mut self,
        callback: impl Fn() -> Result<GivenKeys, String> + Send + Sync + 'static,
    ) -> Self {
        self.keys.callback = Some(Arc::new(callback));
        self
    }

    /// Who is told what happens to the keys. Called on whatever thread noticed, also one that drives I/O: hand the event
    /// on and return.
    pub fn on_event(mut self, listener: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.listener = Listener::new(listener);
        self
    }

    /// Where the service is. Default `https://auth.agglestone.com`. Environment: `AGGLESTONE_BASE_URL`.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// The path of the users below the tenant. Default `api/v2.0/Users`. Environment: `AGGLESTONE_USERS_PATH`.
    pub fn users_path(mut self, path: impl Into<String>) -> Self {
        self.users_path = Some(path.into());
        self
    }

    /// Names the application in the User-Agent, so that the service side can tell who uses which key.
    pub fn app_name(mut self, name: impl Into<String>) -> Self {
        self.app_name = Some(name.into());
        self
    }

    /// Names the language and its version in the User-Agent; for bindings.
    pub fn runtime(mut self, name: impl Into<String>) -> Self {
        self.runtime = Some(name.into());
        self
    }

    /// Accepts plain http to another machine, as for an emulator in a container. Default `false`.
    /// Environment: `AGGLESTONE_ALLOW_INSECURE_HTTP` (`1`, `true`, `0`, `false`).
    pub fn allow_insecure_http(mut self, allow: bool) -> Self {
        self.allow_insecure_http = Some(allow);
        self
    }

    /// How long establishing a connection may take. Default 5 s.
    pub fn connect_timeout(mut self, time: impl Into<Seconds>) -> Self {
        self.connect_timeout = Some(time.into());
        self
    }

    /// How long one attempt may take, from connecting to the last byte of the answer. Default 30 s.
    pub fn timeout(mut self, time: impl Into<Seconds>) -> Self {
        self.timeout = Some(time.into());
        self
    }

    /// How long a whole call may take, over all its attempts. Default 60 s.
    pub fn deadline(mut self, time: impl Into<Seconds>) -> Self {
        self.deadline = Some(time.into());
        self
    }

    /// How often a failed attempt may be followed by another, where that can't do anything twice. Default 2; 0 to 10.
    pub fn max_retries(mut self, retries: i64) -> Self {
        self.max_retries = Some(retries);
        self
    }

    /// How many users' tokens are kept; the least recently used go first. Default 10,000; 1 to 1,000,000.
    pub fn token_cache_size(mut self, users: i64) -> Self {
        self.token_cache_size = Some(users);
        self
    }

    /// A PEM file of certificates to trust beside the platform's, as for a service behind a company's own authority.
    /// Environment: `AGGLESTONE_CA_FILE`.
    pub fn ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.ca_file = Some(path.into());
        self
    }

    /// The same, as the text of such a file.
    pub fn ca_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.ca_pem = Some(pem.into());
        self
    }

    /// What is wrong with a setting that never got here, such as a value of another type: a sentence that begins with the
    /// setting's name in backticks. [`build`](ConfigBuilder::build) lists it with everything else. For bindings.
    pub fn problem(mut self, sentence: impl Into<String>) -> Self {
        self.problems.push(sentence.into());
        self
    }

    /// Checks everything, with the process environment behind what was not set.
    ///
    /// # Errors
    /// [`Code::InvalidConfig`] whose message lists every problem.
    pub fn build(self) -> Result<Config> {
        let environment = |name: &str| std::env::var_os(name)?.into_string().ok();
        self.checked(environment, &Matcher::from_system())
    }

    /// [`build`](ConfigBuilder::build) with another environment. An empty variable counts as not set.
    ///
    /// # Errors
    /// [`Code::InvalidConfig`] whose message lists every problem.
    pub fn build_with(self, environment: impl Fn(&str) -> Option<String>) -> Result<Config> {
        let proxies = proxy::named_by(&environment);
        self.checked(environment, &proxies)
    }

    fn checked(self, environment: impl Fn(&str) -> Option<String>, proxies: &Matcher) -> Result<Config> {
        let environment = |name: &str| environment(name).filter(|value| !value.is_empty());
        let mut problems = Problems::from(self.problems);

        let tenant_id = self.tenant_id.or_else(|| environment("AGGLESTONE_TENANT_ID"));
        let tenant_id =
            problems.required("tenant_id", "AGGLESTONE_TENANT_ID", tenant_id, |id| check_tenant(&id));

        let source = self.keys.source(&environment, &mut problems);

        let flag = environment("AGGLESTONE_ALLOW_INSECURE_HTTP").map(|text| parse_flag(&text));
        let allow_insecure_http = self
            .allow_insecure_http
            .or_else(|| flag.and_then(|flag| problems.checked("allow_insecure_http", flag)))
            .unwrap_or(false);
        let url = self.base_url.or_else(|| environment("AGGLESTONE_BASE_URL"));
        let url = base_url::parse(url.as_deref().unwrap_or(DEFAULT_BASE_URL), allow_insecure_http);
        let url = problems.checked("base_url", url);
        let proxy = match &url {
            Some(url) if !(url.is_plain && url.is_loopback) => {
                problems.checked("base_url", Proxy::to(&url.text, proxies)).flatten()
            }
            _ => None,
        };

        let users_path = self.users_path.or_else(|| environment("AGGLESTONE_USERS_PATH"));
        let users_path = check_path(users_path.as_deref().unwrap_or(DEFAULT_USERS_PATH));
        let users_path = problems.checked("users_path", users_path);

        let user_agent = user_agent(self.app_name.as_deref(), self.runtime.as_deref());
        let user_agent = problems.checked("app_name", user_agent);

        let connect_timeout = problems.time("connect_timeout", self.connect_timeout, 5.0);
        let timeout = problems.time("timeout", self.timeout, 30.0);
        let deadline = problems.time("deadline", self.deadline, 60.0);

        let ca_file = self.ca_file.or_else(|| environment("AGGLESTONE_CA_FILE").map(PathBuf::from));
        let extra_roots = extra_roots(ca_file.as_deref(), self.ca_pem.as_deref());
        let extra_roots = problems.checked("ca_file", extra_roots);

        let max_retries = check_retries(self.max_retries.unwrap_or(DEFAULT_RETRIES));
        let max_retries = problems.checked("max_retries", max_retries);
        let size = self.token_cache_size.unwrap_or(DEFAULT_TOKENS);
        if !(1..=MAX_TOKENS).contains(&size) {
            problems.add("token_cache_size", format_args!("is {size}; 1 to {MAX_TOKENS} are accepted"));
        }

        let complete = (
            tenant_id,
            source,
            url,
            users_path,
            user_agent,
            connect_timeout,
            timeout,
            deadline,
            max_retries,
            extra_roots,
        );
        let (
            Some(tenant_id),
            Some((source, keys)),
            Some(url),
            Some(users_path),
            Some(user_agent),
            Some(connect_timeout),
            Some(timeout),
            Some(deadline),
            Some(max_retries),
            Some(extra_roots),
        ) = complete
        else {
            return Err(problems.into_error());
        };
        problems.none()?;
        Ok(Config {
            tenant_url: format!("{}/tenant/{tenant_id}/", url.text),
            users_path,
            source,
            keys,
            listener: self.listener,
            user_agent,
            proxy,
            plain_loopback: url.is_plain && url.is_loopback,
            plain_remote: url.is_plain && !url.is_loopback,
            connect_timeout,
            timeout,
            deadline,
            token_cache_size: size as usize,
            max_retries,
            extra_roots,
        })
    }
}

/// The tenant is a GUID in every sample and a placeholder such as `your-tenant-id` in some (`service.md`, "Addresses").
fn check_tenant(id: &str) -> Result<String, &'static str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    match id.trim() {
        "" => Err("is empty"),
        id if id.len() <= 128 && id.bytes().all(plain) => Ok(id.to_owned()),
        _ => Err("is not a tenant id: letters, digits, - and _ are accepted, as in a GUID"),
    }
}

fn parse_flag(text: &str) -> Result<bool, &'static str> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" => Ok(true),
        "0" | "false" => Ok(false),
        _ => Err("(AGGLESTONE_ALLOW_INSECURE_HTTP) is neither true nor false"),
    }
}

/// `app agglestone/1.2.3 python/3.11.7`: the most specific first, as RFC 9110 has it.
fn user_agent(app: Option<&str>, runtime: Option<&str>) -> Result<HeaderValue, &'static str> {
    let own = format!("agglestone/{}", env!("CARGO_PKG_VERSION"));
    let parts: Vec<&str> = app.into_iter().chain([own.as_str()]).chain(runtime).collect();
    let text = parts.join(" ");
    let printable = text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    if !printable || app.is_some_and(|app| app.trim().is_empty() || app.len() > 200) {
        return Err("must be 1 to 200 printable ASCII characters");
    }
    HeaderValue::from_str(&text).map_err(|_| "can't be sent in a header")
}
