//! What the calls of one view of a client do differently from the client.

use agglestone::CallOptions;
use pyo3::prelude::*;

use crate::arguments::{integer, seconds};
use crate::errors::OrRaise;

/// Checked options. What is `None` is the client's.
#[pyclass(frozen, module = "agglestone._native")]
pub struct Options(CallOptions);

impl Options {
    pub fn to_core(&self) -> CallOptions {
        self.0
    }
}

#[pymethods]
impl Options {
    #[new]
    fn new(
        py: Python<'_>,
        connect_timeout: Option<&Bound<'_, PyAny>>,
        timeout: Option<&Bound<'_, PyAny>>,
        deadline: Option<&Bound<'_, PyAny>>,
        max_retries: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Options> {
        let mut options = CallOptions::new();
        if let Some(time) = connect_timeout {
            options = options.connect_timeout(seconds("connect_timeout", time)?).or_raise(py)?;
        }
        if let Some(time) = timeout {
            options = options.timeout(seconds("timeout", time)?).or_raise(py)?;
        }
        if let Some(time) = deadline {
            options = options.deadline(seconds("deadline", time)?).or_raise(py)?;
        }
        if let Some(retries) = max_retries {
            options = options.max_retries(integer("max_retries", retries)?).or_raise(py)?;
        }
        Ok(Options(options))
    }
}
