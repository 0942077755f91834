//! Functions of the caller that outlive a single call: who is told of events, and who knows the keys.

use std::ffi::{c_char, c_void};

use client_core::GivenKeys;

use crate::boundary::{bytes, needed, run, text};
use crate::config::agg_config;
use crate::error::agg_error;
use crate::event::{EventSink, agg_event_callback};
use crate::lent::{Lent, UserData, agg_release};
use crate::status::agg_status;

/// The answer of a key source, to be filled in by agg_key_answer_keys or agg_key_answer_failure. Lives until the source
/// returns.
pub struct agg_key_answer(Result<GivenKeys, String>);

/// Knows the keys, such as a secret manager's client. Asked when every key was refused, and before the first call unless
/// the configuration has a key too; on a thread that may block, never by two calls of a client at once. Must return, and not
/// by an exception or longjmp.
pub type agg_key_source = Option<extern "C" fn(user_data: *mut c_void, answer: Option<&mut agg_key_answer>)>;

/// Sets who is told what happens to the keys, and with agg_config_set_request_log of calls and their attempts. What a call tells may
/// come after agg_client_call has returned. `release`, which may be NULL, is called when the configuration and all clients made
/// from it are gone and the last event was told, and at once when this function fails: `user_data` has to live until then.
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
        config.tell(EventSink { callback: needed("callback", callback)?, lent });
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
