//! The report on the use of keys in Python's own terms.

use agglestone::{KeyUsage, SlotUsage};
use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyDict, PyTzInfo};

pub fn to_dict<'py>(py: Python<'py>, usage: &KeyUsage) -> PyResult<Bound<'py, PyDict>> {
    let slot = |slot: &Option<SlotUsage>| slot.as_ref().map(|slot| of_key(py, slot)).transpose();
    let dict = PyDict::new(py);
    dict.set_item("primary", slot(&usage.primary)?)?;
    dict.set_item("secondary", slot(&usage.secondary)?)?;
    dict.set_item("failovers", usage.failovers)?;
    dict.set_item("replacements", usage.replacements)?;
    Ok(dict)
}

fn of_key<'py>(py: Python<'py>, slot: &SlotUsage) -> PyResult<Bound<'py, PyDict>> {
    let time = |milliseconds: Option<u64>| milliseconds.map(|time| datetime(py, time)).transpose();
    let dict = PyDict::new(py);
    dict.set_item("fingerprint", &slot.fingerprint)?;
    dict.set_item("active", slot.active)?;
    dict.set_item("requests", slot.requests)?;
    dict.set_item("refusals", slot.refusals)?;
    dict.set_item("first_used", time(slot.first_used)?)?;
    dict.set_item("last_used", time(slot.last_used)?)?;
    Ok(dict)
}

fn datetime(py: Python<'_>, milliseconds: u64) -> PyResult<Bound<'_, PyDateTime>> {
    let utc = PyTzInfo::utc(py)?;
    PyDateTime::from_timestamp(py, milliseconds as f64 / 1e3, Some(&utc))
}
