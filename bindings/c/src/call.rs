//! `agg_call`: a handle on a call under way, and the callback that ends it.

use std::ffi::c_void;

use client_core::binding::{Own, RunningCall, Tracked};

use crate::error::agg_error;
use crate::reply::agg_reply;

/// Ends a call that was started. Exactly one of `reply` and `error` is not NULL; both are the callee's, to be freed with
/// agg_reply_free and agg_error_free. A cancelled call has an error with AGG_CANCELLED. Must return, and not by an exception
/// or longjmp. May call any function of the library.
pub type agg_callback = Option<
    extern "C" fn(user_data: *mut c_void, reply: Option<Box<agg_reply>>, error: Option<Box<agg_error>>),
>;

/// A call under way. Made by agg_client_start, freed with agg_call_free. Any thread.
pub struct agg_call {
    /// Out of reach in a forked child, where nothing runs it.
    running: Own<RunningCall>,
    _tracked: Tracked,
}

impl agg_call {
    pub fn new(running: RunningCall) -> agg_call {
        agg_call { running: Own::new(running), _tracked: Tracked::new() }
    }
}

/// Cancels a call: its callback is called with AGG_CANCELLED, unless it has ended already. Returns at once. NULL is a no-op.
#[unsafe(no_mangle)]
pub extern "C" fn agg_call_cancel(call: Option<&agg_call>) {
    if let Some(running) = call.and_then(|call| call.running.get()) {
        running.cancel();
    }
}

/// Frees the handle. The call itself goes on and its callback comes. NULL is a no-op.
#[unsafe(no_mangle)]
pub extern "C" fn agg_call_free(call: Option<Box<agg_call>>) {
    drop(call);
}
