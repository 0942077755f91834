//! A Python function that knows the API keys, as the core asks it.

use agglestone::GivenKeys;
use agglestone::SecretString;
use pyo3::prelude::*;
use pyo3::types::PyString;

/// Asks the function, on a thread of the runtime's that may block. Words for a failure never quote what it gave.
pub fn ask(function: &Py<PyAny>) -> Result<GivenKeys, String> {
    // None while the interpreter ends.
    let asked = Python::try_attach(|py| match function.call0(py) {
        Ok(given) => read(given.bind(py)),
        Err(error) => {
            let class = error.get_type(py).name().map(|name| name.to_string()).unwrap_or_default();
            Err(format!("{class}: {}", error.value(py)))
        }
    });
    asked.unwrap_or_else(|| Err("the interpreter is ending".to_owned()))
}

/// A `str` is the primary key; a pair is both, of which the second may be `None`.
fn read(given: &Bound<'_, PyAny>) -> Result<GivenKeys, String> {
    let key = |value: &Bound<'_, PyAny>| {
        let text = value.cast::<PyString>().ok()?;
        text.to_str().ok().map(SecretString::from)
    };
    if given.hasattr("__await__").unwrap_or(false) {
        // A coroutine that is dropped without it warns that nobody awaited it.
        let _ = given.call_method0("close");
        return Err("it is asynchronous, which AsyncClient awaits; Client takes a plain function".to_owned());
    }
    let keys = match key(given) {
        Some(primary) => Some(GivenKeys { primary, secondary: None }),
        None => match given.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>() {
            Ok((primary, secondary)) if secondary.is_none() => {
                key(&primary).map(|primary| GivenKeys { primary, secondary: None })
            }
            Ok((primary, secondary)) => key(&primary)
                .zip(key(&secondary))
                .map(|(primary, secondary)| GivenKeys { primary, secondary: Some(secondary) }),
            Err(_) => None,
        },
    };
    keys.ok_or_else(|| {
        let found = given.get_type().name().map(|name| name.to_string()).unwrap_or_default();
        format!("it must give a str or a pair of a str and a str or None, not {found}")
    })
}
