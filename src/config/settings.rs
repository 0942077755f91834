//! The list of settings: each one's name, kind, variable, default and limits, the same for every language.

use serde::Serialize;

use crate::time::Seconds;

/// One setting of a client.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Setting {
    /// Its name, in snake case.
    pub name: &'static str,
    /// What its value is.
    pub kind: Kind,
    /// The environment variable behind it.
    pub variable: Option<&'static str>,
    /// What holds where it is not set.
    pub default: Option<&'static str>,
    /// The smallest and the largest number; a span of time is longer than the first.
    pub limits: Option<(f64, f64)>,
    /// Whether a single call may have another value than its client.
    pub per_call: bool,
}

/// What the value of a setting is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// Text.
    Text,
    /// Text that must not be shown.
    Secret,
    /// The path of a file.
    Path,
    /// True or false.
    Flag,
    /// A span of time.
    Span,
    /// A whole number.
    Number,
    /// A function that knows the keys.
    KeySource,
}

impl Setting {
    const fn new(name: &'static str, kind: Kind) -> Setting {
        Setting { name, kind, variable: None, default: None, limits: None, per_call: false }
    }

    const fn variable(self, variable: &'static str) -> Setting {
        Setting { variable: Some(variable), ..self }
    }

    const fn default(self, default: &'static str) -> Setting {
        Setting { default: Some(default), ..self }
    }

    const fn span(name: &'static str, default: &'static str) -> Setting {
        let limits = Some((0.0, Seconds::MAX));
        Setting { limits, per_call: true, ..Setting::new(name, Kind::Span).default(default) }
    }

    const fn number(name: &'static str, default: &'static str, least: f64, most: f64) -> Setting {
        Setting { limits: Some((least, most)), ..Setting::new(name, Kind::Number).default(default) }
    }

    /// The default of a span or number.
    pub(super) fn default_number(&self) -> f64 {
        self.default.and_then(|text| text.parse().ok()).expect("the table has a number")
    }

    /// A whole number within the limits. The error completes a sentence about the setting.
    pub(crate) fn check_number(&self, number: i64) -> Result<u32, String> {
        let (least, most) = self.limits.expect("a number has limits");
        match u32::try_from(number) {
            Ok(fitting) if (least..=most).contains(&f64::from(fitting)) => Ok(fitting),
            _ => Err(format!("is {number}; {least} to {most} are accepted")),
        }
    }
}

pub(crate) const TENANT_ID: Setting = Setting::new("tenant_id", Kind::Text).variable("AGGLESTONE_TENANT_ID");
pub(super) const API_KEY: Setting = Setting::new("api_key", Kind::Secret).variable("AGGLESTONE_API_KEY");
pub(super) const SECONDARY_API_KEY: Setting =
    Setting::new("secondary_api_key", Kind::Secret).variable("AGGLESTONE_SECONDARY_API_KEY");
pub(super) const API_KEY_FILE: Setting =
    Setting::new("api_key_file", Kind::Path).variable("AGGLESTONE_API_KEY_FILE");
pub(super) const SECONDARY_API_KEY_FILE: Setting =
    Setting::new("secondary_api_key_file", Kind::Path).variable("AGGLESTONE_SECONDARY_API_KEY_FILE");
pub(super) const KEY_SOURCE: Setting = Setting::new("key_source", Kind::KeySource);
pub(super) const BASE_URL: Setting = Setting::new("base_url", Kind::Text)
    .variable("AGGLESTONE_BASE_URL")
    .default("https://auth.agglestone.com");
pub(super) const USERS_PATH: Setting =
    Setting::new("users_path", Kind::Text).variable("AGGLESTONE_USERS_PATH").default("api/v2.0/Users");
pub(super) const APP_NAME: Setting = Setting::new("app_name", Kind::Text);
pub(super) const CA_FILE: Setting = Setting::new("ca_file", Kind::Path).variable("AGGLESTONE_CA_FILE");
pub(super) const ALLOW_INSECURE_HTTP: Setting = Setting::new("allow_insecure_http", Kind::Flag)
    .variable("AGGLESTONE_ALLOW_INSECURE_HTTP")
    .default("false");
pub(super) const CONNECT_TIMEOUT: Setting = Setting::span("connect_timeout", "5");
pub(super) const TIMEOUT: Setting = Setting::span("timeout", "30");
pub(super) const DEADLINE: Setting = Setting::span("deadline", "60");
/// More retries than this only delay an error.
pub(crate) const MAX_RETRIES: Setting =
    Setting { per_call: true, ..Setting::number("max_retries", "2", 0.0, 10.0) };
/// Calls beyond it wait in line.
pub(super) const MAX_CONNECTIONS: Setting = Setting::number("max_connections", "128", 1.0, 10_000.0);
/// Under the minute after which most services close a connection.
pub(super) const IDLE_TIMEOUT: Setting = Setting { per_call: false, ..Setting::span("idle_timeout", "55") };
/// So that a busy client follows DNS.
pub(super) const CONNECTION_MAX_AGE: Setting =
    Setting { per_call: false, ..Setting::span("connection_max_age", "300") };
/// One serves some 60,000 calls a second.
pub(super) const IO_THREADS: Setting = Setting::number("io_threads", "1", 1.0, MOST_IO_THREADS as f64);
/// Clients with the same number share them, so there are as many sets of threads.
pub(crate) const MOST_IO_THREADS: usize = 16;
pub(super) const TOKEN_CACHE_SIZE: Setting = Setting::number("token_cache_size", "10000", 1.0, 1_000_000.0);

/// Secret, because it may hold a password.
pub(super) const TOKEN_STORE: Setting =
    Setting::new("token_store", Kind::Secret).variable("AGGLESTONE_TOKEN_STORE");
pub(super) const TOKEN_STORE_KEY: Setting =
    Setting::new("token_store_key", Kind::Secret).variable("AGGLESTONE_TOKEN_STORE_KEY");

/// Whom tokens may be meant for, beside the tenant itself.
pub(super) const AUDIENCE: Setting = Setting::new("audience", Kind::Text);
/// How far the clocks of the service and of this machine may be apart. More would only let expired tokens live on.
pub(super) const CLOCK_TOLERANCE: Setting =
    Setting { limits: Some((0.0, 60.0)), ..Setting::new("clock_tolerance", Kind::Span).default("5") };
/// 0 looks at each token anew.
pub(super) const VERIFY_CACHE_SIZE: Setting = Setting::number("verify_cache_size", "10000", 0.0, 1_000_000.0);

/// Off, because a busy client makes thousands of lines a second.
pub(super) const REQUEST_LOG: Setting =
    Setting::new("request_log", Kind::Flag).variable("AGGLESTONE_REQUEST_LOG").default("false");

/// Every setting, in the order in which problems are told. A face that lacks one fails its tests.
pub const SETTINGS: &[Setting] = &[
    TENANT_ID,
    API_KEY,
    SECONDARY_API_KEY,
    API_KEY_FILE,
    SECONDARY_API_KEY_FILE,
    KEY_SOURCE,
    BASE_URL,
    USERS_PATH,
    APP_NAME,
    CA_FILE,
    ALLOW_INSECURE_HTTP,
    CONNECT_TIMEOUT,
    TIMEOUT,
    DEADLINE,
    MAX_RETRIES,
    MAX_CONNECTIONS,
    IO_THREADS,
    IDLE_TIMEOUT,
    CONNECTION_MAX_AGE,
    TOKEN_CACHE_SIZE,
    TOKEN_STORE,
    TOKEN_STORE_KEY,
    AUDIENCE,
    CLOCK_TOLERANCE,
    VERIFY_CACHE_SIZE,
    REQUEST_LOG,
];
