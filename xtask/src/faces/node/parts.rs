//! What the packages are put together from: the addon by cargo, the JavaScript by TypeScript, and npm itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::super::native;
use crate::process;
use crate::report;
use crate::stamp::{self, Inputs};
use crate::workspace::{Profile, Workspace, files, files_below};

/// npm, which reports nothing but what it was asked for.
pub fn npm(workspace: &Workspace) -> Command {
    let mut npm = process::command(workspace, "npm");
    npm.env("npm_config_audit", "false")
        .env("npm_config_fund", "false")
        .env("npm_config_update_notifier", "false");
    npm
}

/// Installs what building needs, unless it is there.
pub fn install_dependencies(workspace: &Workspace, folder: &Path) -> Result<()> {
    let inputs = Inputs::default().file(&folder.join("package-lock.json"))?;
    // Inside, so that a removed folder takes its stamp with it.
    stamp::unless_stamped(&folder.join("node_modules/.xtask-stamp"), inputs, || {
        report::step("Node: npm ci", || {
            let mut npm = npm(workspace);
            process::quiet(workspace, "npm-ci", npm.args(["ci", "--ignore-scripts"]).current_dir(folder))
                .map(|_| ())
        })
    })?;
    Ok(())
}

/// Has cargo build the addon; gives the library.
pub fn addon(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    report::live_step(&format!("cargo build: Node addon, {}", profile.name()), || {
        let mut cargo = native::cargo(workspace, profile)?;
        process::live(cargo.args(["--package", "agglestone-node"]))
    })?;
    Ok(workspace.built_as(profile, &workspace.platform().shared_library("agglestone_node")))
}

/// Compiles the JavaScript, unless it is up to date.
pub fn compile(workspace: &Workspace, folder: &Path) -> Result<()> {
    let inputs = Inputs::default()
        .files(&files_below(&folder.join("src"), &["ts", "mts", "cts"]))?
        .files(&files(folder, &["json"]))?;
    // Not in `dist`, which is packed whole.
    let stamp = workspace.made("node/dist.stamp");
    if !folder.join("dist").exists() {
        let _ = fs::remove_file(&stamp);
    }
    stamp::unless_stamped(&stamp, inputs, || {
        report::step("Node: npm run build", || {
            let mut npm = npm(workspace);
            process::quiet(workspace, "npm-build", npm.args(["run", "build"]).current_dir(folder)).map(|_| ())
        })
    })?;
    Ok(())
}
