//! How asynchronous calls report: exactly once each, and in batches to whoever drains them.

use crate::error::{Code, Error, Result};
use crate::live::Tracked;
use crate::reply::Reply;
use crate::sync::Mutex;

/// A queue whose reader is woken only by the push that finds it empty, so that a burst costs one wake.
#[derive(Debug)]
pub struct CompletionQueue<T>(Mutex<Vec<T>>);

impl<T> CompletionQueue<T> {
    /// An empty queue.
    pub const fn new() -> CompletionQueue<T> {
        CompletionQueue(Mutex::new(Vec::new()))
    }

    /// Adds an item; `true` when the queue was empty, which is when the reader must be woken.
    pub fn push(&self, item: T) -> bool {
        let mut items = self.0.lock();
        items.push(item);
        items.len() == 1
    }

    /// Takes everything, in the order it came.
    pub fn drain(&self) -> Vec<T> {
        std::mem::take(&mut *self.0.lock())
    }
}

impl<T> Default for CompletionQueue<T> {
    fn default() -> CompletionQueue<T> {
        CompletionQueue::new()
    }
}

/// The promise to report a call's result exactly once. Dropped unkept, it reports for itself: a panic when one is
/// unwinding, a cancellation otherwise.
pub(crate) struct Completion<F: FnOnce(Result<Reply>)>(Option<(F, Tracked)>);

impl<F: FnOnce(Result<Reply>)> Completion<F> {
    pub fn new(report: F) -> Completion<F> {
        Completion(Some((report, Tracked::new())))
    }

    pub fn finish(mut self, result: Result<Reply>) {
        self.report(result);
    }

    fn report(&mut self, result: Result<Reply>) {
        if let Some((report, tracked)) = self.0.take() {
            // Before the report, so that whoever waits for it finds the counter right.
            drop(tracked);
            report(result);
        }
    }
}

impl<F: FnOnce(Result<Reply>)> Drop for Completion<F> {
    fn drop(&mut self) {
        let error = if std::thread::panicking() {
            Error::panic("a call")
        } else {
            Error::new(Code::Cancelled, "the call was cancelled")
        };
        self.report(Err(error));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Arc;

    #[test]
    fn only_the_push_that_finds_the_queue_empty_wakes() {
        let queue = CompletionQueue::new();
        assert!(queue.push(1));
        assert!(!queue.push(2));
        assert_eq!(queue.drain(), [1, 2]);
        assert!(queue.push(3));
    }

    #[test]
    fn a_completion_reports_once_whatever_happens() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let completion = || {
            let seen = seen.clone();
            Completion::new(move |result| seen.lock().push(result.unwrap_err().code()))
        };
        completion().finish(Err(Error::new(Code::Server, "")));
        drop(completion());
        let panicking = completion();
        let _ = catch_unwind(AssertUnwindSafe(move || {
            let _held = panicking;
            panic!("on purpose");
        }));
        assert_eq!(*seen.lock(), [Code::Server, Code::Cancelled, Code::Panic]);
    }
}
