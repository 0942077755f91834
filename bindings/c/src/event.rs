//! `agg_event`: something that happened, as a callback is told of it.

use std::ffi::c_void;

use client_core::Event;

use crate::lent::Lent;
use crate::view::{agg_view, terminated};

/// Something that happened to the keys of a client, or a call that it made. Lives until the callback it was given to returns.
pub struct agg_event {
    name: Vec<u8>,
    level: Vec<u8>,
    message: Vec<u8>,
}

/// Is told what happens to a client's keys and, with agg_config_set_request_log, of its calls: on the library's dispatcher thread, or where agg_queue_drain is
/// called, in order.
/// Must return, and not by an exception or longjmp. May call any function of the library.
pub type agg_event_callback = Option<extern "C" fn(user_data: *mut c_void, event: Option<&agg_event>)>;

/// Where events go.
pub struct EventSink {
    pub callback: extern "C" fn(*mut c_void, Option<&agg_event>),
    pub lent: Lent,
}

impl EventSink {
    pub fn tell(&self, event: Event) {
        let event = agg_event {
            name: terminated(event.name()),
            level: terminated(event.level().name()),
            message: terminated(event.to_string()),
        };
        (self.callback)(self.lent.user_data.0, Some(&event));
    }
}

fn view(event: Option<&agg_event>, part: impl FnOnce(&agg_event) -> &[u8]) -> agg_view {
    event.map_or(agg_view::empty(), |event| agg_view::of(part(event)))
}

/// A stable name: "failover", "failover_elsewhere", "keys_replaced", "source_failed", "insecure_http", "key_file_writable",
/// "keys_refused", "signing_keys_stale", "token_store_lost", "token_store_back", "request" or "call". Lives as long as the event.
#[unsafe(no_mangle)]
pub extern "C" fn agg_event_name(event: Option<&agg_event>) -> agg_view {
    view(event, |event| &event.name)
}

/// How much it matters: "debug", "info", "warning" or "error". Lives as long as the event.
#[unsafe(no_mangle)]
pub extern "C" fn agg_event_level(event: Option<&agg_event>) -> agg_view {
    view(event, |event| &event.level)
}

/// What happened, for a log: fingerprints of keys, never a key. Lives as long as the event.
#[unsafe(no_mangle)]
pub extern "C" fn agg_event_message(event: Option<&agg_event>) -> agg_view {
    view(event, |event| &event.message)
}
