//! What happened to a client's keys, on its way into Python's `logging`: noted without the GIL on whatever thread noticed,
//! written by the next thread that comes along with it.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{SystemTime, UNIX_EPOCH};

use agglestone::Event;
use agglestone::binding::Mutex;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

/// The events of one client that were not written yet.
#[derive(Default)]
pub struct Events {
    any: AtomicBool,
    noted: Mutex<Vec<(SystemTime, Event)>>,
}

impl Events {
    pub fn note(&self, event: &Event) {
        self.noted.lock().push((SystemTime::now(), event.clone()));
        self.any.store(true, SeqCst);
    }

    /// Hands them to `agglestone._events.log`. Costs next to nothing when there are none.
    pub fn write(&self, py: Python<'_>) {
        static LOG: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        if !self.any.swap(false, SeqCst) {
            return;
        }
        let noted = std::mem::take(&mut *self.noted.lock());
        let written = noted
            .iter()
            .map(|(time, event)| {
                let created = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
                Ok((event.level().name(), event.to_string(), created, attributes(py, event)?))
            })
            .collect::<PyResult<Vec<_>>>()
            .and_then(|events| LOG.import(py, "agglestone._events", "log")?.call1((events,)));
        if let Err(error) = written {
            // A broken log must not break a call.
            error.write_unraisable(py, None);
        }
    }
}

/// What a record of it has besides its text. Durations are seconds.
fn attributes<'py>(py: Python<'py>, event: &Event) -> PyResult<Bound<'py, PyDict>> {
    let attributes = PyDict::new(py);
    attributes.set_item("agglestone_event", event.name())?;
    if let Event::Request { method, route, status, error, duration, .. }
    | Event::Call { method, route, status, error, duration, .. } = event
    {
        attributes.set_item("agglestone_method", method)?;
        attributes.set_item("agglestone_route", route)?;
        attributes.set_item("agglestone_status", status)?;
        attributes.set_item("agglestone_error", error.map(|code| code.name()))?;
        attributes.set_item("agglestone_duration", duration.as_secs_f64())?;
    }
    match event {
        Event::Request { attempt, credential, request_id, .. } => {
            attributes.set_item("agglestone_attempt", attempt)?;
            attributes.set_item("agglestone_credential", credential)?;
            attributes.set_item("agglestone_request_id", request_id)?;
        }
        Event::Call { attempts, .. } => attributes.set_item("agglestone_attempts", attempts)?,
        _ => {}
    }
    Ok(attributes)
}
