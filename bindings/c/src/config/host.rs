//! The program that the client lives in: its log, its environment, its threads.

use std::ffi::c_char;

use client_core::Error;

use super::{agg_config, change};
use crate::boundary::{needed, run, text};
use crate::error::agg_error;
use crate::queue::agg_queue;
use crate::reports::Reports;
use crate::status::agg_status;

/// Whether calls and their attempts are told as events: "request" for each attempt, at "debug", and "call" for each call, at "info".
/// The message has method, route template, status, attempt, milliseconds, the key by its fingerprint and the service's request id;
/// no id, query, body or secret; agg_event_part_name has these by name. Takes effect with agg_config_set_event_callback. Default false.
/// Environment: AGGLESTONE_REQUEST_LOG.
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
