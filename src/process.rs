//! Things that each process makes anew: a forked child has the memory of what its parent made, but none of the threads behind.

use once_cell::sync::OnceCell;

/// A value of the process that made it. In a forked child it is out of reach, and never dropped: that would wait for threads
/// that are not there, or take connections out of the parent's epoll.
#[derive(Debug)]
pub struct Own<T> {
    process: u64,
    /// There until the drop.
    value: Option<T>,
}

impl<T> Own<T> {
    /// A value of this process.
    pub fn new(value: T) -> Own<T> {
        Own { process: agglestone_fork::generation(), value: Some(value) }
    }

    /// The value, unless this is a child of the process that made it.
    pub fn get(&self) -> Option<&T> {
        self.value.as_ref().filter(|_| self.process == agglestone_fork::generation())
    }
}

impl<T> Drop for Own<T> {
    fn drop(&mut self) {
        if self.process != agglestone_fork::generation() {
            std::mem::forget(self.value.take());
        }
    }
}

/// A value of the process that asks for it: a forked child makes one of its own.
#[derive(Debug)]
pub struct PerProcess<T>(OnceCell<Box<Generation<T>>>);

#[derive(Debug)]
struct Generation<T> {
    own: Own<T>,
    child: PerProcess<T>,
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
        let mut place = self;
        loop {
            let generation = place.0.get_or_try_init(|| Ok(Box::new(Generation::new(make()?))))?;
            match generation.own.get() {
                Some(value) => return Ok(value),
                None => place = &generation.child,
            }
        }
    }

    /// This process's value, if it was made.
    pub fn get(&self) -> Option<&T> {
        let mut generation = self.0.get()?;
        while generation.own.get().is_none() {
            generation = generation.child.0.get()?;
        }
        generation.own.get()
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
    fn new(value: T) -> Generation<T> {
        Generation { own: Own::new(value), child: PerProcess::new() }
    }
}
