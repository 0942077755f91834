//! The thread that calls back: it drains finished calls in batches, so that no callback ever holds up the network.

use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread;

use client_core::binding::{CompletionQueue, PerProcess};
use client_core::{Code, Error, Result};

use crate::report::Report;

type Queue = Arc<CompletionQueue<Report>>;

/// Whether there is such a thread, which is started now if there is none.
pub fn ready() -> Result<()> {
    queue().map(drop)
}

/// Has the thread call back. Calls are only started when there is one; without it an event is in the log of `tracing` all the
/// same.
pub fn push(report: Report) {
    if let Ok(queue) = queue() {
        queue.push(report);
    }
}

/// The queue that wakes the thread, which is one a process.
fn queue() -> Result<&'static Queue> {
    static QUEUE: PerProcess<Queue> = PerProcess::new();
    QUEUE.get_or_try_init(|| {
        let (sender, queue) = sync_channel(1);
        let thread = thread::Builder::new().name("agglestone-callbacks".to_owned()).spawn(move || {
            // The queue comes once there is a thread to wake.
            if let Ok(queue) = queue.recv() {
                drain(&queue);
            }
        });
        let thread = thread.map_err(|error| {
            Error::new(Code::Connect, format!("the thread for callbacks can't be started: {error}"))
        })?;
        let drained = thread.thread().clone();
        let queue = CompletionQueue::new(move || drained.unpark());
        let _ = sender.send(queue.clone());
        Ok(queue)
    })
}

fn drain(queue: &Queue) {
    loop {
        let batch = queue.drain();
        if batch.is_empty() {
            thread::park();
        }
        batch.into_iter().for_each(Report::tell);
    }
}
