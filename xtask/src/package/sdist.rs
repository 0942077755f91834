//! Python's source distribution, as maturin makes it but for what only this tree's tests need: cargo reads the manifest of every crate
//! that is named in a workspace, so a crate that isn't packed must not be named either.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use toml::{Table, Value};

use super::facts::version;
use crate::faces;
use crate::layout;
use crate::process;
use crate::workspace::Workspace;

/// What maturin packs because the core's tests depend on it, or because it lies in the core's folder.
const NOT_NEEDED: [&str; 2] = ["emulator", "examples"];

/// The archive in `dist`.
pub fn archive(workspace: &Workspace, dist: &Path) -> Result<PathBuf> {
    let whole = faces::python::source_distribution(workspace)?;
    let parent = workspace.made("package/sdist");
    let _ = fs::remove_dir_all(&parent);
    fs::create_dir_all(&parent)?;
    let mut tar = process::command(workspace, "tar");
    process::quiet(workspace, "sdist-unpack", tar.arg("-xzf").arg(&whole).arg("-C").arg(&parent))?;
    let folder = parent.join(format!("agglestone-{}", version()));
    for name in NOT_NEEDED {
        fs::remove_dir_all(folder.join(name)).with_context(|| format!("maturin left no {name}/"))?;
    }
    // maturin leaves the core's in its place.
    layout::copy(&workspace.source("python/README.md"), &folder.join("README.md"))?;
    let manifest = folder.join("Cargo.toml");
    fs::write(&manifest, without_tests(&fs::read_to_string(&manifest)?)?)?;
    // The same versions, without those that only tests need.
    let mut cargo = process::cargo(workspace);
    cargo.args(["update", "--workspace", "--offline", "--manifest-path"]).arg(&manifest);
    process::quiet(workspace, "sdist-lock", &mut cargo)?;
    layout::archive(workspace, &folder, dist)
}

/// The workspace's manifest without the emulator, without what tests depend on, and without how they are compiled.
fn without_tests(manifest: &str) -> Result<String> {
    let mut manifest: Table = manifest.parse().context("Cargo.toml of the source distribution")?;
    manifest.remove("dev-dependencies");
    let profiles = manifest.get_mut("profile").and_then(Value::as_table_mut).context("there are profiles")?;
    profiles.remove("dev");
    let workspace =
        manifest.get_mut("workspace").and_then(Value::as_table_mut).context("it is a workspace")?;
    workspace.remove("default-members");
    let members = workspace.get_mut("members").and_then(Value::as_array_mut).context("it has members")?;
    members.retain(|member| member.as_str() != Some("emulator"));
    let shared =
        workspace.get_mut("dependencies").and_then(Value::as_table_mut).context("they share versions")?;
    shared.remove("agglestone-emulator");
    Ok(toml::to_string(&manifest)?)
}

#[cfg(test)]
mod tests {
    use super::without_tests;

    #[test]
    fn the_emulator_is_named_nowhere_and_releases_are_built_as_here() {
        let whole = include_str!("../../../Cargo.toml");
        let cut = without_tests(whole).expect("it can be read");
        assert!(whole.contains("emulator") && !cut.contains("emulator"), "{cut}");
        assert!(cut.contains("[profile.release]") && cut.contains("lto = \"fat\""), "{cut}");
    }
}
