//! Takes and restores snapshots of a running emulator, and keeps the last one in its data file.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::keys::Slot;
use crate::snapshot::{Restored, Snapshot};
use crate::state::Shared;
use crate::sync::locked;

/// Where snapshots are kept, and what was written there last.
pub(crate) struct DataFile {
    path: PathBuf,
    written: Mutex<String>,
}

impl DataFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, written: Mutex::default() }
    }

    /// Writes what has changed, whole or not at all.
    pub(crate) fn save(&self, shared: &Shared) -> io::Result<()> {
        // One at a time, from the reading of the state on, so that an older one never replaces a newer one.
        let mut written = locked(&self.written);
        let text = take(shared);
        if *written != text {
            replace(&self.path, &text)?;
            *written = text;
        }
        Ok(())
    }
}

/// Everything that outlives the emulator, as text. Waits for the signing key, if it is still in the making.
pub(crate) fn take(shared: &Shared) -> String {
    let signing = Arc::clone(&shared.lock().signing);
    let signing_key = signing.pair().pem.clone();
    let state = shared.lock();
    let [primary, secondary] = Slot::ALL.map(|slot| state.keys.get(slot).to_owned());
    let snapshot = Snapshot {
        tenant_id: shared.tenant.clone(),
        primary_api_key: primary,
        secondary_api_key: secondary,
        signing_key,
        revoked: state.revoked.numbers(),
        users: state.users.all().map(|user| user.json().to_owned()).collect(),
    };
    serde_json::to_string_pretty(&snapshot).expect("a snapshot is JSON") + "\n"
}

/// Makes the emulator what the snapshot was taken of. Journal, faults and clock stay.
pub(crate) fn restore(shared: &Shared, restored: Restored) {
    let now = shared.clock.now();
    let mut state = shared.lock();
    state.keys.set_both(restored.primary_api_key, restored.secondary_api_key, now);
    state.users = restored.users;
    state.signing = restored.signing;
    state.revoked.restore(restored.revoked);
}

/// Replaces the file by one that only its owner may read, because keys are in it.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
