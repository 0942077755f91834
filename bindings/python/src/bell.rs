//! Wakes whoever drains a queue: through a file descriptor that an event loop watches, or a thread that waits.

use std::io;
#[cfg(unix)]
use std::io::{Read, Write};
#[cfg(unix)]
use std::os::{fd::AsRawFd, unix::net::UnixStream};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// One of the two ways.
pub enum Bell {
    /// Both ends stay here, so that ringing can't meet a closed pipe, whatever becomes of the loop.
    #[cfg(unix)]
    Watched { ringing: UnixStream, heard: UnixStream },
    /// For loops that can watch nothing, such as Windows' default one.
    WaitedFor { state: Mutex<State>, changed: Condvar },
}

/// Of a bell that a thread waits for.
#[derive(Default)]
pub struct State {
    rung: bool,
    closed: bool,
}

impl Bell {
    #[cfg(unix)]
    pub fn watched() -> io::Result<Bell> {
        let (ringing, heard) = UnixStream::pair()?;
        ringing.set_nonblocking(true)?;
        heard.set_nonblocking(true)?;
        Ok(Bell::Watched { ringing, heard })
    }

    #[cfg(not(unix))]
    pub fn watched() -> io::Result<Bell> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub fn waited_for() -> Bell {
        Bell::WaitedFor { state: Mutex::default(), changed: Condvar::new() }
    }

    pub fn fileno(&self) -> io::Result<i32> {
        match self {
            #[cfg(unix)]
            Bell::Watched { heard, .. } => Ok(heard.as_raw_fd()),
            Bell::WaitedFor { .. } => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    pub fn ring(&self) {
        match self {
            // The only failure is a full buffer, and then it is ringing already.
            #[cfg(unix)]
            Bell::Watched { ringing, .. } => drop((&*ringing).write(&[1])),
            Bell::WaitedFor { state, changed } => {
                lock(state).rung = true;
                changed.notify_one();
            }
        }
    }

    pub fn silence(&self) {
        match self {
            #[cfg(unix)]
            Bell::Watched { heard, .. } => drop((&*heard).read(&mut [0; 64])),
            Bell::WaitedFor { .. } => {}
        }
    }

    /// Blocks until it rings; `false` once it is closed.
    pub fn wait(&self) -> bool {
        match self {
            #[cfg(unix)]
            Bell::Watched { .. } => false,
            Bell::WaitedFor { state, changed } => {
                let waited = changed.wait_while(lock(state), |state| !state.rung && !state.closed);
                let mut state = waited.unwrap_or_else(PoisonError::into_inner);
                state.rung = false;
                !state.closed
            }
        }
    }

    pub fn close(&self) {
        match self {
            #[cfg(unix)]
            Bell::Watched { .. } => {}
            Bell::WaitedFor { state, changed } => {
                lock(state).closed = true;
                changed.notify_all();
            }
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
