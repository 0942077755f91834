//! `agg_config`: settings before a client is made from them.

use std::ffi::c_char;
use std::path::PathBuf;
use std::sync::Arc;

use client_core::Result;
use client_core::binding::Tracked;
use client_core::{Config, ConfigBuilder, Error, Problem, SecretString};

use crate::boundary::{bytes, give, needed, run, text};
use crate::error::agg_error;
use crate::event::EventSink;
use crate::queue::agg_queue;
use crate::reports::Reports;
use crate::status::agg_status;

/// Settings of a client. What is not set comes from the environment (AGGLESTONE_TENANT_ID, AGGLESTONE_API_KEY,
/// AGGLESTONE_SECONDARY_API_KEY, their _FILE forms, AGGLESTONE_BASE_URL, AGGLESTONE_USERS_PATH, AGGLESTONE_CA_FILE,
/// AGGLESTONE_ALLOW_INSECURE_HTTP), then from defaults. Not checked before agg_client_new, which reports every problem at once.
/// One thread at a time.
pub struct agg_config {
    builder: ConfigBuilder,
    reports: Reports,
    events: Option<Arc<EventSink>>,
    _tracked: Tracked,
}

impl agg_config {
    pub fn change(&mut self, setting: impl FnOnce(ConfigBuilder) -> ConfigBuilder) {
        self.builder = setting(std::mem::take(&mut self.builder));
    }

    /// Who is told of events.
    pub fn tell(&mut self, sink: EventSink) {
        self.events = Some(Arc::new(sink));
    }

    /// The configuration of a client, and who calls back for it.
    pub fn build(&self) -> Result<(Config, Reports)> {
        let mut builder = self.builder.clone();
        if let Some(sink) = self.events.clone() {
            let reports = self.reports.clone();
            builder = builder.on_event(move |event| reports.happened(sink.clone(), event.clone()));
        }
        Ok((builder.build()?, self.reports.clone()))
    }
}

fn change(
    config: Option<&mut agg_config>,
    error: *mut *mut agg_error,
    setting: impl FnOnce(ConfigBuilder) -> Result<ConfigBuilder>,
) -> agg_status {
    run(error, || {
        let config = needed("config", config)?;
        config.builder = setting(config.builder.clone())?;
        Ok(())
    })
}

/// A setting that is text. What is no UTF-8 is one problem among all that agg_client_new reports.
fn set_text<'a, T: From<&'a str>>(
    config: Option<&mut agg_config>,
    setting: &'static str,
    data: *const c_char,
    length: usize,
    error: *mut *mut agg_error,
    set: impl FnOnce(ConfigBuilder, T) -> ConfigBuilder,
) -> agg_status {
    change(config, error, |builder| {
        let given = bytes(setting, data, length)?;
        Ok(match std::str::from_utf8(given) {
            Ok(text) => set(builder, text.into()),
            Err(_) => builder.problem(Problem::new(setting, "is not UTF-8")),
        })
    })
}

/// Makes an empty configuration. The caller owns it and frees it with agg_config_free.
#[unsafe(no_mangle)]
pub extern "C" fn agg_config_new(config: *mut *mut agg_config, error: *mut *mut agg_error) -> agg_status {
    run(error, || {
        give("config", config, || {
            Ok(agg_config {
                builder: Config::builder().runtime("c"),
                reports: Reports::default(),
                events: None,
                _tracked: Tracked::new(),
            })
        })
    })
}

/// The tenant, a GUID. Environment: AGGLESTONE_TENANT_ID. Copied.
#[unsafe(no_mangle)]
pub extern "C" fn agg_config_set_tenant_id(
    config: Option<&mut agg_config>,
    tenant_id: *const c_char,
    length: usize,
    error: *mut *mut agg_error,
) -> agg_status {
    set_text(config, "tenant_id", tenant_id, length, error, |builder, text: String| builder.tenant_id(text))
}

/// The API key that calls use. Environment: AGGLESTONE_API_KEY. Copied; the copy is wiped when it is freed.
#[unsafe(no_mangle)]
pub extern "C" fn agg_config_set_api_key(
    config: Option<&mut agg_config>,
    api_key: *const c_char,
    length: usize,
    error: *mut *mut agg_error,
) -> agg_status {
    set_text(config, "api_key", api_key, length, error, |builder, key: SecretString| builder.api_key(key))
}

/// The tenant's other API key. Environment: AGGLESTONE_SECONDARY_API_KEY. Copied; the copy is wiped when it is freed.
#[unsafe(no_mangle)]
pub extern "C" fn agg_config_set_secondary_api_key(
    config: Option<&mut agg_config>,
    api_key: *const c_char,
    length: usize,
    error: *mut *mut agg_error,
) -> agg_status {
    set_text(config, "secondary_api_key", api_key, length, error, |builder, key: SecretString| {
        builder.secondary_api_key(key)
    })
}

/// A file that holds the API key, as a mounted secret does; a change is noticed within a second of the next call. UTF-8.
/// Environment: AGGLESTONE_API_KEY_FILE. Copied.
#[unsafe(no_mangle)]
pub extern "C" fn agg_config_set_api_key_file(
    config: Option<&mut agg_config>,
    path: *const c_char,
    length: usize,
    error: *mut *mut agg_error,
) -> agg_status {
    set_text(config, "api_key_file", path, length, error, |builder, path: PathBuf| builder.api_key_file(path))
}

/// A file that holds the tenant's other API key. UTF-8. Environment: AGGLESTONE_SECONDARY_API_KEY_FILE. Copied.
#[unsafe(no_mangle)]
pub extern "C" fn agg_config_set_secondary_api_key_file(
    config: Option<&mut agg_config>,
    path: *const c_char,
    length: usize,
    error: *mut *mut agg_error,
) -> agg_status {
    set_text(config, "secondary_api_key_file", path, length, error, |builder, path: PathBuf| {
        builder.secondary_api_key_file(path)
    })
}

/// Where the service is: https, or http to this machine. Default https://auth.agglestone.com.
/// Environment: AGGLESTONE_BASE_URL. Copied.
#[unsafe(no_mangle)]
pub extern "C" fn agg_config_set_base_url(
    config: Option<&mut agg_config>,
    base_url: *const c_char,
    length: usize,
    error: *mut *mut agg_error,
) -> agg_status {
    set_text(config, "base_url", base_url, length, error, |builder, text: String| builder.base_url(text))
}

/// The path of the users below the tenant. Default api/v2.0/Users. Environment: AGGLESTONE_USERS_PATH. Copied.
#[unsafe(no_mangle)]
pub extern "C" fn agg_config_set_users_path(
    config: Option<&mut agg_config>,
    users_path: *const c_char,
    length: usize,
    error: *mut *mut agg_error,
) -> agg_status {
    set_text(config, "users_path", users_path, length, error, |builder, text: String| {
        builder.users_path(text)
    })
}

/// Names the application in the User-Agent, so that the service side can tell who uses which key. Printable ASCII, at
/// most 200 bytes. Copied.
#[unsafe(no_mangle)]
pub extern "C" fn agg_config_set_app_name(
    config: Option<&mut agg_config>,
    app_name: *const c_char,
    length: usize,
    error: *mut *mut agg_error,
) -> agg_status {
    set_text(config, "app_name", app_name, length, error, |builder, text: String| builder.app_name(text))
}

/// Names the language and its version in the User-Agent; for bindings on top of this library. Default "c". Copied.
#[unsafe(no_mangle)]
pub extern "C" fn agg_config_set_runtime(
    config: Option<&mut agg_config>,
    runtime: *const c_char,
    length: usize,
    error: *mut *mut agg_error,
) -> agg_status {
    set_text(config, "runtime", runtime, length, error, |builder, text: String| builder.runtime(text))
}

/// Accepts plain http to another machine, as for an emulator in a container; keys then travel unencrypted. Default false.
/// Environment: AGGLESTONE_ALLOW_INSECURE_HTTP.
#[unsafe(no_mangle)]
pub extern "C" fn agg_config_set_allow_insecure_http(
    config: Option<&mut agg_config>,
    allow: bool,
    error: *mut *mut agg_error,
) -> agg_status {
    change(config, error, |builder| Ok(builder.allow_insecure_http(allow)))
}

/// How long establishing a connection may take, in seconds. Default 5. More than 0, at most 86400.
#[unsafe(no_mangle)]
pub extern "C" fn agg_config_set_connect_timeout(
    config: Option<&mut agg_config>,
    seconds: f64,
    error: *mut *mut agg_error,
) -> agg_status {
    change(config, error, |builder| Ok(builder.connect_timeout(seconds)))
}

/// How long one attempt may take, from connecting to the last byte of the answer, in seconds. Default 30. More than 0, at
/// most 86400.
#[unsafe(no_mangle)]
pub extern "C" fn agg_config_set_timeout(
    config: Option<&mut agg_config>,
    seconds: f64,
    error: *mut *mut agg_error,
) -> agg_status {
    change(config, error, |builder| Ok(builder.timeout(seconds)))
}

/// How long a whole call may take, over all its attempts, in seconds. Default 60. More than 0, at most 86400.
#[unsafe(no_mangle)]
pub extern "C" fn agg_config_set_deadline(
    config: Option<&mut agg_config>,
    seconds: f64,
    error: *mut *mut agg_error,
) -> agg_status {
    change(config, error, |builder| Ok(builder.deadline(seconds)))
}

/// A PEM file of certificates to trust in addition to the platform's, as for a service behind a private CA. Default none.
/// Environment: AGGLESTONE_CA_FILE. Copied.
#[unsafe(no_mangle)]
pub extern "C" fn agg_config_set_ca_file(
    config: Option<&mut agg_config>,
    path: *const c_char,
    length: usize,
    error: *mut *mut agg_error,
) -> agg_status {
    set_text(config, "ca_file", path, length, error, |builder, path: PathBuf| builder.ca_file(path))
}

/// How often a failed attempt is retried, only when that can't duplicate an action. Default 2; 0 to 10.
#[unsafe(no_mangle)]
pub extern "C" fn agg_config_set_max_retries(
    config: Option<&mut agg_config>,
    retries: i64,
    error: *mut *mut agg_error,
) -> agg_status {
    change(config, error, |builder| Ok(builder.max_retries(retries)))
}

/// How many connections to the service there may be over HTTP/1.1; over HTTP/2 one is shared by all. Calls beyond it wait, first
/// come first served, as long as their deadline allows. Default 128; 1 to 10000.
#[unsafe(no_mangle)]
pub extern "C" fn agg_config_set_max_connections(
    config: Option<&mut agg_config>,
    connections: i64,
    error: *mut *mut agg_error,
) -> agg_status {
    change(config, error, |builder| Ok(builder.max_connections(connections)))
}

/// How many threads drive the network for calls that are started. Clients of the process with the same number share them. Default
/// 1, which serves some 60,000 calls a second; 1 to 16.
#[unsafe(no_mangle)]
pub extern "C" fn agg_config_set_io_threads(
    config: Option<&mut agg_config>,
    threads: i64,
    error: *mut *mut agg_error,
) -> agg_status {
    change(config, error, |builder| Ok(builder.io_threads(threads)))
}

/// How long a connection may be idle before it is closed, in seconds; less where the service is seen to close earlier. Default 55.
/// More than 0, at most 86400.
#[unsafe(no_mangle)]
pub extern "C" fn agg_config_set_idle_timeout(
    config: Option<&mut agg_config>,
    seconds: f64,
    error: *mut *mut agg_error,
) -> agg_status {
    change(config, error, |builder| Ok(builder.idle_timeout(seconds)))
}

/// How old a connection may grow before another takes its place, in seconds, so that a busy client follows DNS. Spread by a tenth.
/// Default 300; at most 86400, 0 for never.
#[unsafe(no_mangle)]
pub extern "C" fn agg_config_set_connection_max_age(
    config: Option<&mut agg_config>,
    seconds: f64,
    error: *mut *mut agg_error,
) -> agg_status {
    change(config, error, |builder| Ok(builder.connection_max_age(seconds)))
}

/// How many users' tokens are kept; the least recently used go first. Default 10000; 1 to 1000000.
#[unsafe(no_mangle)]
pub extern "C" fn agg_config_set_token_cache_size(
    config: Option<&mut agg_config>,
    users: i64,
    error: *mut *mut agg_error,
) -> agg_status {
    change(config, error, |builder| Ok(builder.token_cache_size(users)))
}

/// A Valkey or Redis server (6 or newer) over which processes share their users' tokens, so that a whole fleet makes one exchange a
/// user: "rediss://user:password@host:6379/0"; plain "redis://" to this machine, or with agg_config_set_allow_insecure_http. Entries
/// are sealed: the server sees neither users nor tokens. No call fails or waits longer than 100 ms because of it. Default none.
/// Environment: AGGLESTONE_TOKEN_STORE. Copied; the copy is wiped when it is freed.
#[unsafe(no_mangle)]
pub extern "C" fn agg_config_set_token_store(
    config: Option<&mut agg_config>,
    url: *const c_char,
    length: usize,
    error: *mut *mut agg_error,
) -> agg_status {
    set_text(config, "token_store", url, length, error, |builder, url: SecretString| builder.token_store(url))
}

/// What the entries of the token store are sealed with, the same for the whole fleet: at least 32 characters, 32 random bytes in
/// base64 or hex. Default: the API keys, under each of which every entry is then written. Environment: AGGLESTONE_TOKEN_STORE_KEY.
/// Copied; the copy is wiped when it is freed.
#[unsafe(no_mangle)]
pub extern "C" fn agg_config_set_token_store_key(
    config: Option<&mut agg_config>,
    key: *const c_char,
    length: usize,
    error: *mut *mut agg_error,
) -> agg_status {
    set_text(config, "token_store_key", key, length, error, |builder, key: SecretString| {
        builder.token_store_key(key)
    })
}

/// Whom tokens may be meant for: what the claim "aud" of a token to verify may hold beside the tenant's id. A token without "aud"
/// is accepted either way. Default: the tenant's id alone. Copied.
#[unsafe(no_mangle)]
pub extern "C" fn agg_config_set_audience(
    config: Option<&mut agg_config>,
    audience: *const c_char,
    length: usize,
    error: *mut *mut agg_error,
) -> agg_status {
    set_text(config, "audience", audience, length, error, |builder, audience: &str| {
        builder.audience(audience)
    })
}

/// How far the clocks of the service and of this machine may be apart when tokens are verified, in seconds. Default 5; 0 to 60.
#[unsafe(no_mangle)]
pub extern "C" fn agg_config_set_clock_tolerance(
    config: Option<&mut agg_config>,
    seconds: f64,
    error: *mut *mut agg_error,
) -> agg_status {
    change(config, error, |builder| Ok(builder.clock_tolerance(seconds)))
}

/// How many verified tokens are known again, by their SHA-256, until they expire; the least recently used go first. Default 10000;
/// 0, which verifies each token anew, to 1000000.
#[unsafe(no_mangle)]
pub extern "C" fn agg_config_set_verify_cache_size(
    config: Option<&mut agg_config>,
    tokens: i64,
    error: *mut *mut agg_error,
) -> agg_status {
    change(config, error, |builder| Ok(builder.verify_cache_size(tokens)))
}

/// Whether calls and their attempts are told as events: "request" for each attempt, at "debug", and "call" for each call, at "info".
/// The message has method, route template, status, attempt, milliseconds, the key by its fingerprint and the service's request id;
/// no id, query, body or secret. Takes effect with agg_config_set_event_callback. Default false. Environment:
/// AGGLESTONE_REQUEST_LOG.
#[unsafe(no_mangle)]
pub extern "C" fn agg_config_set_request_log(
    config: Option<&mut agg_config>,
    log: bool,
    error: *mut *mut agg_error,
) -> agg_status {
    change(config, error, |builder| Ok(builder.request_log(log)))
}

/// Lends a variable of an environment, such as AGGLESTONE_API_KEY or HTTPS_PROXY. With the first one the process's own
/// environment is left out of account: for languages whose programs have a copy of it, which pass all of theirs. Name and value
/// are UTF-8. Copied.
#[unsafe(no_mangle)]
pub extern "C" fn agg_config_set_variable(
    config: Option<&mut agg_config>,
    name: *const c_char,
    name_length: usize,
    value: *const c_char,
    value_length: usize,
    error: *mut *mut agg_error,
) -> agg_status {
    change(config, error, |builder| {
        Ok(builder.variable(text("name", name, name_length)?, text("value", value, value_length)?))
    })
}

/// Whether callbacks of calls run on the thread that drives I/O for the whole process, instead of on the dispatcher thread: for
/// callbacks that never wait, such as those that only hand the result on. One saves the wake of a thread. Such a callback may
/// read and free its reply, start, cancel and free calls, and close or free a client; agg_client_call in one answers
/// AGG_INVALID_ARGUMENT. Callbacks of events stay on the dispatcher thread. With more than one of agg_config_set_io_threads,
/// callbacks of several calls may run at the same time. Default false. Replaces agg_config_set_queue.
#[unsafe(no_mangle)]
pub extern "C" fn agg_config_set_inline_callbacks(
    config: Option<&mut agg_config>,
    inline_callbacks: bool,
    error: *mut *mut agg_error,
) -> agg_status {
    run(error, || {
        needed("config", config)?.reports =
            if inline_callbacks { Reports::Inline } else { Reports::default() };
        Ok(())
    })
}

/// Has all callbacks, of calls and events, wait in a queue until a thread of the program calls agg_queue_drain: for programs with
/// an event loop of their own, which watches agg_queue_fd. No thread of the library calls back then. Replaces
/// agg_config_set_inline_callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn agg_config_set_queue(
    config: Option<&mut agg_config>,
    queue: Option<&agg_queue>,
    error: *mut *mut agg_error,
) -> agg_status {
    run(error, || {
        let config = needed("config", config)?;
        let queue = needed("queue", queue)?.get().ok_or_else(Error::closed)?;
        config.reports = Reports::Queue(queue.clone());
        Ok(())
    })
}

/// Frees a configuration; clients made from it live on. NULL is a no-op.
#[unsafe(no_mangle)]
pub extern "C" fn agg_config_free(config: Option<Box<agg_config>>) {
    drop(config);
}
