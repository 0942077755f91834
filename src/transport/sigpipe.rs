//! Keeps the signal SIGPIPE away from the threads that write to sockets.

/// Runs `start` so that threads which it starts, and the threads that those start, never get a SIGPIPE.
///
/// Writing to a connection that the other side has reset raises it, and by default it ends the process. The runtimes of most
/// languages ignore it. A C program need not, and what a signal does is for the whole process to say, so not for a
/// library. A write can ask for no signal, but not one of several buffers at once, which TLS and HTTP/2 use.
#[cfg(unix)]
pub(crate) fn blocked<T>(start: impl FnOnce() -> T) -> T {
    use nix::sys::signal::{SigSet, SigmaskHow, Signal};

    /// The calling thread's own mask comes back whatever happens.
    struct Before(Option<SigSet>);
    impl Drop for Before {
        fn drop(&mut self) {
            let _ = self.0.map(|mask| mask.thread_set_mask());
        }
    }

    let _before = Before(SigSet::from(Signal::SIGPIPE).thread_swap_mask(SigmaskHow::SIG_BLOCK).ok());
    start()
}

/// Elsewhere there is no such signal.
#[cfg(not(unix))]
pub(crate) fn blocked<T>(start: impl FnOnce() -> T) -> T {
    start()
}

#[cfg(all(test, unix))]
mod tests {
    use nix::sys::signal::{SigSet, Signal};

    #[test]
    fn threads_inherit_the_block_and_the_caller_keeps_its_own_mask() {
        let is_blocked = || SigSet::thread_get_mask().unwrap().contains(Signal::SIGPIPE);
        let inside = super::blocked(|| std::thread::spawn(is_blocked).join().unwrap());
        assert!(inside && !is_blocked());
    }
}
