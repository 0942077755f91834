//! `agg_error`: everything known about a failure.

use client_core::binding::Tracked;
use client_core::{Error, Problem};

use crate::status::agg_status;
use crate::view::{agg_view, terminated};

/// Why a function failed. Made by the library, owned by the caller, freed with agg_error_free. Immutable: any thread
/// may read it.
pub struct agg_error {
    pub error: Error,
    message: Vec<u8>,
    request_id: Vec<u8>,
    service_message: Vec<u8>,
    argument: Vec<u8>,
    reason: Vec<u8>,
    problems: Vec<(Vec<u8>, Vec<u8>)>,
    _tracked: Tracked,
}

impl agg_error {
    pub fn new(error: Error) -> agg_error {
        agg_error {
            message: terminated(error.message()),
            request_id: terminated(error.request_id().unwrap_or_default()),
            service_message: terminated(error.service_message().unwrap_or_default()),
            argument: terminated(error.argument_name().unwrap_or_default()),
            reason: terminated(error.reason().unwrap_or_default()),
            problems: error.problems().iter().map(problem).collect(),
            error,
            _tracked: Tracked::new(),
        }
    }
}

fn problem(problem: &Problem) -> (Vec<u8>, Vec<u8>) {
    (terminated(problem.setting()), terminated(problem.reason()))
}

fn view(error: Option<&agg_error>, part: impl FnOnce(&agg_error) -> &[u8]) -> agg_view {
    error.map_or(agg_view::empty(), |error| agg_view::of(part(error)))
}

/// The class of the failure; the same as the status that came with it. AGG_OK for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn agg_error_code(error: Option<&agg_error>) -> agg_status {
    error.map_or(agg_status::AGG_OK, |error| error.error.code().into())
}

/// What happened, to which call, and what to do next; UTF-8, never with a key or a token in it.
/// Lives as long as the error. Empty for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn agg_error_message(error: Option<&agg_error>) -> agg_view {
    view(error, |error| &error.message)
}

/// How many things are wrong with a configuration, with AGG_INVALID_CONFIG from agg_client_new. 0 otherwise and for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn agg_error_problem_count(error: Option<&agg_error>) -> usize {
    error.map_or(0, |error| error.problems.len())
}

/// The setting that the problem with this number, counted from 0, is about, such as "base_url". Lives as long as the error.
/// Empty when there is no such problem.
#[unsafe(no_mangle)]
pub extern "C" fn agg_error_problem_setting(error: Option<&agg_error>, number: usize) -> agg_view {
    let problem = error.and_then(|error| error.problems.get(number));
    problem.map_or(agg_view::empty(), |(setting, _)| agg_view::of(setting))
}

/// What is wrong with the setting, and what is accepted: the end of a sentence that begins with its name. Lives as long as the
/// error. Empty when there is no such problem.
#[unsafe(no_mangle)]
pub extern "C" fn agg_error_problem_reason(error: Option<&agg_error>, number: usize) -> agg_view {
    let problem = error.and_then(|error| error.problems.get(number));
    problem.map_or(agg_view::empty(), |(_, reason)| agg_view::of(reason))
}

/// The HTTP status of the service's answer, 0 when there was none or for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn agg_error_http_status(error: Option<&agg_error>) -> u16 {
    error.and_then(|error| error.error.status()).unwrap_or(0)
}

/// How many seconds the service asked to wait before the next attempt, -1 when it did not say or for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn agg_error_retry_after(error: Option<&agg_error>) -> f64 {
    error.and_then(|error| error.error.retry_after()).map_or(-1.0, |wait| wait.as_secs_f64())
}

/// The service's name for the request, to quote to the vendor. Lives as long as the error. Empty when unknown or for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn agg_error_request_id(error: Option<&agg_error>) -> agg_view {
    view(error, |error| &error.request_id)
}

/// The service's own words. Lives as long as the error. Empty when it sent none or for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn agg_error_service_message(error: Option<&agg_error>) -> agg_view {
    view(error, |error| &error.service_message)
}

/// The name of the refused argument with AGG_INVALID_ARGUMENT. Lives as long as the error. Empty otherwise.
#[unsafe(no_mangle)]
pub extern "C" fn agg_error_argument(error: Option<&agg_error>) -> agg_view {
    view(error, |error| &error.argument)
}

/// Why a token is not to be believed, with AGG_INVALID_TOKEN: "malformed", "expired", "not_yet_valid", "wrong_issuer",
/// "wrong_tenant", "wrong_audience", "bad_signature", "unknown_key", "algorithm" or "revoked". The names are stable. Lives as long as the
/// error. Empty otherwise.
#[unsafe(no_mangle)]
pub extern "C" fn agg_error_reason(error: Option<&agg_error>) -> agg_view {
    view(error, |error| &error.reason)
}

/// Whether the same call may well succeed later with nothing changed. false for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn agg_error_retryable(error: Option<&agg_error>) -> bool {
    error.is_some_and(|error| error.error.retryable())
}

/// How many requests were sent before the call gave up. 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn agg_error_attempts(error: Option<&agg_error>) -> u32 {
    error.map_or(0, |error| error.error.attempts())
}

/// Frees an error. NULL is a no-op.
#[unsafe(no_mangle)]
pub extern "C" fn agg_error_free(error: Option<Box<agg_error>>) {
    drop(error);
}
