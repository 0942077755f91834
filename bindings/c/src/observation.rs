//! `agg_observation`: watches a call, which sends a trace and keeps an account of itself.

use std::ffi::c_char;

use client_core::binding::Tracked;
use client_core::{Observation, TraceContext};

use crate::account::agg_account;
use crate::boundary::{give, needed, run, text};
use crate::error::agg_error;
use crate::status::agg_status;

/// Watches one call: the call sends its trace context, and keeps an account of its attempts and their times. Made by
/// agg_observation_new, freed with agg_observation_free. Any thread.
pub struct agg_observation {
    observation: Observation,
    _tracked: Tracked,
}

impl agg_observation {
    pub fn observation(&self) -> &Observation {
        &self.observation
    }
}

/// Makes an observation, for one call. The three texts are values of the headers that each attempt then sends, unless the caller has
/// set that header with agg_operation_add_header: the trace that the call belongs to, as W3C Trace Context and W3C Baggage have them.
/// Each may be (NULL, 0) for none, and `tracestate` counts with a `traceparent` only. AGG_INVALID_ARGUMENT for one that can't be sent:
/// a program that passes on what it was sent then leaves it out. Times of the account count from now. Copied.
#[unsafe(no_mangle)]
pub extern "C" fn agg_observation_new(
    traceparent: *const c_char,
    traceparent_length: usize,
    tracestate: *const c_char,
    tracestate_length: usize,
    baggage: *const c_char,
    baggage_length: usize,
    observation: *mut *mut agg_observation,
    error: *mut *mut agg_error,
) -> agg_status {
    run(error, || {
        let given = |name, data: *const c_char, length| match data.is_null() && length == 0 {
            true => Ok(""),
            false => text(name, data, length),
        };
        let mut trace = match given("traceparent", traceparent, traceparent_length)? {
            "" => TraceContext::default(),
            traceparent => {
                let tracestate = given("tracestate", tracestate, tracestate_length)?;
                TraceContext::new(traceparent)?.tracestate(tracestate)?
            }
        };
        trace = trace.baggage(given("baggage", baggage, baggage_length)?)?;
        give("observation", observation, || {
            Ok(agg_observation { observation: Observation::new(trace), _tracked: Tracked::new() })
        })
    })
}

/// What the observed call did so far, or altogether once it is over. `account` is the caller's, to be freed with agg_account_free.
#[unsafe(no_mangle)]
pub extern "C" fn agg_observation_account(
    observation: Option<&agg_observation>,
    account: *mut *mut agg_account,
    error: *mut *mut agg_error,
) -> agg_status {
    run(error, || {
        let observation = needed("observation", observation)?.observation();
        give("account", account, || Ok(observation.read(agg_account::new)))
    })
}

/// Frees an observation; the call that it watches goes on. NULL is a no-op.
#[unsafe(no_mangle)]
pub extern "C" fn agg_observation_free(observation: Option<Box<agg_observation>>) {
    drop(observation);
}
