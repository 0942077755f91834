//! Notices forks. A forked child has its parent's memory and none of its threads, so whatever stands on threads has to be made
//! anew there, and what it inherited has to be left alone.
//!
//! A process id would not do: parent and child can have the same one in nested namespaces, and asking for it is a system call.

#[cfg(unix)]
mod unix {
    use std::sync::Once;
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

    static FORKS: AtomicU64 = AtomicU64::new(0);
    static WATCH: Once = Once::new();

    extern "C" fn in_the_child() {
        FORKS.fetch_add(1, Relaxed);
    }

    pub fn generation() -> u64 {
        WATCH.call_once(|| {
            // SAFETY: the handler is a function of this library, which the C library forgets when it is unloaded, and it only
            // adds to an atomic number, which is allowed at this point.
            let refused = unsafe { libc::pthread_atfork(None, None, Some(in_the_child)) };
            assert_eq!(refused, 0, "there is memory for one more fork handler");
        });
        FORKS.load(Relaxed)
    }
}

/// How many forks lie between the process that first asked and this one: another number than a moment ago means that this is a
/// forked child. Costs a look at memory.
#[cfg(unix)]
pub fn generation() -> u64 {
    unix::generation()
}

/// Elsewhere a process has no forked children.
#[cfg(not(unix))]
pub fn generation() -> u64 {
    0
}

#[cfg(all(test, unix))]
mod tests {
    #[test]
    fn a_child_is_another_generation_and_the_parent_stays_what_it_was() {
        let before = super::generation();
        // SAFETY: the child calls nothing but the function under test and `_exit`.
        let child = unsafe { libc::fork() };
        if child == 0 {
            let differs = super::generation() != before;
            // SAFETY: ends the child at once, without the test harness noticing.
            unsafe { libc::_exit(i32::from(!differs)) };
        }
        let mut status = 0;
        // SAFETY: waits for the child just made, with a place for its status.
        assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
        assert_eq!((status, super::generation()), (0, before));
    }
}
