//! A user's token, shown by nothing but its own attribute.

use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyTuple, PyType, PyTzInfo};

use crate::errors::refuse_pickling;

/// A user's JSON Web Token.
///
/// It acts as the user, so it shows itself only when asked by ``.token``: not in ``repr``, ``str`` or a pickle, which is
/// refused.
#[pyclass(frozen, module = "agglestone")]
pub struct Token(agglestone::Token);

impl From<agglestone::Token> for Token {
    fn from(token: agglestone::Token) -> Token {
        Token(token)
    }
}

#[pymethods]
impl Token {
    /// The token itself, for an ``Authorization: Bearer`` header. Keep it out of logs.
    #[getter]
    fn token(&self) -> &str {
        self.0.expose()
    }

    /// When it expires, as an aware ``datetime`` in UTC; ``None`` when it doesn't say so.
    ///
    /// Read from the claim ``exp``, which is not verified.
    #[getter]
    fn expires_at<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDateTime>>> {
        let Some(seconds) = self.0.expires_at_unix() else { return Ok(None) };
        let utc = PyTzInfo::utc(py)?;
        // A year that no datetime can hold.
        Ok(PyDateTime::from_timestamp(py, seconds as f64, Some(&utc)).ok())
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(match self.expires_at(py)? {
            Some(at) => format!("<agglestone.Token expires_at={}>", at.str()?),
            None => "<agglestone.Token>".to_owned(),
        })
    }

    fn __copy__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    #[pyo3(signature = (_memo, /))]
    fn __deepcopy__<'py>(slf: PyRef<'py, Self>, _memo: &Bound<'py, PyAny>) -> PyRef<'py, Self> {
        slf
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTuple>> {
        let class: Bound<'py, PyType> = slf.get_type();
        Err(refuse_pickling(&class, "a pickle would show the token"))
    }
}
