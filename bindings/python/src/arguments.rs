//! Python values as the core takes them; invalid arguments are refused by name.

use std::path::PathBuf;
use std::sync::Arc;

use agglestone::binding::{Kind, Setting, Value};
use agglestone::{Error, Result, Seconds};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDelta, PyDeltaAccess, PyFloat, PyInt, PyString};

use crate::key_source;

/// A `str`; a lone surrogate has no UTF-8 form, so it could only be sent as something else.
pub fn text<'a>(name: &'static str, value: &'a Bound<'_, PyAny>) -> Result<&'a str> {
    let text = value.cast::<PyString>().map_err(|_| wrong_type(name, "a str", value))?;
    text.to_str().map_err(|_| lone_surrogate(name))
}

/// An `int`. `True` is one to Python, but hardly ever what a caller means.
pub fn integer(name: &'static str, value: &Bound<'_, PyAny>) -> Result<i64> {
    if !value.is_instance_of::<PyInt>() || value.is_instance_of::<PyBool>() {
        return Err(wrong_type(name, "an int", value));
    }
    value.extract().map_err(|_| Error::argument(name, "is a number of more than 64 bits"))
}

/// A `bool`.
fn flag(name: &'static str, value: &Bound<'_, PyAny>) -> Result<bool> {
    match value.cast::<PyBool>() {
        Ok(flag) => Ok(flag.is_true()),
        Err(_) => Err(wrong_type(name, "a bool", value)),
    }
}

/// A path: a `str` or something like `pathlib.Path`.
fn path(name: &'static str, value: &Bound<'_, PyAny>) -> Result<PathBuf> {
    let is_path = value.is_instance_of::<PyString>() || value.hasattr("__fspath__").unwrap_or(false);
    value.extract().map_err(|_| {
        // Bytes of a file's name that are not UTF-8 are surrogates to Python, and taken; others are not.
        match value.str() {
            Ok(text) if text.to_str().is_ok() && is_path => Error::argument(
                name,
                "has a character that this locale's encoding of file names lacks; set PYTHONUTF8=1 or a UTF-8 locale",
            ),
            _ if is_path => lone_surrogate(name),
            _ => wrong_type(name, "a str or a path", value),
        }
    })
}

/// Seconds as `int` or `float`, or a `timedelta`. The core judges whether the span makes sense.
fn seconds(name: &'static str, value: &Bound<'_, PyAny>) -> Result<Seconds> {
    let is_number = value.is_instance_of::<PyFloat>() || value.is_instance_of::<PyInt>();
    if is_number && !value.is_instance_of::<PyBool>() {
        // An int too large for a float is longer than any span that is accepted.
        return Ok(Seconds::from(value.extract().unwrap_or(f64::INFINITY)));
    }
    // Last, because the question alone imports `datetime`.
    if let Ok(delta) = value.cast::<PyDelta>() {
        let (days, seconds) = (f64::from(delta.get_days()), f64::from(delta.get_seconds()));
        return Ok(Seconds::from(days * 86_400.0 + seconds + f64::from(delta.get_microseconds()) / 1e6));
    }
    Err(wrong_type(name, "a number of seconds or a timedelta", value))
}

/// A function, or anything else that can be called.
fn callable(name: &'static str, value: &Bound<'_, PyAny>) -> Result<Py<PyAny>> {
    if value.is_callable() { Ok(value.clone().unbind()) } else { Err(wrong_type(name, "a function", value)) }
}

/// The value of a setting, by its kind.
pub fn value(setting: &Setting, value: &Bound<'_, PyAny>) -> Result<Value> {
    let name = setting.name;
    Ok(match setting.kind {
        Kind::Text => Value::Text(text(name, value)?.to_owned()),
        Kind::Secret => Value::Secret(text(name, value)?.into()),
        Kind::Path => Value::Path(path(name, value)?),
        Kind::Flag => Value::Flag(flag(name, value)?),
        Kind::Span => Value::Span(seconds(name, value)?),
        Kind::Number => Value::Number(integer(name, value)?),
        Kind::KeySource => {
            let function = callable(name, value)?;
            Value::KeySource(Arc::new(move || key_source::ask(&function)))
        }
    })
}

fn lone_surrogate(name: &'static str) -> Error {
    Error::argument(name, "contains a lone surrogate, which has no UTF-8 form")
}

/// The error for a value of another type.
fn wrong_type(name: &'static str, expected: &str, value: &Bound<'_, PyAny>) -> Error {
    let found =
        value.get_type().name().map(|name| name.to_string()).unwrap_or_else(|_| "something else".into());
    Error::argument(name, format_args!("must be {expected}, not {found}"))
}
