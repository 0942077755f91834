//! The settings as they were given, checked by nobody yet.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::PathBuf;

use secrecy::SecretString;

use super::key_settings::KeySettings;
use crate::error::Problem;
use crate::events::{Listener, Propagator};
use crate::files::Interrupted;
use crate::time::Seconds;

#[derive(Clone, Debug, Default)]
pub(super) struct Given {
    pub tenant_id: Option<String>,
    pub keys: KeySettings,
    pub listener: Listener,
    pub propagator: Propagator,
    pub base_url: Option<String>,
    pub users_path: Option<String>,
    pub app_name: Option<String>,
    pub runtime: Option<String>,
    pub allow_insecure_http: Option<bool>,
    pub connect_timeout: Option<Seconds>,
    pub timeout: Option<Seconds>,
    pub deadline: Option<Seconds>,
    pub token_cache_size: Option<i64>,
    pub token_store: Option<SecretString>,
    pub token_store_key: Option<SecretString>,
    pub audience: Option<String>,
    pub clock_tolerance: Option<Seconds>,
    pub verify_cache_size: Option<i64>,
    pub request_log: Option<bool>,
    pub max_connections: Option<i64>,
    pub io_threads: Option<i64>,
    pub idle_timeout: Option<Seconds>,
    pub connection_max_age: Option<Seconds>,
    pub max_retries: Option<i64>,
    pub ca_file: Option<PathBuf>,
    pub ca_pem: Option<Vec<u8>>,
    /// An environment in place of the process's own.
    pub variables: Option<HashMap<String, OsString>>,
    /// Whether to give up waiting for files.
    pub interrupted: Option<Interrupted>,
    /// What is wrong with settings that could not be given.
    pub problems: Vec<Problem>,
}
