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
        macro_rules! set {
            ($($option:ident: $read:ident),*) => {
                $(if let Some(value) = $option {
                    let value = $read(stringify!($option), value);
                    options = value.and_then(|value| options.$option(value)).or_raise(py)?;
                })*
            };
        }
        set!(connect_timeout: seconds, timeout: seconds, deadline: seconds, max_retries: integer);
        Ok(Options(options))
    }
}
