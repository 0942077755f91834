//! The thread that calls back: it drains finished calls in batches, so that no callback ever holds up the network.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread;

use client_core::Event;
use client_core::Result;
use client_core::binding::CompletionQueue;
use client_core::{Code, Error, Reply};
use once_cell::sync::OnceCell;

use crate::error::agg_error;
use crate::event::EventSink;
use crate::lent::UserData;
use crate::reply::agg_reply;

/// What waits for its callback.
pub enum Report {
    /// A finished call.
    Ended(Completed),
    /// Something that happened to the keys of a client.
    Event(Arc<EventSink>, Event),
}

/// A finished call on its way to its callback.
pub struct Completed {
    pub callback: extern "C" fn(*mut std::ffi::c_void, Option<Box<agg_reply>>, Option<Box<agg_error>>),
    pub user_data: UserData,
    pub result: Result<Reply>,
}

/// The queue of finished calls, which wakes the thread that drains it.
pub struct Dispatcher(Arc<CompletionQueue<Report>>);

impl Dispatcher {
    pub fn push(&self, report: Report) {
        self.0.push(report);
    }
}

/// The process's dispatcher, started when the first call is.
pub fn get() -> Result<&'static Dispatcher> {
    static DISPATCHER: OnceCell<Dispatcher> = OnceCell::new();
    DISPATCHER.get_or_try_init(|| {
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
        Ok(Dispatcher(queue))
    })
}

fn drain(queue: &Arc<CompletionQueue<Report>>) {
    loop {
        let batch = queue.drain();
        if batch.is_empty() {
            thread::park();
        }
        for report in batch {
            match report {
                Report::Ended(completed) => end(completed),
                Report::Event(sink, event) => sink.tell(event),
            }
        }
    }
}

fn end(Completed { callback, user_data, result }: Completed) {
    // Building a reply allocates and copies; should that ever panic, the promise of one callback still holds.
    let reply = result.and_then(|reply| {
        catch_unwind(AssertUnwindSafe(|| agg_reply::new(reply))).map_err(|_| Error::panic("the C interface"))
    });
    match reply {
        Ok(reply) => callback(user_data.0, Some(Box::new(reply)), None),
        Err(error) => callback(user_data.0, None, Some(Box::new(agg_error::new(error)))),
    }
}
