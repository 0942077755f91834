//! Files where a package wants them, and archives of folders.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process;
use crate::workspace::Workspace;

/// Copies a file into a folder that may not be there yet. A new file, not new content in the old one: that may be mapped.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to.parent().context("a file lies in a folder")?)?;
    let _ = fs::remove_file(to);
    fs::copy(from, to).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    Ok(())
}

/// Writes a text, with its folder.
pub fn write(to: &Path, text: &str) -> Result<()> {
    fs::create_dir_all(to.parent().context("a file lies in a folder")?)?;
    fs::write(to, text).with_context(|| format!("cannot write {}", to.display()))
}

/// Lets a file be run.
#[cfg(unix)]
pub fn executable(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;

    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
        .with_context(|| format!("cannot make {} a program", path.display()))
}

/// Lets a file be run.
#[cfg(not(unix))]
pub fn executable(_: &Path) -> Result<()> {
    Ok(())
}

/// Makes `link` another name of `name` beside it.
#[cfg(unix)]
pub fn link(name: &str, link: &Path) -> Result<()> {
    let _ = fs::remove_file(link);
    std::os::unix::fs::symlink(name, link).with_context(|| format!("cannot make {}", link.display()))
}

/// Makes `link` another name of `name` beside it.
#[cfg(not(unix))]
pub fn link(name: &str, link: &Path) -> Result<()> {
    copy(&link.with_file_name(name), link)
}

/// `folder` as `output/FOLDER.tar.gz`, the same bytes for the same files.
pub fn archive(workspace: &Workspace, folder: &Path, output: &Path) -> Result<PathBuf> {
    let name = folder.file_name().context("a folder has a name")?.to_string_lossy().into_owned();
    let archive = output.join(format!("{name}.tar.gz"));
    let mut tar = process::command(workspace, "tar");
    if cfg!(target_os = "linux") {
        tar.args(["--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mtime=2000-01-01T00:00Z"]);
        tar.env("GZIP", "-n");
    }
    tar.arg("-czf").arg(&archive).arg("-C").arg(folder.parent().context("it lies in a folder")?).arg(&name);
    process::quiet(workspace, "tar", &mut tar)?;
    Ok(archive)
}
