//! How asynchronous calls come back to an event loop: a queue of plain Rust data, and a bell that wakes the loop once a
//! burst. The threads that drive I/O fill it and never take the GIL.

use std::io::ErrorKind;
use std::sync::Arc;

use agglestone::Result;
use agglestone::binding;
use agglestone::binding::CompletionQueue;
use agglestone::{Code, Error};
use pyo3::exceptions::{PyBaseException, PyNotImplementedError};
use pyo3::prelude::*;

use crate::bell::Bell;
use crate::errors::raise;
use crate::reply::Reply;

/// What the runtime's threads hold of a queue.
pub struct Inbox {
    done: Arc<CompletionQueue<(u64, Result<agglestone::Reply>)>>,
    bell: Arc<Bell>,
}

impl Inbox {
    /// Adds a result and wakes the reader if it may be asleep.
    pub fn put(&self, id: u64, result: Result<agglestone::Reply>) {
        self.done.push((id, result));
    }
}

/// The completed calls of one event loop.
#[pyclass(frozen, module = "agglestone._native")]
pub struct Queue(Arc<Inbox>);

impl Queue {
    pub fn inbox(&self) -> &Arc<Inbox> {
        &self.0
    }
}

/// A call's number, its reply and its exception, one of which is `None`.
type Completed = (u64, Option<Reply>, Option<Py<PyBaseException>>);

#[pymethods]
impl Queue {
    /// `watched`: the loop can watch a file descriptor. Otherwise a thread has to [`wait`](Queue::wait).
    #[new]
    fn new(py: Python<'_>, watched: bool) -> PyResult<Queue> {
        let bell = if watched { Bell::watched() } else { Ok(Bell::waited_for()) };
        let bell = bell.map_err(|error| match error.kind() {
            ErrorKind::Unsupported => PyNotImplementedError::new_err("no file descriptors to watch here"),
            _ => {
                let message = format!("the event loop's queue can't be made: {error}");
                raise(py, &Error::new(Code::Connect, message))
            }
        })?;
        let bell = Arc::new(bell);
        let rung = Arc::clone(&bell);
        Ok(Queue(Arc::new(Inbox { done: CompletionQueue::new(move || rung.ring()), bell })))
    }

    /// The file descriptor that is readable when there is something to drain. It belongs to the queue.
    fn fileno(&self) -> PyResult<i32> {
        Ok(self.0.bell.fileno()?)
    }

    /// Blocks without the GIL until there is something to drain; `False` once the queue is closed.
    fn wait(&self, py: Python<'_>) -> bool {
        py.detach(|| self.0.bell.wait())
    }

    /// Everything completed since the last time.
    fn drain(&self, py: Python<'_>) -> Vec<Completed> {
        // Silenced first: a completion that comes after this rings again.
        self.0.bell.silence();
        let completed = self.0.done.drain().into_iter().map(|(id, result)| match result {
            Ok(reply) => (id, Some(Reply::from(reply)), None),
            // Never fails itself: the other calls' results would be lost with it.
            Err(error) => (id, None, Some(raise(py, &error).into_value(py))),
        });
        completed.collect()
    }

    /// Ends [`wait`](Queue::wait).
    fn close(&self) {
        self.0.bell.close();
    }
}

/// A call under way. Dropping it changes nothing.
#[pyclass(frozen, module = "agglestone._native")]
pub struct RunningCall(binding::RunningCall);

impl From<binding::RunningCall> for RunningCall {
    fn from(call: binding::RunningCall) -> RunningCall {
        RunningCall(call)
    }
}

#[pymethods]
impl RunningCall {
    /// Stops the call unless it is over.
    fn cancel(&self) {
        self.0.cancel();
    }
}
