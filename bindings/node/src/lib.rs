//! Node binding of the Agglestone client: hands operations to the core and finished calls back to JavaScript.
//!
//! This is no API: the package in `node/` is, and everything here may change with it.
#![deny(unsafe_code)]
#![allow(missing_docs, reason = "the macros export items whose documentation is in node/src/native.ts")]

mod account;
mod at_hand;
mod bridge;
mod channel;
mod error;
mod event;
mod key_source;
mod outcome;
mod question;
mod session;
mod settings;

use agglestone::Code;
use napi_derive::napi;

/// The version of this library: the façade refuses an addon of another one.
#[napi(catch_unwind)]
pub fn version() -> String {
    agglestone::VERSION.to_owned()
}

/// How many sessions and calls exist in this process, over all its threads.
#[napi(catch_unwind)]
pub fn live_handles() -> u32 {
    u32::try_from(agglestone::binding::live_handles()).unwrap_or(u32::MAX)
}

/// One row of the error table.
#[napi(object)]
pub struct ErrorRow {
    pub number: u16,
    pub name: String,
    pub retryable: bool,
}

/// Every code of the core.
#[napi(catch_unwind)]
pub fn error_table() -> Vec<ErrorRow> {
    let row = |code: &Code| ErrorRow {
        number: code.number(),
        name: code.name().to_owned(),
        retryable: code.retryable(),
    };
    Code::ALL.iter().map(row).collect()
}

/// Every setting, as JSON; for tests.
#[napi(catch_unwind)]
pub fn settings_table() -> String {
    agglestone::binding::settings_json()
}

/// Everything that a client can do, as JSON; for tests.
#[napi(catch_unwind)]
pub fn methods_table() -> String {
    agglestone::binding::methods_json()
}
