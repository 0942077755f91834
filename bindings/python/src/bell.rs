//! Wakes whoever drains a queue: through a file descriptor that an event loop watches, or a thread that waits.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use agglestone::binding::{self, Mutex};

/// One of the two ways.
pub enum Bell {
    Watched(binding::Bell),
    /// For loops that can watch nothing, such as Windows' default one.
    WaitedFor {
        ringing: Mutex<Option<SyncSender<()>>>,
        heard: Mutex<Receiver<()>>,
    },
}

impl Bell {
    pub fn watched() -> io::Result<Bell> {
        binding::Bell::new().map(Bell::Watched)
    }

    pub fn waited_for() -> Bell {
        let (ringing, heard) = sync_channel(1);
        Bell::WaitedFor { ringing: Mutex::new(Some(ringing)), heard: Mutex::new(heard) }
    }

    pub fn fileno(&self) -> io::Result<i32> {
        match self {
            Bell::Watched(bell) => Ok(bell.fileno()),
            Bell::WaitedFor { .. } => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    pub fn ring(&self) {
        match self {
            Bell::Watched(bell) => bell.ring(),
            // A full channel is ringing already.
            Bell::WaitedFor { ringing, .. } => {
                if let Some(ringing) = &*ringing.lock() {
                    let _ = ringing.try_send(());
                }
            }
        }
    }

    pub fn silence(&self) {
        match self {
            Bell::Watched(bell) => bell.silence(),
            Bell::WaitedFor { .. } => {}
        }
    }

    /// Blocks until it rings; `false` once it is closed.
    pub fn wait(&self) -> bool {
        match self {
            Bell::Watched(_) => false,
            Bell::WaitedFor { heard, .. } => heard.lock().recv().is_ok(),
        }
    }

    pub fn close(&self) {
        match self {
            Bell::Watched(_) => {}
            Bell::WaitedFor { ringing, .. } => *ringing.lock() = None,
        }
    }
}
