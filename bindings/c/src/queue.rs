//! `agg_queue`: callbacks for a program with an event loop of its own, on the thread that asks for them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

use client_core::binding::{Bell, CompletionQueue, Own, Tracked};
use client_core::{Code, Error};

use crate::boundary::{give, run};
use crate::dispatcher;
use crate::error::agg_error;
use crate::report::Report;
use crate::status::agg_status;

/// Finished calls and events that wait for an event loop. Made by agg_queue_new, given to any number of clients by
/// agg_config_set_queue, freed with agg_queue_free. Any thread may drain it.
pub struct agg_queue {
    queue: Own<Arc<Queue>>,
    _tracked: Tracked,
}

/// What clients hold of a queue.
pub struct Queue {
    reports: Arc<CompletionQueue<Report>>,
    bell: Arc<Bell>,
    /// Calls whose callback was not called yet.
    pending: AtomicUsize,
    freed: AtomicBool,
}

impl Queue {
    /// A call is about to start.
    pub fn expect(&self) {
        self.pending.fetch_add(1, SeqCst);
    }

    pub fn push(&self, report: Report) {
        self.reports.push(report);
        // Nobody will drain it any more: perhaps not even before this came.
        if self.freed.load(SeqCst) {
            self.reports.drain().into_iter().for_each(dispatcher::push);
        }
    }

    fn drain(&self) -> usize {
        // Silenced first: what comes after this rings again.
        self.bell.silence();
        let reports = self.reports.drain();
        let count = reports.len();
        for report in reports {
            // Before it is told, so that the last callback finds none to come.
            if matches!(report, Report::Ended(_)) {
                self.pending.fetch_sub(1, SeqCst);
            }
            report.tell();
        }
        count
    }
}

impl agg_queue {
    /// The queue, unless it is the parent's and this is a forked child.
    pub fn get(&self) -> Option<&Arc<Queue>> {
        self.queue.get()
    }
}

/// Makes a queue, to be freed with agg_queue_free. AGG_CONNECT: the process may open no more files, or event loops can't watch
/// file descriptors on this platform.
#[unsafe(no_mangle)]
pub extern "C" fn agg_queue_new(queue: *mut *mut agg_queue, error: *mut *mut agg_error) -> agg_status {
    run(error, || {
        give("queue", queue, || {
            let bell = Bell::new()
                .map_err(|error| Error::new(Code::Connect, format!("a queue can't be made: {error}")))?;
            let bell = Arc::new(bell);
            let rung = bell.clone();
            let reports = CompletionQueue::new(move || rung.ring());
            let queue = Arc::new(Queue {
                reports,
                bell,
                pending: AtomicUsize::new(0),
                freed: AtomicBool::new(false),
            });
            Ok(agg_queue { queue: Own::new(queue), _tracked: Tracked::new() })
        })
    })
}

/// A file descriptor that poll, epoll or kqueue reports as readable when there is something to drain; only to be watched. It
/// belongs to the queue. -1 for NULL and for a parent's queue in a forked child.
#[unsafe(no_mangle)]
pub extern "C" fn agg_queue_fd(queue: Option<&agg_queue>) -> i32 {
    queue.and_then(agg_queue::get).map_or(-1, |queue| queue.bell.fileno())
}

/// Calls the callbacks of all that was done when it was called, on this thread, and returns how many; what its callbacks bring
/// about waits for the next time. Never waits itself. Callbacks may call any function of the library but agg_queue_free on this
/// queue. 0 for NULL and for a parent's queue in a forked child.
#[unsafe(no_mangle)]
pub extern "C" fn agg_queue_drain(queue: Option<&agg_queue>) -> usize {
    queue.and_then(agg_queue::get).map_or(0, |queue| queue.drain())
}

/// How many callbacks of started calls are still to come. To end without losing any: agg_client_close, then wait and drain until
/// this is 0, then free clients and queue. 0 for NULL and for a parent's queue in a forked child.
#[unsafe(no_mangle)]
pub extern "C" fn agg_queue_pending(queue: Option<&agg_queue>) -> usize {
    queue.and_then(agg_queue::get).map_or(0, |queue| queue.pending.load(SeqCst))
}

/// Drains a queue a last time and frees it. A call that has not ended by then, and one that agg_client_free has just ended is among
/// them, calls back on the dispatcher thread; wait until agg_queue_pending is 0 to have none. No other function may be using the
/// queue. NULL is a no-op.
#[unsafe(no_mangle)]
pub extern "C" fn agg_queue_free(queue: Option<Box<agg_queue>>) {
    if let Some(queue) = queue.as_deref().and_then(agg_queue::get) {
        queue.freed.store(true, SeqCst);
        queue.drain();
    }
}
