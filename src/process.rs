//! Things that each process makes anew: a forked child has the memory of what its parent made, but none of the threads behind.

use once_cell::sync::OnceCell;

/// A value of the process that asks for it. A forked child makes one of its own; its parent's is left as it is and never
/// dropped there, since that would wait for threads that are not there or take connections out of the parent's epoll.
#[derive(Debug)]
pub struct PerProcess<T>(OnceCell<Box<Generation<T>>>);

#[derive(Debug)]
struct Generation<T> {
    number: u64,
    /// There until the drop.
    value: Option<T>,
    child: OnceCell<Box<Generation<T>>>,
}

impl<T> PerProcess<T> {
    /// No value yet, in any process.
    pub const fn new() -> PerProcess<T> {
        PerProcess(OnceCell::new())
    }

    /// This process's value, made now if there is none.
    ///
    /// # Errors
    /// Whatever making it ends with; then the next one to ask makes it.
    pub fn get_or_try_init<E>(&self, make: impl Fn() -> Result<T, E>) -> Result<&T, E> {
        let number = agglestone_fork::generation();
        let generation = || Ok(Box::new(Generation::new(number, make()?)));
        let mut found = self.0.get_or_try_init(generation)?;
        while found.number != number {
            found = found.child.get_or_try_init(generation)?;
        }
        Ok(found.value.as_ref().expect("it is there until the drop"))
    }

    /// This process's value, if it was made.
    pub fn get(&self) -> Option<&T> {
        let number = agglestone_fork::generation();
        let mut found = self.0.get()?;
        while found.number != number {
            found = found.child.get()?;
        }
        found.value.as_ref()
    }

    /// This process's value, made now if there is none.
    pub fn get_or_init(&self, make: impl Fn() -> T) -> &T {
        match self.get_or_try_init(|| Ok::<T, std::convert::Infallible>(make())) {
            Ok(value) => value,
        }
    }
}

impl<T> Default for PerProcess<T> {
    fn default() -> PerProcess<T> {
        PerProcess::new()
    }
}

impl<T> Generation<T> {
    fn new(number: u64, value: T) -> Generation<T> {
        Generation { number, value: Some(value), child: OnceCell::new() }
    }
}

impl<T> Drop for Generation<T> {
    fn drop(&mut self) {
        if self.number != agglestone_fork::generation() {
            std::mem::forget(self.value.take());
        }
    }
}
