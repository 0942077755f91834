//! What bindings on top of the C ABI need and a C program does not: messages in their own spelling, and lists to compare
//! themselves with.

use client_core::binding::{Spelling, methods_json, settings_json};
use client_core::{Error, Problem, Result};

use crate::boundary::{give, needed, run};
use crate::bytes::agg_bytes;
use crate::error::agg_error;
use crate::status::agg_status;

/// How another language spells what messages name: settings, arguments and times.
#[derive(Clone, Copy, Debug)]
#[repr(u32)]
pub enum agg_spelling {
    /// base_url, user_id, and seconds: as the messages are.
    AGG_SNAKE_CASE = 0,
    /// baseUrl, userId, and milliseconds.
    AGG_CAMEL_CASE = 1,
    /// BaseUrl for a setting, userId for an argument, and seconds.
    AGG_PASCAL_CASE = 2,
}

/// The message in another spelling, for bindings on top of this library; an unknown spelling is AGG_SNAKE_CASE. `text` is the
/// caller's, to be freed with agg_bytes_free.
#[unsafe(no_mangle)]
pub extern "C" fn agg_error_message_in(
    error: Option<&agg_error>,
    spelling: u32,
    text: *mut *mut agg_bytes,
    failure: *mut *mut agg_error,
) -> agg_status {
    run(failure, || {
        let error = needed("error", error)?;
        let message = error.error.message_in(spelling_of(spelling));
        give("text", text, || Ok(agg_bytes::new(message.into_owned())))
    })
}

/// The name of the refused argument in another spelling; empty with any code but AGG_INVALID_ARGUMENT. `text` is the caller's, to
/// be freed with agg_bytes_free.
#[unsafe(no_mangle)]
pub extern "C" fn agg_error_argument_in(
    error: Option<&agg_error>,
    spelling: u32,
    text: *mut *mut agg_bytes,
    failure: *mut *mut agg_error,
) -> agg_status {
    run(failure, || {
        let argument = needed("error", error)?.error.argument_name().unwrap_or_default();
        give("text", text, || Ok(agg_bytes::new(spelling_of(spelling).argument(argument))))
    })
}

/// The setting that the problem with this number is about, in another spelling. `text` is the caller's, to be freed with
/// agg_bytes_free.
#[unsafe(no_mangle)]
pub extern "C" fn agg_error_problem_setting_in(
    error: Option<&agg_error>,
    number: usize,
    spelling: u32,
    text: *mut *mut agg_bytes,
    failure: *mut *mut agg_error,
) -> agg_status {
    run(failure, || {
        let setting = problem(error, number)?.setting();
        give("text", text, || Ok(agg_bytes::new(spelling_of(spelling).setting(setting))))
    })
}

/// What is wrong with the setting, in another spelling. `text` is the caller's, to be freed with agg_bytes_free.
#[unsafe(no_mangle)]
pub extern "C" fn agg_error_problem_reason_in(
    error: Option<&agg_error>,
    number: usize,
    spelling: u32,
    text: *mut *mut agg_bytes,
    failure: *mut *mut agg_error,
) -> agg_status {
    run(failure, || {
        let reason = problem(error, number)?.reason_in(spelling_of(spelling));
        give("text", text, || Ok(agg_bytes::new(reason.into_owned())))
    })
}

fn problem(error: Option<&agg_error>, number: usize) -> Result<&Problem> {
    let problem = needed("error", error)?.error.problems().get(number);
    problem.ok_or_else(|| Error::argument("number", "is not less than agg_error_problem_count"))
}

const SPELLINGS: [(agg_spelling, Spelling); 3] = [
    (agg_spelling::AGG_SNAKE_CASE, Spelling::Snake),
    (agg_spelling::AGG_CAMEL_CASE, Spelling::Camel),
    (agg_spelling::AGG_PASCAL_CASE, Spelling::Pascal),
];

fn spelling_of(number: u32) -> Spelling {
    let known = SPELLINGS.iter().find(|(known, _)| *known as u32 == number);
    known.map_or(Spelling::Snake, |(_, spelling)| *spelling)
}

/// Every setting, as a JSON array of {"name", "kind", "variable", "default", "limits", "perCall"}; kind is text, secret, path,
/// flag, span (of time, in seconds), number or keySource. For tests of bindings. `json` is the caller's, to be freed with
/// agg_bytes_free.
#[unsafe(no_mangle)]
pub extern "C" fn agg_settings(json: *mut *mut agg_bytes, error: *mut *mut agg_error) -> agg_status {
    run(error, || give("json", json, || Ok(agg_bytes::new(settings_json()))))
}

/// Everything that a client can do, as a JSON array of {"name", "arguments", "asUser", "asks"}. For tests of bindings. `json` is
/// the caller's, to be freed with agg_bytes_free.
#[unsafe(no_mangle)]
pub extern "C" fn agg_methods(json: *mut *mut agg_bytes, error: *mut *mut agg_error) -> agg_status {
    run(error, || give("json", json, || Ok(agg_bytes::new(methods_json()))))
}

#[cfg(test)]
mod tests {
    use client_core::binding::{Kind, METHODS, SETTINGS};

    const HEADER: &str = include_str!("../../../include/agglestone.h");

    fn declares(function: &str) -> bool {
        HEADER.contains(&format!(" {function}("))
    }

    #[test]
    fn every_setting_has_a_function() {
        for setting in SETTINGS {
            assert!(declares(&format!("agg_config_set_{}", setting.name)), "{}", setting.name);
            if setting.per_call {
                assert!(declares(&format!("agg_operation_set_{}", setting.name)), "{}", setting.name);
            }
        }
        assert!(SETTINGS.iter().any(|setting| setting.kind == Kind::KeySource));
    }

    #[test]
    fn every_method_has_a_function() {
        for method in METHODS {
            // In C a caller goes from page to page.
            if method.name != "iter_users" {
                let both = ["operation", "client"].map(|on| declares(&format!("agg_{on}_{}", method.name)));
                assert!(both.contains(&true), "{}", method.name);
            }
        }
    }
}
