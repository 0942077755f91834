//! What a successful call answers.

use agglestone::PageRequest;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::json;
use crate::token::Token;

/// The answer to an operation.
#[pyclass(frozen, module = "agglestone._native")]
pub struct Reply(agglestone::Reply);

impl From<agglestone::Reply> for Reply {
    fn from(reply: agglestone::Reply) -> Reply {
        Reply(reply)
    }
}

impl Reply {
    pub fn next_page_request(&self) -> Option<PageRequest> {
        self.0.next_page_request()
    }
}

#[pymethods]
impl Reply {
    #[getter]
    fn status(&self) -> u16 {
        self.0.status()
    }

    /// Names in lower case, values as bytes, in the order they came.
    #[getter]
    fn headers(&self) -> Vec<(&str, &[u8])> {
        self.0.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect()
    }

    #[getter]
    fn body<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.0.body())
    }

    #[getter]
    fn attempts(&self) -> u32 {
        self.0.attempts()
    }

    /// The body as Python values, for the operations that promise JSON.
    fn json<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::loads(py, &self.0)
    }

    fn token(&self) -> PyResult<Token> {
        let token = self.0.token().ok_or_else(|| PyRuntimeError::new_err("not the reply of an exchange"))?;
        Ok(Token::from(token.clone()))
    }
}
