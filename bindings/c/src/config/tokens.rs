//! Users' tokens: how they are kept and verified.

use std::ffi::c_char;

use client_core::SecretString;

use super::{agg_config, change, set_text};
use crate::error::agg_error;
use crate::status::agg_status;

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
