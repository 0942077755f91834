//! A client's configuration and a call's options, from a dict of keyword arguments. Which there are is the core's to say.

use std::sync::Arc;

use agglestone::binding::{Mutex, SETTINGS, Setting, Value};
use agglestone::{CallOptions, Config};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arguments;
use crate::errors::attempt;
use crate::events::Events;

/// The settings that were given. `None` is one that was not.
fn given<'py>(settings: &Bound<'py, PyDict>) -> PyResult<Vec<(&'static Setting, agglestone::Result<Value>)>> {
    let given = settings.iter().filter(|(_, value)| !value.is_none()).map(|(name, value)| {
        let name: String = name.extract()?;
        match SETTINGS.iter().find(|setting| setting.name == name) {
            Some(setting) => Ok((setting, arguments::value(setting, &value))),
            None => Err(PyTypeError::new_err(format!("unknown setting {name}"))),
        }
    });
    given.collect()
}

/// The configuration. A value of another type is one problem among all that the core lists. What happens to the keys is
/// noted in `events`.
pub fn config(
    py: Python<'_>,
    runtime: &str,
    settings: &Bound<'_, PyDict>,
    events: &Arc<Events>,
) -> PyResult<Config> {
    let noted = Arc::clone(events);
    let mut builder = Config::builder().runtime(runtime).on_event(move |event| noted.note(event));
    for (setting, value) in given(settings)? {
        builder = match value {
            Ok(value) => builder.set(setting, value),
            Err(error) => builder.problem(error.as_problem().expect("only arguments are refused here")),
        };
    }
    // Files are waited for here, such as a pipe whose other end takes its time. A signal handler that raises ends that.
    let raised: Arc<Mutex<Option<PyErr>>> = Arc::default();
    let seen = Arc::clone(&raised);
    let builder = builder.interrupted(move || match Python::attach(|py| py.check_signals()) {
        Ok(()) => false,
        Err(error) => {
            *seen.lock() = Some(error);
            true
        }
    });
    let built = attempt(py, || py.detach(|| builder.build()));
    match raised.lock().take() {
        Some(raised) => Err(raised),
        None => built,
    }
}

/// What the calls of one view of a client do differently from the client.
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
    fn new(py: Python<'_>, settings: &Bound<'_, PyDict>) -> PyResult<Options> {
        let mut given = given(settings)?.into_iter();
        let set = |options: CallOptions, (setting, value): (&Setting, agglestone::Result<_>)| {
            options.set(setting, value?)
        };
        attempt(py, || given.try_fold(CallOptions::new(), set)).map(Options)
    }
}
