//! Only the main interpreter of a process may use the module: what it keeps, classes and functions of Python among it, is
//! that one's, and threads of ours that call Python come to no other.

use pyo3::exceptions::PyImportError;
use pyo3::ffi;
use pyo3::prelude::*;

/// The main interpreter's number; others count on from it.
const MAIN: i64 = 0;

/// Refuses every interpreter but the main one.
pub fn only_main(py: Python<'_>) -> PyResult<()> {
    match number(py) {
        MAIN => Ok(()),
        _ => Err(PyImportError::new_err(
            "agglestone works in the main interpreter only, and this is a sub-interpreter. Have the application run in the \
             main one: with mod_wsgi by `WSGIApplicationGroup %{GLOBAL}`, with uWSGI by `single-interpreter = true`; \
             elsewhere take threads or processes",
        )),
    }
}

/// The number of this interpreter.
fn number(_: Python<'_>) -> i64 {
    #[allow(unsafe_code, reason = "Python has no other way to tell interpreters apart, in all its versions")]
    // SAFETY: both take nothing but that the thread is attached to an interpreter, which the token proves.
    unsafe {
        ffi::PyInterpreterState_GetID(ffi::PyInterpreterState_Get())
    }
}
