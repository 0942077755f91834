//! Where a thread waits for the one call it made.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use agglestone::Reply;
use agglestone::error::Result;

/// A call's result, once it is there.
#[derive(Default)]
pub struct Answer {
    result: Mutex<Option<Result<Reply>>>,
    arrived: Condvar,
}

impl Answer {
    pub fn put(&self, result: Result<Reply>) {
        *self.result.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        self.arrived.notify_one();
    }

    /// The result, if it arrives in time.
    pub fn wait(&self, time: Duration) -> Option<Result<Reply>> {
        let result = self.result.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.arrived.wait_timeout_while(result, time, |result| result.is_none());
        waited.unwrap_or_else(PoisonError::into_inner).0.take()
    }
}
