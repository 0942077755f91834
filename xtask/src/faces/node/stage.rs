//! The npm packages as they are installed: `agglestone`, which is JavaScript, and one for each platform with the addon, of which npm
//! takes the one that fits. They are laid out below `target/`, so that what is tried here is never what a checkout installs.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::parts::{addon, compile, install_dependencies, npm};
use crate::layout;
use crate::notices;
use crate::platform::{PLATFORMS, Platform};
use crate::process;
use crate::report;
use crate::workspace::{Profile, Workspace, files, files_below};

/// Which kinds of files a package holds; what else lies in the folder is not for users.
const KINDS: [&str; 7] = ["js", "cjs", "mjs", "ts", "mts", "map", "md"];

/// The folders of both packages, in a `node_modules` so that programs beside it find them.
pub struct Staged {
    /// `agglestone`
    pub main: PathBuf,
    /// `@agglestone/PLATFORM`
    pub addon: PathBuf,
}

/// Lays out both packages in `project`, for one platform.
pub fn stage(workspace: &Workspace, profile: Profile, project: &Path) -> Result<Staged> {
    let folder = workspace.source("node");
    install_dependencies(workspace, &folder)?;
    compile(workspace, &folder)?;
    let library = addon(workspace, profile)?;
    let platform = workspace.platform();
    let modules = project.join("node_modules");
    let _ = fs::remove_dir_all(project);
    let staged =
        Staged { main: modules.join("agglestone"), addon: modules.join("@agglestone").join(platform.npm) };
    let built = ["dist", "src"].map(|part| files_below(&folder.join(part), &KINDS)).concat();
    for file in files(&folder, &KINDS).into_iter().chain(built) {
        layout::copy(
            &file,
            &staged.main.join(file.strip_prefix(&folder).context("it lies in the package")?),
        )?;
    }
    let manifest: Value = serde_json::from_slice(&fs::read(folder.join("package.json"))?)?;
    publishable(workspace, &staged.main, &folder.join("package.json"), "@agglestone/")?;

    layout::copy(&library, &staged.addon.join(addon_file(platform)))?;
    write_json(&staged.addon.join("package.json"), &addon_manifest(&manifest, platform))?;
    let what = format!(
        "# @agglestone/{}\n\nThe native addon of [agglestone](https://www.npmjs.com/package/agglestone) for one platform. \
         Install `agglestone`, which brings it.\n",
        platform.npm
    );
    fs::write(staged.addon.join("README.md"), what)?;
    for package in [&staged.main, &staged.addon] {
        for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
            layout::copy(&workspace.source(licence), &package.join(licence))?;
        }
    }
    layout::copy(&workspace.source(notices::NAME), &staged.addon.join(notices::NAME))?;
    Ok(staged)
}

/// Packs the folder of a package into `output`; gives the archive.
pub fn pack(workspace: &Workspace, package: &Path, output: &Path) -> Result<PathBuf> {
    fs::create_dir_all(output)?;
    let mut pack = npm(workspace);
    pack.args(["pack", "--ignore-scripts", "--json", "--pack-destination"]).arg(output).current_dir(package);
    let said: Value = report::step(&format!("npm pack: {}", workspace.shown(package)), || {
        serde_json::from_str(&process::output(&mut pack)?).context("npm pack's answer")
    })?;
    // A list, or since npm 12 an object by name.
    let one = said.get(0).or_else(|| said.as_object()?.values().next());
    let name = one.and_then(|one| one["filename"].as_str()).context("npm pack names no file")?;
    let archive = output.join(name);
    ensure!(archive.is_file(), "npm pack left no {}", archive.display());
    Ok(archive)
}

/// The file that `node/src/native.ts` looks for.
pub fn addon_file(platform: &Platform) -> String {
    format!("agglestone.{}.node", platform.npm)
}

/// What a checkout's manifest is to users: without what only building needs, with the packages of each platform, whose names begin
/// with `prefix`. By npm, because the order of `exports` has a meaning.
pub fn publishable(workspace: &Workspace, package: &Path, manifest: &Path, prefix: &str) -> Result<()> {
    layout::copy(manifest, &package.join("package.json"))?;
    let edit = |arguments: &[String]| {
        let mut npm = npm(workspace);
        npm.arg("pkg").args(arguments).current_dir(package);
        process::quiet(workspace, "npm-pkg", &mut npm).map(|_| ())
    };
    edit(&["delete", "private", "scripts", "devDependencies"].map(String::from))?;
    let version = env!("CARGO_PKG_VERSION");
    let platforms = PLATFORMS.iter().map(|platform| platform.npm);
    let all = platforms.map(|platform| format!("optionalDependencies.{prefix}{platform}={version}"));
    edit(&[vec!["set".to_string()], all.collect()].concat())
}

fn addon_manifest(source: &Value, platform: &Platform) -> Value {
    let (system, processor, library) = platform.npm_parts();
    let mut manifest = json!({
        "name": format!("@agglestone/{}", platform.npm),
        "version": source["version"],
        "description": format!("Native addon of agglestone for {}", platform.triple),
        "license": source["license"],
        "repository": source["repository"],
        "engines": source["engines"],
        "os": [system],
        "cpu": [processor],
        "main": addon_file(platform),
        "files": [addon_file(platform), notices::NAME],
    });
    if let Some(library) = library {
        manifest["libc"] = json!([library]);
    }
    manifest
}

fn write_json(path: &Path, value: &Value) -> Result<()> {
    fs::write(path, format!("{value:#}\n")).with_context(|| format!("cannot write {}", path.display()))
}
