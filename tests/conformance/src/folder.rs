//! A case's own folder, for keys that come from files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
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

    /// Replaces a file at once, as a mounted secret is replaced; without `text` removes it. `mode` is what `chmod` takes.
    pub fn put(&self, name: &str, text: Option<&str>, mode: Option<&str>) -> Result<()> {
        let path = self.at(name)?;
        match text {
            Some(text) => {
                let beside = self.0.join(format!(".{name}.new"));
                fs::write(&beside, text)?;
                if let Some(mode) = mode {
                    done(Command::new("chmod").arg(mode).arg(&beside))?;
                }
                fs::rename(&beside, &path)?;
            }
            None => fs::remove_file(&path)?,
        }
        Ok(())
    }

    /// A named pipe, into which the text is written for the first who reads; then it has no writer any more.
    pub fn pipe(&self, name: &str, text: String) -> Result<()> {
        let path = self.at(name)?;
        done(Command::new("mkfifo").arg(&path))?;
        // Waits for the reader. Should there be none, it waits until this program ends.
        std::thread::spawn(move || fs::write(path, text));
        Ok(())
    }

    fn at(&self, name: &str) -> Result<PathBuf> {
        if name.contains(['/', '\\']) {
            bail!("{name} is not a file's name");
        }
        Ok(self.0.join(name))
    }
}

fn done(command: &mut Command) -> Result<()> {
    if !command.status()?.success() {
        bail!("{command:?} failed");
    }
    Ok(())
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
        folder.put("key", Some("one"), None).expect("written");
        folder.put("key", Some("two"), None).expect("replaced");
        assert_eq!(std::fs::read_to_string(&path).expect("read"), "two");
        folder.put("key", None, None).expect("removed");
        assert!(!path.exists() && folder.put("../key", Some("x"), None).is_err());
        let path = folder.path().to_path_buf();
        drop(folder);
        assert!(!path.exists());
    }
}
