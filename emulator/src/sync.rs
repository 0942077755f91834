//! Locks that go on after a panic: a bug in one request must not end all others.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Waits for the lock. What these guard is whole between any two statements, so a panic leaves nothing half-done behind.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
