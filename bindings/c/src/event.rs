//! `agg_event`: something that happened, as a callback is told of it.

use std::ffi::c_void;

use client_core::Event;
use client_core::binding::Piece;

use crate::lent::Lent;
use crate::view::{agg_view, terminated};

/// Something that happened to the keys of a client, or a call that it made. Lives until the callback it was given to returns.
pub struct agg_event {
    name: Vec<u8>,
    level: Vec<u8>,
    message: Vec<u8>,
    parts: Vec<(Vec<u8>, Vec<u8>)>,
}

/// Is told what happens to a client's keys and, with agg_config_set_request_log, of its calls: on the library's dispatcher thread, or
/// where agg_queue_drain is called, in order. Must return, and not by an exception or longjmp. May call any function of the library.
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
            parts: event.parts().into_iter().filter_map(|(name, piece)| Some(part(name, piece?))).collect(),
        };
        (self.callback)(self.lent.user_data.0, Some(&event));
    }
}

fn part(name: &str, piece: Piece<'_>) -> (Vec<u8>, Vec<u8>) {
    let value = match piece {
        Piece::Text(text) => text.to_owned(),
        Piece::Texts(texts) => texts.join(", "),
        Piece::Number(number) => number.to_string(),
        Piece::Time(time) => time.as_micros().to_string(),
    };
    (terminated(name), terminated(value))
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

/// How many parts the message is made of: what it tells, for logs that are searched by name. 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn agg_event_part_count(event: Option<&agg_event>) -> usize {
    event.map_or(0, |event| event.parts.len())
}

/// The name of the part with this number. For "request" and "call" it is one of "method", "route" (a template), "status" (of HTTP),
/// "error" (the name of an agg_status without AGG_), "duration" (in microseconds), "attempt" (counted from 1), "credential" ("primary",
/// "secondary" or "token"), "fingerprint" (of the key), "request_id" and "attempts" (how many); for others "from", "to", "primary",
/// "secondary" and "fingerprints" (of keys), "reason", "url" or "path". What there is not is left out. Lives as long as the event. Empty
/// when there is no such number and for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn agg_event_part_name(event: Option<&agg_event>, number: usize) -> agg_view {
    event.and_then(|event| event.parts.get(number)).map_or(agg_view::empty(), |(name, _)| agg_view::of(name))
}

/// Its value; numbers are decimal digits. Lives as long as the event. Empty when there is no such number and for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn agg_event_part_value(event: Option<&agg_event>, number: usize) -> agg_view {
    event
        .and_then(|event| event.parts.get(number))
        .map_or(agg_view::empty(), |(_, value)| agg_view::of(value))
}
