//! Who is told, and who is asked.

use std::fmt;
use std::sync::Arc;

use super::event::Event;
use super::parts::trace;
use crate::trace_context::TraceContext;

/// Who is told. Called on whatever thread noticed, also one that drives I/O: hand the event on and return.
#[derive(Clone, Default)]
pub struct Listener(Option<Arc<Tell>>);

type Tell = dyn Fn(&Event) + Send + Sync;

impl Listener {
    /// A listener that calls a function.
    pub fn new(listener: impl Fn(&Event) + Send + Sync + 'static) -> Listener {
        Listener(Some(Arc::new(listener)))
    }

    /// Tells the listener, and whoever collects `tracing` events in this process.
    pub(crate) fn tell(&self, event: &Event) {
        trace(event);
        if let Some(listener) = &self.0 {
            listener(event);
        }
    }
}

/// Who knows the trace that a call belongs to. Asked on the caller's thread, before the call.
#[derive(Clone, Default)]
pub(crate) struct Propagator(Option<Arc<Ask>>);

type Ask = dyn Fn() -> Option<TraceContext> + Send + Sync;

impl Propagator {
    pub fn new(ask: impl Fn() -> Option<TraceContext> + Send + Sync + 'static) -> Propagator {
        Propagator(Some(Arc::new(ask)))
    }

    pub fn is_set(&self) -> bool {
        self.0.is_some()
    }

    pub fn ask(&self) -> TraceContext {
        self.0.as_ref().and_then(|ask| ask()).unwrap_or_default()
    }
}

impl fmt::Debug for Propagator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Propagator(set)" } else { "Propagator(none)" })
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Listener(set)" } else { "Listener(none)" })
    }
}
