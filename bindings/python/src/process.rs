//! A client in a forked child: it works there on a session of its own, since connections and locks are the parent's.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use agglestone::binding::{Mutex, PerProcess, Session, SharedSession};
use agglestone::{Config, Result, SecretString};
use pyo3::Python;

/// A client's session, anew in each process that uses it.
pub struct Sessions {
    config: Config,
    closed: AtomicBool,
    /// The keys given at run time, if any: the configuration has older ones.
    keys: Mutex<Option<Keys>>,
    sessions: PerProcess<SharedSession>,
}

#[derive(Clone)]
struct Keys {
    primary: SecretString,
    secondary: Option<SecretString>,
}

impl Sessions {
    /// Makes this process's session.
    pub fn new(py: Python<'_>, config: Config) -> Sessions {
        let sessions = Sessions {
            config,
            closed: AtomicBool::new(false),
            keys: Mutex::default(),
            sessions: PerProcess::new(),
        };
        sessions.shared(py);
        sessions
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    /// This process's session, for one call.
    pub fn get(&self, py: Python<'_>) -> Result<Arc<Session>> {
        let shared = self.shared(py);
        // Closed in the parent, before the fork.
        if self.closed.load(SeqCst) {
            shared.close();
        }
        shared.get()
    }

    /// Replaces both keys, for this process and for its children.
    pub fn set_api_keys(
        &self,
        py: Python<'_>,
        primary: SecretString,
        secondary: Option<SecretString>,
    ) -> Result<()> {
        self.get(py)?.keys().set(&primary, secondary.as_ref())?;
        *self.keys.lock() = Some(Keys { primary, secondary });
        Ok(())
    }

    pub fn close(&self, py: Python<'_>) {
        self.closed.store(true, SeqCst);
        let shared = self.shared(py);
        // The transport's thread is waited for, and others may need the GIL meanwhile.
        py.detach(|| shared.close());
    }

    /// Made without the GIL: a session looks at its key files, on a disk that may not answer.
    fn shared(&self, py: Python<'_>) -> &SharedSession {
        self.sessions.get().unwrap_or_else(|| py.detach(|| self.make()))
    }

    fn make(&self) -> &SharedSession {
        self.sessions.get_or_init(|| {
            let shared = SharedSession::new(self.config.clone());
            // Locked only if another thread of the parent was replacing the keys at the moment of a fork.
            let keys = self.keys.try_lock().and_then(|keys| keys.clone());
            if let (Some(keys), Ok(session)) = (keys, shared.get()) {
                // They were accepted before.
                let _ = session.keys().set(&keys.primary, keys.secondary.as_ref());
            }
            shared
        })
    }
}
