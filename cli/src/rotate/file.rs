//! A key file that is replaced as a whole: whoever reads it finds the old key or the new one.

use std::fs;
use std::io::Write;
use std::path::Path;

use agglestone::SecretString;
use anyhow::{Context, Result, ensure};
use secrecy::ExposeSecret;
use tempfile::NamedTempFile;

/// Whether the file is there and a new one can stand beside it: asked before any key is replaced.
pub fn can_be_replaced(file: &Path) -> Result<()> {
    let kind = fs::metadata(file).with_context(|| format!("{} can't be read", file.display()))?;
    ensure!(kind.is_file(), "{} is not a regular file", file.display());
    beside(file).map(drop)
}

/// Writes the key and takes the old file's place, with its permissions.
pub fn replace(file: &Path, key: &SecretString) -> Result<()> {
    let mut new = beside(file)?;
    new.as_file().set_permissions(fs::metadata(file)?.permissions())?;
    writeln!(new, "{}", key.expose_secret())?;
    new.as_file().sync_all()?;
    new.persist(target(file)?)?;
    Ok(())
}

fn beside(file: &Path) -> Result<NamedTempFile> {
    let target = target(file)?;
    let folder = target.parent().unwrap_or(Path::new("."));
    NamedTempFile::with_prefix_in(".agglestone-", folder)
        .with_context(|| format!("{} can't be written", folder.display()))
}

/// What a link leads to is replaced, and the link stays.
fn target(file: &Path) -> Result<std::path::PathBuf> {
    fs::canonicalize(file).with_context(|| format!("{} can't be read", file.display()))
}
