//! JSON bodies as Python values.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// The body as Python's own `json.loads` reads it.
pub fn loads<'py>(py: Python<'py>, body: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    static LOADS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    LOADS.import(py, "json", "loads")?.call1((body,))
}
