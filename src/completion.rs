//! How asynchronous calls report: exactly once each, and in batches to whoever drains them.

use std::sync::Arc;

use crate::error::{Code, Error, Result};
use crate::live::Tracked;
use crate::reply::Reply;
use crate::sync::Mutex;
use crate::turns::{self, Wake};

/// A queue whose reader is woken by the push that finds it empty, so that a burst costs one wake. A thread that drives I/O
/// wakes at the end of its turn: by then more may have come, or the reader may be awake and have taken all.
pub struct CompletionQueue<T> {
    items: Mutex<Vec<T>>,
    wake: Box<dyn Fn() + Send + Sync>,
}

impl<T: Send + 'static> CompletionQueue<T> {
    /// An empty queue. `wake` is called on any thread and must not block.
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Arc<CompletionQueue<T>> {
        Arc::new(CompletionQueue { items: Mutex::new(Vec::new()), wake: Box::new(wake) })
    }

    /// Adds an item.
    pub fn push(self: &Arc<Self>, item: T) {
        let was_empty = {
            let mut items = self.items.lock();
            items.push(item);
            items.len() == 1
        };
        turns::pushed(was_empty.then(|| self.clone() as Arc<dyn Wake>));
    }

    /// Takes everything, in the order it came.
    pub fn drain(&self) -> Vec<T> {
        let mut items = self.items.lock();
        // As many may come until the next time.
        let next = Vec::with_capacity(items.len());
        std::mem::replace(&mut *items, next)
    }
}

impl<T: Send> Wake for CompletionQueue<T> {
    fn wake(&self) {
        let is_empty = self.items.lock().is_empty();
        if !is_empty {
            (self.wake)();
        }
    }
}

impl<T> std::fmt::Debug for CompletionQueue<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CompletionQueue").finish_non_exhaustive()
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
        self.report(|| result);
    }

    fn report(&mut self, result: impl FnOnce() -> Result<Reply>) {
        if let Some((report, tracked)) = self.0.take() {
            // Before the report, so that whoever waits for it finds the counter right.
            drop(tracked);
            report(result());
        }
    }
}

impl<F: FnOnce(Result<Reply>)> Drop for Completion<F> {
    fn drop(&mut self) {
        self.report(|| match std::thread::panicking() {
            true => Err(Error::panic("a call")),
            false => Err(Error::new(Code::Cancelled, "the call was cancelled")),
        });
    }
}

#[cfg(all(test, agglestone_loom))]
mod loom_tests;
#[cfg(all(test, not(agglestone_loom)))]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    #[test]
    fn only_the_push_that_finds_the_queue_empty_wakes() {
        let woken = Arc::new(AtomicUsize::new(0));
        let count = woken.clone();
        let queue = CompletionQueue::new(move || _ = count.fetch_add(1, SeqCst));
        queue.push(1);
        queue.push(2);
        assert_eq!((queue.drain(), woken.load(SeqCst)), (vec![1, 2], 1));
        queue.push(3);
        assert_eq!(woken.load(SeqCst), 2);
    }

    #[test]
    fn within_a_turn_a_reader_is_woken_once_and_not_for_nothing() {
        let woken = Arc::new(AtomicUsize::new(0));
        let count = woken.clone();
        let queue = CompletionQueue::new(move || _ = count.fetch_add(1, SeqCst));
        std::thread::spawn(move || {
            turns::over();
            for turn in 1..=3 {
                // A reader that is awake takes some in between.
                queue.push(1);
                queue.drain();
                queue.push(2);
                assert_eq!(woken.load(SeqCst), turn - 1);
                turns::over();
                assert_eq!(woken.load(SeqCst), turn);
                queue.drain();
            }
            queue.push(1);
            queue.drain();
            turns::over();
            assert_eq!(woken.load(SeqCst), 3, "nothing was left");
            // A turn that does not end is no excuse.
            (0..16).for_each(|item| queue.push(item));
            assert_eq!(woken.load(SeqCst), 4);
        })
        .join()
        .unwrap();
    }

    #[test]
    fn a_thread_that_never_sleeps_does_not_wake_for_each_item() {
        let woken = Arc::new(AtomicUsize::new(0));
        let count = woken.clone();
        let queue = CompletionQueue::new(move || _ = count.fetch_add(1, SeqCst));
        std::thread::spawn(move || {
            for _ in 0..32 {
                turns::begin();
                queue.push(1);
                // The reader is quick and finds one at a time.
                if woken.load(SeqCst) > 0 {
                    queue.drain();
                }
            }
            assert_eq!(woken.load(SeqCst), 2);
        })
        .join()
        .unwrap();
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
