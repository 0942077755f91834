//! Locks that go on after a panic: what they guard is whole between any two statements, and a bug in one call must not
//! end all others.

use std::sync::{PoisonError, TryLockError};

// Under this `cfg`, loom's locks take the place of the standard library's, and its tests try every order of threads.
#[cfg(all(test, agglestone_loom))]
use loom::sync;
#[cfg(not(all(test, agglestone_loom)))]
use std::sync;

pub use sync::{MutexGuard, RwLockReadGuard, RwLockWriteGuard};

/// A [`sync::Mutex`] without poisoning.
#[derive(Debug, Default)]
pub struct Mutex<T>(sync::Mutex<T>);

impl<T> Mutex<T> {
    /// A mutex around a value.
    #[cfg(not(all(test, agglestone_loom)))]
    pub const fn new(value: T) -> Mutex<T> {
        Mutex(sync::Mutex::new(value))
    }

    /// A mutex around a value.
    #[cfg(all(test, agglestone_loom))]
    pub fn new(value: T) -> Mutex<T> {
        Mutex(sync::Mutex::new(value))
    }

    /// Waits for the lock.
    pub fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lock, if nobody holds it.
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        match self.0.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// The value, which nobody else can reach.
    pub fn get_mut(&mut self) -> &mut T {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A [`std::sync::RwLock`] without poisoning.
#[derive(Debug, Default)]
pub struct RwLock<T>(sync::RwLock<T>);

impl<T> RwLock<T> {
    /// A lock around a value.
    #[cfg(not(all(test, agglestone_loom)))]
    pub const fn new(value: T) -> RwLock<T> {
        RwLock(sync::RwLock::new(value))
    }

    /// A lock around a value.
    #[cfg(all(test, agglestone_loom))]
    pub fn new(value: T) -> RwLock<T> {
        RwLock(sync::RwLock::new(value))
    }

    /// Waits until nobody writes.
    pub fn read(&self) -> RwLockReadGuard<'_, T> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until nobody else reads or writes.
    pub fn write(&self) -> RwLockWriteGuard<'_, T> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    #[test]
    fn a_panic_under_a_lock_does_not_lock_everybody_out() {
        let (mutex, lock) = (Mutex::new(1), RwLock::new(1));
        let _ = catch_unwind(AssertUnwindSafe(|| {
            let (_held, _written) = (mutex.lock(), lock.write());
            panic!("on purpose");
        }));
        assert_eq!(*mutex.lock(), 1);
        assert_eq!(*lock.read(), 1);
        assert_eq!(*lock.write(), 1);
        assert!(mutex.try_lock().is_some());
    }
}
