//! A client in a forked child: it works there on a session of its own, since connections and locks are the parent's.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use agglestone::error::Result;
use agglestone::session::{Session, SharedSession};
use agglestone::{Config, SecretString};

/// A client's session, anew in each process that uses it.
pub struct PerProcess {
    config: Config,
    closed: AtomicBool,
    /// The keys given at run time, if any: the configuration has older ones.
    keys: Mutex<Option<Keys>>,
    first: Generation,
}

#[derive(Clone)]
struct Keys {
    primary: SecretString,
    secondary: Option<SecretString>,
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
            keys: Mutex::default(),
        }
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    /// This process's session, for one call.
    pub fn get(&self) -> Result<Arc<Session>> {
        let shared = self.shared();
        // Closed in the parent, before the fork.
        if self.closed.load(SeqCst) {
            shared.close();
        }
        shared.get()
    }

    /// Replaces both keys, for this process and for its children.
    pub fn set_api_keys(&self, primary: SecretString, secondary: Option<SecretString>) -> Result<()> {
        self.get()?.keys().set(&primary, secondary.as_ref())?;
        *self.keys.lock().unwrap_or_else(PoisonError::into_inner) = Some(Keys { primary, secondary });
        Ok(())
    }

    pub fn close(&self) {
        self.closed.store(true, SeqCst);
        self.shared().close();
    }

    fn shared(&self) -> &SharedSession {
        let process = std::process::id();
        let mut found = &self.first;
        while found.process != process {
            found = found.child.get_or_init(|| Box::new(self.inherit(process)));
        }
        found.session.as_ref().expect("it is there until the drop")
    }

    fn inherit(&self, process: u32) -> Generation {
        let generation = Generation::new(process, &self.config);
        // Locked only if another thread of the parent was replacing the keys at the moment of the fork.
        let keys = self.keys.try_lock().ok().and_then(|keys| keys.clone());
        if let (Some(keys), Some(Ok(session))) = (keys, generation.session.as_ref().map(SharedSession::get)) {
            // They were accepted before.
            let _ = session.keys().set(&keys.primary, keys.secondary.as_ref());
        }
        generation
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
