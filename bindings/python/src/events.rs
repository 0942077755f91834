//! What happened to a client's keys, on its way into Python's `logging`: noted without the GIL on whatever thread noticed,
//! written by the next thread that comes along with it.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{SystemTime, UNIX_EPOCH};

use agglestone::Event;
use agglestone::binding::{Mutex, Piece};
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
    for (name, piece) in event.parts() {
        let name = format!("agglestone_{name}");
        match piece {
            None => attributes.set_item(name, py.None()),
            Some(Piece::Text(text)) => attributes.set_item(name, text),
            Some(Piece::Texts(texts)) => attributes.set_item(name, texts),
            Some(Piece::Number(number)) => attributes.set_item(name, number),
            Some(Piece::Time(time)) => attributes.set_item(name, time.as_secs_f64()),
        }?;
    }
    Ok(attributes)
}
