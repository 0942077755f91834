//! Stamps: a made thing carries the hash of what it was made from, so a warm run does nothing.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// Collects what a thing is made from.
#[derive(Default)]
pub struct Inputs(Sha256);

impl Inputs {
    /// Adds a word: a version, an option, a tool's name.
    pub fn text(mut self, text: impl AsRef<[u8]>) -> Self {
        let bytes = text.as_ref();
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self
    }

    /// Adds a file's path and content.
    pub fn file(self, path: &Path) -> Result<Self> {
        let content = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(self.text(path.to_string_lossy().as_bytes()).text(content))
    }

    /// Adds several files.
    pub fn files(self, paths: &[PathBuf]) -> Result<Self> {
        paths.iter().try_fold(self, |inputs, path| inputs.file(path))
    }

    /// The hash over everything added, in its order.
    pub fn hash(self) -> String {
        hex(&self.0.finalize())
    }
}

/// Runs `make` unless the file `stamp` says that it was already done with these inputs; then writes the stamp. True if it ran.
pub fn unless_stamped(stamp: &Path, inputs: Inputs, make: impl FnOnce() -> Result<()>) -> Result<bool> {
    let hash = inputs.hash();
    if holds(stamp, &hash) {
        return Ok(false);
    }
    // A stamp left from before must not vouch for a half-made thing.
    let _ = fs::remove_file(stamp);
    make()?;
    if let Some(folder) = stamp.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(stamp, hash).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(true)
}

/// Whether the file `stamp` has this hash.
pub fn holds(stamp: &Path, hash: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|old| old == hash)
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
