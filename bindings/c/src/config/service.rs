//! Which service, and who calls it.

use std::ffi::c_char;
use std::path::PathBuf;

use client_core::SecretString;

use super::{agg_config, set_text};
use crate::error::agg_error;
use crate::status::agg_status;

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
