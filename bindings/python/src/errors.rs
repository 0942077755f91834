//! The core's errors as Python's: the classes are written in Python, this fills one.

use std::panic::{AssertUnwindSafe, catch_unwind};

use agglestone::{Code, Error, binding};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

/// Made by `agglestone._errors.from_native`.
fn exception<'py>(py: Python<'py>, error: &Error) -> PyResult<Bound<'py, PyAny>> {
    static FROM_NATIVE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let from_native = FROM_NATIVE.import(py, "agglestone._errors", "from_native")?;
    from_native.call1((
        error.code().number(),
        error.message(),
        error.status(),
        error.request_id(),
        error.retry_after().map(|wait| wait.as_secs_f64()),
        error.retryable(),
        error.argument_name(),
        error.service_message(),
        error.attempts(),
        error.reason(),
        error.problems().iter().map(|problem| (problem.setting(), problem.reason())).collect::<Vec<_>>(),
    ))
}

/// The exception for an error, or for what went wrong in making it.
pub fn raise(py: Python<'_>, error: &Error) -> PyErr {
    exception(py, error).map_or_else(|problem| problem, PyErr::from_value)
}

/// Runs what calls the core; its errors are raised. So is a panic, as the bug that it is: PyO3's own exception for one is none
/// that `except Exception` catches.
pub fn attempt<T>(py: Python<'_>, call: impl FnOnce() -> agglestone::Result<T>) -> PyResult<T> {
    let result =
        catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|_| Err(Error::panic("a call of the core")));
    result.map_err(|error| raise(py, &error))
}

/// The core's error table: number, name, whether a repeated call may succeed, and one line that explains it.
#[pyfunction]
pub fn error_table() -> Vec<(u16, &'static str, bool, &'static str)> {
    Code::ALL.iter().map(|code| (code.number(), code.name(), code.retryable(), code.summary())).collect()
}

/// Every setting and everything that a client can do, both as JSON: for tests.
#[pyfunction]
pub fn tables() -> (String, String) {
    (binding::settings_json(), binding::methods_json())
}

/// What `__reduce__` of everything that holds a secret or a connection raises.
pub fn refuse_pickling(what: &Bound<'_, PyType>, why: &str) -> PyErr {
    let name = what.name().map(|name| name.to_string()).unwrap_or_default();
    pyo3::exceptions::PyTypeError::new_err(format!("cannot pickle {name}: {why}"))
}
