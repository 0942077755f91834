//! The claims of a verified token as a dict: read once, and copied for each caller.

use agglestone::{Claims, Reply};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};

use crate::json;

/// What every caller gets a copy of.
struct Original {
    claims: Py<PyDict>,
    /// The names of the lists and dicts in it, which a caller may change as well.
    changeable: Vec<Py<PyString>>,
}

/// The claims, in a dict of the caller's own.
pub fn to_dict<'py>(py: Python<'py>, claims: &Claims) -> PyResult<Bound<'py, PyDict>> {
    let Original { claims, changeable } = claims.native(|| Original::read(py, claims))?;
    let dict = claims.bind(py).copy()?;
    for name in changeable {
        let name = name.bind(py);
        if let Some(value) = dict.get_item(name)? {
            dict.set_item(name, copy(&value)?)?;
        }
    }
    Ok(dict)
}

impl Original {
    fn read(py: Python<'_>, claims: &Claims) -> PyResult<Original> {
        let all = json::loads(py, &Reply::made(claims.json().into(), 0))?.cast_into::<PyDict>()?;
        let mut changeable = Vec::new();
        for (name, value) in &all {
            if is_changeable(&value) {
                changeable.push(name.cast_into()?.unbind());
            }
        }
        Ok(Original { claims: all.unbind(), changeable })
    }
}

fn is_changeable(value: &Bound<'_, PyAny>) -> bool {
    value.is_exact_instance_of::<PyList>() || value.is_exact_instance_of::<PyDict>()
}

/// No deeper than JSON goes here.
fn copy<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = value.py();
    if let Ok(items) = value.cast_exact::<PyList>() {
        let copies = items.iter().map(|item| copy(&item)).collect::<PyResult<Vec<_>>>()?;
        return Ok(PyList::new(py, copies)?.into_any());
    }
    if let Ok(members) = value.cast_exact::<PyDict>() {
        let copies = PyDict::new(py);
        for (name, member) in members {
            copies.set_item(name, copy(&member)?)?;
        }
        return Ok(copies.into_any());
    }
    Ok(value.clone())
}
