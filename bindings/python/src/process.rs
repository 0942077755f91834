//! A client in a forked child: it works there on a session of its own, since connections and locks are the parent's.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, OnceLock};

use agglestone::Config;
use agglestone::error::Result;
use agglestone::session::{Session, SharedSession};

/// A client's session, anew in each process that uses it.
pub struct PerProcess {
    config: Config,
    closed: AtomicBool,
    first: Generation,
}

/// The session of one process, and that of its forked child, which sees this one's memory.
struct Generation {
    process: u32,
    session: Option<SharedSession>,
    child: OnceLock<Box<Generation>>,
}

impl PerProcess {
    pub fn new(config: Config) -> PerProcess {
        PerProcess {
            first: Generation::new(std::process::id(), &config),
            config,
            closed: AtomicBool::new(false),
        }
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    /// This process's session, for one call.
    pub fn session(&self) -> Result<Arc<Session>> {
        let shared = self.shared();
        // Closed in the parent, before the fork.
        if self.closed.load(SeqCst) {
            shared.close();
        }
        shared.get()
    }

    pub fn close(&self) {
        self.closed.store(true, SeqCst);
        self.shared().close();
    }

    fn shared(&self) -> &SharedSession {
        let process = std::process::id();
        let mut found = &self.first;
        while found.process != process {
            found = found.child.get_or_init(|| Box::new(Generation::new(process, &self.config)));
        }
        found.session.as_ref().expect("it is there until the drop")
    }
}

impl Generation {
    fn new(process: u32, config: &Config) -> Generation {
        Generation { process, session: Some(SharedSession::new(config.clone())), child: OnceLock::new() }
    }
}

impl Drop for Generation {
    /// The parent's session is left alone: closing its connections here would take them from the parent's epoll.
    fn drop(&mut self) {
        if self.process != std::process::id() {
            std::mem::forget(self.session.take());
        }
    }
}
