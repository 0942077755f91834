//! Key files as a mounted secret has them, and the name by which a key may be shown.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::stamp::hex;

/// One of a tenant's two keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    Primary,
    Secondary,
}

impl Slot {
    /// As the control API and the files call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
        }
    }
}

/// A service's own pair of files, gone with this value.
pub struct KeyFiles {
    folder: PathBuf,
}

impl KeyFiles {
    /// Writes both keys into `folder`.
    pub fn create(folder: PathBuf, keys: &[String; 2]) -> Result<Self> {
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let files = Self { folder };
        files.replace(Slot::Primary, &keys[0])?;
        files.replace(Slot::Secondary, &keys[1])?;
        Ok(files)
    }

    /// Where the key of `slot` is.
    pub fn path(&self, slot: Slot) -> PathBuf {
        self.folder.join(slot.name())
    }

    /// Writes beside the file and renames over it: whoever reads meanwhile gets the old key or the new one, never half of one.
    pub fn replace(&self, slot: Slot, key: &str) -> Result<()> {
        let (path, fresh) = (self.path(slot), self.folder.join(format!(".{}.new", slot.name())));
        let written = fs::write(&fresh, key).and_then(|()| fs::rename(&fresh, &path));
        written.with_context(|| format!("cannot replace {}", path.display()))
    }
}

impl Drop for KeyFiles {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// First 8 hex digits of the key's SHA-256: what clients, emulator and portal show of a key.
pub fn fingerprint(key: &str) -> String {
    hex(&Sha256::digest(key)[..4])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replaced_file_holds_the_new_key_and_nothing_is_left_beside_it() {
        let folder = std::env::temp_dir().join(format!("agglestone-keys-{}", std::process::id()));
        let files = KeyFiles::create(folder.clone(), &["p1".into(), "s1".into()]).expect("both are written");
        files.replace(Slot::Primary, "p2").expect("it is replaced");
        assert_eq!(fs::read_to_string(files.path(Slot::Primary)).expect("it is there"), "p2");
        assert_eq!(fs::read_to_string(files.path(Slot::Secondary)).expect("it is there"), "s1");
        assert_eq!(fs::read_dir(&folder).expect("the folder is there").count(), 2);
        drop(files);
        assert!(!folder.exists(), "keys are not left behind");
    }

    #[test]
    fn a_fingerprint_is_the_start_of_the_sha_256() {
        assert_eq!(fingerprint("abc"), "ba7816bf");
    }
}
