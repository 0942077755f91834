//! Callbacks that outlive a single call: events about the keys, and the source of the keys.

use std::ffi::{c_char, c_void};
use std::sync::Arc;

use client_core::events::Event;
use client_core::keys::GivenKeys;

use crate::boundary::{agg_view, bytes, needed, run, terminated, text};
use crate::call::UserData;
use crate::config::agg_config;
use crate::dispatcher::{self, Report};
use crate::error::agg_error;
use crate::status::agg_status;

/// Something that happened to the keys of a client. Lives until the callback it was given to returns.
pub struct agg_event {
    name: Vec<u8>,
    level: Vec<u8>,
    message: Vec<u8>,
}

/// Is told what happens to a client's keys: on the library's dispatcher thread, in order, as the callbacks of calls are.
/// Must return, and not by an exception or longjmp. May call any function of the library.
pub type agg_event_callback = Option<extern "C" fn(user_data: *mut c_void, event: Option<&agg_event>)>;

/// Is called once, on any thread, when a callback will not be called any more: frees what `user_data` points to.
pub type agg_release = Option<extern "C" fn(user_data: *mut c_void)>;

/// The answer of a key source, to be filled in by agg_key_answer_keys or agg_key_answer_failure. Lives until the source
/// returns.
pub struct agg_key_answer(Result<GivenKeys, String>);

/// Knows the keys, such as a secret manager's client. Asked when every key was refused, and before the first call unless
/// the configuration has a key too; on a thread that may block, never by two calls of a client at once. Must return, and not
/// by an exception or longjmp.
pub type agg_key_source = Option<extern "C" fn(user_data: *mut c_void, answer: Option<&mut agg_key_answer>)>;

/// The caller's pointer, and how it is given back when nothing needs it any more.
struct Lent {
    user_data: UserData,
    release: agg_release,
}

// SAFETY: the pointer is only handed to the caller's own functions, whose contract names the threads they are called on.
unsafe impl Sync for Lent {}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(release) = self.release {
            release(self.user_data.0);
        }
    }
}

/// Where events go.
pub struct EventSink {
    callback: extern "C" fn(*mut c_void, Option<&agg_event>),
    lent: Lent,
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

/// Sets who is told what happens to the keys. `release`, which may be NULL, is called when the configuration and all
/// clients made from it are gone, and at once when this function fails.
#[unsafe(no_mangle)]
pub extern "C" fn agg_config_set_event_callback(
    config: Option<&mut agg_config>,
    callback: agg_event_callback,
    user_data: *mut c_void,
    release: agg_release,
    error: *mut *mut agg_error,
) -> agg_status {
    let lent = Lent { user_data: UserData(user_data), release };
    run(error, move || {
        let config = needed("config", config)?;
        let sink = Arc::new(EventSink { callback: needed("callback", callback)?, lent });
        config.change(|builder| {
            builder.on_event(move |event| {
                // Without its thread there is nobody to call; the event is in the log of `tracing` all the same.
                if let Ok(dispatcher) = dispatcher::get() {
                    dispatcher.push(Report::Event(sink.clone(), event.clone()));
                }
            })
        });
        Ok(())
    })
}

/// Sets a function that knows the keys. It replaces key files and the environment. `release`, which may be NULL, is called
/// when the configuration and all clients made from it are gone, and at once when this function fails.
#[unsafe(no_mangle)]
pub extern "C" fn agg_config_set_key_source(
    config: Option<&mut agg_config>,
    source: agg_key_source,
    user_data: *mut c_void,
    release: agg_release,
    error: *mut *mut agg_error,
) -> agg_status {
    let lent = Lent { user_data: UserData(user_data), release };
    run(error, move || {
        let config = needed("config", config)?;
        let source = needed("source", source)?;
        config.change(|builder| {
            builder.key_source(move || {
                // The whole of it moves in here, so that it is released with the last client.
                let lent = &lent;
                let mut answer = agg_key_answer(Err("it gave no answer".to_owned()));
                source(lent.user_data.0, Some(&mut answer));
                answer.0
            })
        });
        Ok(())
    })
}

/// Answers with keys. Without a secondary key, (NULL, 0), there is none. Copied; the copies are wiped when they are freed.
#[unsafe(no_mangle)]
pub extern "C" fn agg_key_answer_keys(
    answer: Option<&mut agg_key_answer>,
    primary: *const c_char,
    primary_length: usize,
    secondary: *const c_char,
    secondary_length: usize,
    error: *mut *mut agg_error,
) -> agg_status {
    run(error, || {
        let answer = needed("answer", answer)?;
        let primary = text("primary", primary, primary_length)?.into();
        let secondary = match secondary.is_null() && secondary_length == 0 {
            true => None,
            false => Some(text("secondary", secondary, secondary_length)?.into()),
        };
        answer.0 = Ok(GivenKeys { primary, secondary });
        Ok(())
    })
}

/// Answers that the keys could not be had. The reason gets into an event and, when there are no keys yet, into the error of
/// the call: it must hold no secret. Copied.
#[unsafe(no_mangle)]
pub extern "C" fn agg_key_answer_failure(
    answer: Option<&mut agg_key_answer>,
    reason: *const c_char,
    length: usize,
    error: *mut *mut agg_error,
) -> agg_status {
    run(error, || {
        let answer = needed("answer", answer)?;
        answer.0 = Err(String::from_utf8_lossy(bytes("reason", reason, length)?).into_owned());
        Ok(())
    })
}

fn view(event: Option<&agg_event>, part: impl FnOnce(&agg_event) -> &[u8]) -> agg_view {
    event.map_or(agg_view::empty(), |event| agg_view::of(part(event)))
}

/// A stable name: "failover", "keys_replaced", "source_failed" or "keys_refused". Lives as long as the event.
#[unsafe(no_mangle)]
pub extern "C" fn agg_event_name(event: Option<&agg_event>) -> agg_view {
    view(event, |event| &event.name)
}

/// How much it matters: "info", "warning" or "error". Lives as long as the event.
#[unsafe(no_mangle)]
pub extern "C" fn agg_event_level(event: Option<&agg_event>) -> agg_view {
    view(event, |event| &event.level)
}

/// What happened, for a log: fingerprints of keys, never a key. Lives as long as the event.
#[unsafe(no_mangle)]
pub extern "C" fn agg_event_message(event: Option<&agg_event>) -> agg_view {
    view(event, |event| &event.message)
}
