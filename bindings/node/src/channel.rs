//! What the library's threads see of one JavaScript environment: a queue, and a way to wake whoever drains it.
//!
//! The push that finds the queue empty wakes the environment, whose drain then takes whatever has gathered: a burst of
//! answers costs one wake.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, MutexGuard};

use agglestone::binding::{CompletionQueue, Mutex};
use agglestone::{Event, Reply};
use napi::Status;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode, UnknownReturnValue};

use crate::outcome::Shape;
use crate::question::Question;

/// What is brought to JavaScript.
pub enum Item {
    /// A call that ended, with the slot that JavaScript keeps its promise in.
    Finished { slot: u32, shape: Shape, result: agglestone::Result<Reply> },
    /// Something happened to the keys of a client.
    Event { client: u32, event: Event },
    /// The keys of a client are wanted.
    Question { client: u32, question: Question },
}

/// Not counted as a reason to keep the process alive unless `refer` says so.
pub type Wake = ThreadsafeFunction<(), UnknownReturnValue, (), Status, false, true>;

/// Outlives its environment when calls are under way at its end: the wake-up then finds the environment closing and does
/// nothing.
pub struct Channel {
    queue: Arc<CompletionQueue<Item>>,
    wake: Arc<Mutex<Wake>>,
    /// Nobody will drain any more.
    closed: AtomicBool,
}

impl Channel {
    pub fn new(wake: Wake) -> Channel {
        let wake = Arc::new(Mutex::new(wake));
        let woken = wake.clone();
        let queue = CompletionQueue::new(move || {
            woken.lock().call((), ThreadsafeFunctionCallMode::NonBlocking);
        });
        Channel { queue, wake, closed: AtomicBool::new(false) }
    }

    /// From any thread.
    pub fn push(&self, item: Item) {
        self.queue.push(item);
        // After the push, so that either this thread or the one that closes sees the other's step.
        if self.closed.load(SeqCst) {
            drop(self.queue.drain());
        }
    }

    pub fn drain(&self) -> Vec<Item> {
        self.queue.drain()
    }

    /// Drops what is queued, now and from now on. A question that is dropped frees the thread that waits for its answer.
    pub fn close(&self) {
        self.closed.store(true, SeqCst);
        drop(self.queue.drain());
    }

    pub fn wake(&self) -> MutexGuard<'_, Wake> {
        self.wake.lock()
    }
}
