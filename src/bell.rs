//! A bell that an event loop can watch: a file descriptor that is readable from the first ring to the silence.

use std::io;

/// Both ends stay together, so that ringing can't meet a closed one, whatever becomes of the loop.
#[derive(Debug)]
pub struct Bell {
    #[cfg(unix)]
    ends: (std::os::unix::net::UnixStream, std::os::unix::net::UnixStream),
}

#[cfg(unix)]
impl Bell {
    /// A silent bell.
    ///
    /// # Errors
    /// When the process may open no more files.
    pub fn new() -> io::Result<Bell> {
        let ends = std::os::unix::net::UnixStream::pair()?;
        ends.0.set_nonblocking(true)?;
        ends.1.set_nonblocking(true)?;
        Ok(Bell { ends })
    }

    /// The file descriptor to be watched; it belongs to the bell.
    pub fn fileno(&self) -> i32 {
        std::os::fd::AsRawFd::as_raw_fd(&self.ends.1)
    }

    /// Rings until it is silenced. Any thread; never waits.
    pub fn ring(&self) {
        // The only failure is a full buffer, and then it is ringing already.
        let _ = io::Write::write(&mut &self.ends.0, &[1]);
    }

    /// Ends the ringing so far.
    pub fn silence(&self) {
        let _ = io::Read::read(&mut &self.ends.1, &mut [0; 64]);
    }
}

#[cfg(not(unix))]
impl Bell {
    /// Event loops watch no file descriptors here.
    ///
    /// # Errors
    /// Always.
    pub fn new() -> io::Result<Bell> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// There is none.
    pub fn fileno(&self) -> i32 {
        -1
    }

    /// Nobody can hear it.
    pub fn ring(&self) {}

    /// It never rings.
    pub fn silence(&self) {}
}
