//! What happened to a client's keys, on its way into Python's `logging`: noted without the GIL on whatever thread noticed,
//! written by the next thread that comes along with it.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use agglestone::Event;
use agglestone::binding::Mutex;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// The events of one client that were not written yet.
#[derive(Default)]
pub struct Events {
    any: AtomicBool,
    noted: Mutex<Vec<(&'static str, &'static str, String)>>,
}

impl Events {
    pub fn note(&self, event: &Event) {
        let mut noted = self.noted.lock();
        noted.push((event.level().name(), event.name(), event.to_string()));
        self.any.store(true, SeqCst);
    }

    /// Hands them to `agglestone._events.log`. Costs next to nothing when there are none.
    pub fn write(&self, py: Python<'_>) {
        static LOG: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        if !self.any.swap(false, SeqCst) {
            return;
        }
        let noted = std::mem::take(&mut *self.noted.lock());
        let written = LOG.import(py, "agglestone._events", "log").and_then(|log| log.call1((noted,)));
        if let Err(error) = written {
            // A broken log must not break a call.
            error.write_unraisable(py, None);
        }
    }
}
