//! The tenant's API keys as one value, so that no call ever sees an old key beside a new one.

use std::sync::{Arc, RwLock};

use crate::secret::ApiKey;

/// A primary key and, optionally, the secondary (`service.md`, "API keys").
#[derive(Clone, Debug)]
pub struct Keys {
    /// The key that calls use.
    pub primary: ApiKey,
    /// The tenant's other key.
    pub secondary: Option<ApiKey>,
}

impl Keys {
    /// Both keys, for the places that must recognise one (an echoed key in an answer, say).
    pub(crate) fn iter(&self) -> impl Iterator<Item = &ApiKey> {
        std::iter::once(&self.primary).chain(&self.secondary)
    }
}

/// Holds the keys that calls start with. A call takes the pair once and keeps it to its end.
#[derive(Debug)]
pub struct KeyRing(RwLock<Arc<Keys>>);

impl KeyRing {
    pub(crate) fn new(keys: Keys) -> KeyRing {
        KeyRing(RwLock::new(Arc::new(keys)))
    }

    /// The pair in use at this moment.
    pub fn current(&self) -> Arc<Keys> {
        self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}
