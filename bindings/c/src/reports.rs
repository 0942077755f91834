//! Where and on which thread a client's callbacks are called.

use std::cell::Cell;
use std::sync::Arc;

use client_core::{Event, Result};

use crate::dispatcher;
use crate::event::EventSink;
use crate::queue::Queue;
use crate::report::{Completed, Report};

/// Who calls back.
#[derive(Clone, Default)]
pub enum Reports {
    /// The library's own thread for it.
    #[default]
    Dispatcher,
    /// The thread that drives I/O, for callbacks that promise not to wait.
    Inline,
    /// Whoever drains this queue.
    Queue(Arc<Queue>),
}

thread_local! {
    static WITHIN_INLINE: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread drives I/O and is within a callback, where nothing may wait.
pub fn is_within_inline_callback() -> bool {
    WITHIN_INLINE.get()
}

impl Reports {
    /// Whether there will be somebody to call back for a call that is about to start.
    pub fn ready(&self) -> Result<()> {
        match self {
            Reports::Dispatcher => return dispatcher::ready(),
            Reports::Queue(queue) => queue.expect(),
            Reports::Inline => {}
        }
        Ok(())
    }

    /// A call has ended.
    pub fn ended(&self, completed: Completed) {
        match self {
            Reports::Inline => {
                WITHIN_INLINE.set(true);
                completed.tell();
                WITHIN_INLINE.set(false);
            }
            Reports::Dispatcher => dispatcher::push(Report::Ended(completed)),
            Reports::Queue(queue) => queue.push(Report::Ended(completed)),
        }
    }

    /// Something happened, on any thread.
    pub fn happened(&self, sink: Arc<EventSink>, event: Event) {
        match self {
            Reports::Inline | Reports::Dispatcher => dispatcher::push(Report::Event(sink, event)),
            Reports::Queue(queue) => queue.push(Report::Event(sink, event)),
        }
    }
}
