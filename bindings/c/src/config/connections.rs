//! How calls travel, and how long they may take.

use std::ffi::c_char;
use std::path::PathBuf;

use super::{agg_config, change, set_text};
use crate::error::agg_error;
use crate::status::agg_status;

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
