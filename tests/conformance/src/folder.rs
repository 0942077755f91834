//! A case's own folder, for keys that come from files.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result, bail};

/// A folder that is gone with this value.
pub struct Folder(PathBuf);

impl Folder {
    /// A new, empty one.
    pub fn new() -> Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path =
            std::env::temp_dir().join(format!("agglestone-conformance-{}-{number}", std::process::id()));
        fs::create_dir(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Replaces a file at once, as a mounted secret is replaced; without `text` removes it.
    pub fn put(&self, name: &str, text: Option<&str>) -> Result<()> {
        if name.contains(['/', '\\']) {
            bail!("{name} is not a file's name");
        }
        let path = self.0.join(name);
        match text {
            Some(text) => {
                let beside = self.0.join(format!(".{name}.new"));
                fs::write(&beside, text)?;
                fs::rename(&beside, &path)?;
            }
            None => fs::remove_file(&path)?,
        }
        Ok(())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::Folder;

    #[test]
    fn files_come_and_go_and_nothing_stays() {
        let folder = Folder::new().expect("a folder");
        let path = folder.path().join("key");
        folder.put("key", Some("one")).expect("written");
        folder.put("key", Some("two")).expect("replaced");
        assert_eq!(std::fs::read_to_string(&path).expect("read"), "two");
        folder.put("key", None).expect("removed");
        assert!(!path.exists() && folder.put("../key", Some("x")).is_err());
        let path = folder.path().to_path_buf();
        drop(folder);
        assert!(!path.exists());
    }
}
