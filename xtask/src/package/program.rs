//! Programs: each in an archive, and in a wheel and in npm packages, where the clients find it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use super::facts::{ensure_there, version};
use crate::faces;
use crate::layout;
use crate::notices;
use crate::process;
use crate::release;
use crate::report;
use crate::workspace::{Profile, Workspace};

/// A program that is a package of its own.
#[derive(Clone, Copy)]
pub struct Program {
    /// Its crate, and its packages but for npm's by platform.
    package: &'static str,
    /// The file.
    file: &'static str,
    /// Where its sources and documents are.
    folder: &'static str,
}

pub const EMULATOR: Program =
    Program { package: "agglestone-emulator", file: "agglestone-emulator", folder: "emulator" };
pub const COMMAND: Program = Program { package: "agglestone-cli", file: "agglestone", folder: "cli" };

/// All of its packages for one platform.
pub fn pack(workspace: &Workspace, program: Program, dist: &Path) -> Result<Vec<PathBuf>> {
    build(workspace, program)?;
    let built = workspace.built_as(Profile::Release, &workspace.platform().program(program.file));
    ensure_there(&built)?;
    let mut made = vec![archive(workspace, program, &built, dist)?];
    made.push(faces::python::program_wheel(workspace, program.folder, dist)?);
    made.extend(npm(workspace, program, &built, dist)?);
    Ok(made)
}

/// Alone: with it in the same build, the client's dependencies would have features that only the program needs.
pub fn build(workspace: &Workspace, program: Program) -> Result<()> {
    report::live_step(&format!("cargo build: {}, release", program.folder), || {
        process::live(release::cargo(workspace)?.args(["--package", program.package]))
    })
}

fn archive(workspace: &Workspace, program: Program, built: &Path, dist: &Path) -> Result<PathBuf> {
    let name = format!("{}-{}-{}", program.package, version(), workspace.platform().triple);
    let folder = workspace.made("package").join(name);
    let _ = fs::remove_dir_all(&folder);
    layout::copy(built, &folder.join(built.file_name().context("a program has a name")?))?;
    documents(workspace, program, &folder)?;
    layout::archive(workspace, &folder, dist)
}

/// A package with the program for one platform, and one that knows where it is.
fn npm(workspace: &Workspace, program: Program, built: &Path, dist: &Path) -> Result<[PathBuf; 2]> {
    let platform = workspace.platform();
    let (system, processor, library) = platform.npm_parts();
    let modules = workspace.made("package").join(format!("{}-npm", program.folder));
    let _ = fs::remove_dir_all(&modules);
    let (main, binary) = (modules.join(program.package), modules.join("binary"));
    let scope = format!("@agglestone/{}-", program.folder);
    let shared = json!({
        "version": version(),
        "license": "MIT OR Apache-2.0",
        "repository": "https://github.com/agglestone/agglestone-client",
        "engines": {"node": ">=20"},
    });

    let file = built.file_name().context("a program has a name")?.to_string_lossy().into_owned();
    layout::copy(built, &binary.join(&file))?;
    layout::executable(&binary.join(&file))?;
    let mut manifest = shared.as_object().cloned().unwrap_or_default();
    manifest.insert("name".into(), format!("{scope}{}", platform.npm).into());
    manifest.insert(
        "description".into(),
        format!("The program of {} for {}", program.package, platform.triple).into(),
    );
    manifest.insert("os".into(), json!([system]));
    manifest.insert("cpu".into(), json!([processor]));
    if let Some(library) = library {
        manifest.insert("libc".into(), json!([library]));
    }
    // Programs don't run out of an archive.
    manifest.insert("preferUnplugged".into(), true.into());
    write_manifest(&binary, manifest)?;

    for name in ["index.js", "index.d.ts", "cli.js"] {
        layout::copy(&workspace.source("xtask/npm").join(name), &main.join(name))?;
    }
    let manifest = workspace.source(program.folder).join("npm/package.json");
    faces::node::publishable(workspace, &main, &manifest, &scope)?;
    for folder in [&main, &binary] {
        documents(workspace, program, folder)?;
    }
    Ok([faces::node::pack(workspace, &main, dist)?, faces::node::pack(workspace, &binary, dist)?])
}

fn write_manifest(folder: &Path, manifest: Map<String, Value>) -> Result<()> {
    layout::write(&folder.join("package.json"), &format!("{:#}\n", Value::Object(manifest)))
}

fn documents(workspace: &Workspace, program: Program, folder: &Path) -> Result<()> {
    for name in ["LICENSE-APACHE", "LICENSE-MIT"] {
        layout::copy(&workspace.source(name), &folder.join(name))?;
    }
    for name in ["README.md", notices::NAME] {
        layout::copy(&workspace.source(program.folder).join(name), &folder.join(name))?;
    }
    Ok(())
}
