//! Wakes whoever drains a queue: through a file descriptor that an event loop watches, or a thread that waits.

use std::io;
#[cfg(unix)]
use std::io::{Read, Write};
#[cfg(unix)]
use std::os::{fd::AsRawFd, unix::net::UnixStream};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use agglestone::binding::Mutex;

/// One of the two ways.
pub enum Bell {
    /// Both ends stay here, so that ringing can't meet a closed pipe, whatever becomes of the loop.
    #[cfg(unix)]
    Watched { ringing: UnixStream, heard: UnixStream },
    /// For loops that can watch nothing, such as Windows' default one.
    WaitedFor { ringing: Mutex<Option<SyncSender<()>>>, heard: Mutex<Receiver<()>> },
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
        let (ringing, heard) = sync_channel(1);
        Bell::WaitedFor { ringing: Mutex::new(Some(ringing)), heard: Mutex::new(heard) }
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
            // Here, too, a full channel is ringing already.
            Bell::WaitedFor { ringing, .. } => {
                if let Some(ringing) = &*ringing.lock() {
                    let _ = ringing.try_send(());
                }
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
            Bell::WaitedFor { heard, .. } => heard.lock().recv().is_ok(),
        }
    }

    pub fn close(&self) {
        match self {
            #[cfg(unix)]
            Bell::Watched { .. } => {}
            Bell::WaitedFor { ringing, .. } => *ringing.lock() = None,
        }
    }
}
