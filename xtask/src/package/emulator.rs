//! The emulator: a program in an archive, and the same program in a wheel and in npm packages, where the testing modules find it.

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

const NAME: &str = "agglestone-emulator";

/// All of its packages for one platform.
pub fn pack(workspace: &Workspace, dist: &Path) -> Result<Vec<PathBuf>> {
    build(workspace)?;
    let program = workspace.built_as(Profile::Release, &workspace.platform().program(NAME));
    ensure_there(&program)?;
    let mut made = vec![archive(workspace, &program, dist)?];
    made.push(faces::python::program_wheel(workspace, "emulator", dist)?);
    made.extend(npm(workspace, &program, dist)?);
    Ok(made)
}

/// Alone: with it in the same build, the client's dependencies would have features that only the emulator needs.
pub fn build(workspace: &Workspace) -> Result<()> {
    report::live_step("cargo build: emulator, release", || {
        process::live(release::cargo(workspace)?.args(["--package", NAME]))
    })
}

fn archive(workspace: &Workspace, program: &Path, dist: &Path) -> Result<PathBuf> {
    let folder =
        workspace.made("package").join(format!("{NAME}-{}-{}", version(), workspace.platform().triple));
    let _ = fs::remove_dir_all(&folder);
    layout::copy(program, &folder.join(program.file_name().context("a program has a name")?))?;
    documents(workspace, &folder)?;
    layout::archive(workspace, &folder, dist)
}

/// A package with the program for one platform, and one that knows where it is.
fn npm(workspace: &Workspace, program: &Path, dist: &Path) -> Result<[PathBuf; 2]> {
    let platform = workspace.platform();
    let (system, processor, library) = platform.npm_parts();
    let modules = workspace.made("package/emulator-npm");
    let _ = fs::remove_dir_all(&modules);
    let (main, binary) = (modules.join(NAME), modules.join("binary"));
    let shared = json!({
        "version": version(),
        "license": "MIT OR Apache-2.0",
        "repository": "https://github.com/agglestone/agglestone-client",
        "engines": {"node": ">=20"},
    });

    let file = program.file_name().context("a program has a name")?.to_string_lossy().into_owned();
    layout::copy(program, &binary.join(&file))?;
    layout::executable(&binary.join(&file))?;
    let mut manifest = shared.as_object().cloned().unwrap_or_default();
    manifest.insert("name".into(), format!("@agglestone/emulator-{}", platform.npm).into());
    manifest.insert("description".into(), format!("The Agglestone emulator for {}", platform.triple).into());
    manifest.insert("os".into(), json!([system]));
    manifest.insert("cpu".into(), json!([processor]));
    if let Some(library) = library {
        manifest.insert("libc".into(), json!([library]));
    }
    // Programs don't run out of an archive.
    manifest.insert("preferUnplugged".into(), true.into());
    write_manifest(&binary, manifest)?;

    let source = workspace.source("emulator/npm");
    for name in ["index.js", "index.d.ts", "cli.js"] {
        layout::copy(&source.join(name), &main.join(name))?;
    }
    faces::node::publishable(workspace, &main, &source.join("package.json"), "@agglestone/emulator-")?;
    for folder in [&main, &binary] {
        documents(workspace, folder)?;
    }
    Ok([faces::node::pack(workspace, &main, dist)?, faces::node::pack(workspace, &binary, dist)?])
}

fn write_manifest(folder: &Path, manifest: Map<String, Value>) -> Result<()> {
    layout::write(&folder.join("package.json"), &format!("{:#}\n", Value::Object(manifest)))
}

fn documents(workspace: &Workspace, folder: &Path) -> Result<()> {
    for name in ["LICENSE-APACHE", "LICENSE-MIT"] {
        layout::copy(&workspace.source(name), &folder.join(name))?;
    }
    for name in ["README.md", notices::NAME] {
        layout::copy(&workspace.source("emulator").join(name), &folder.join(name))?;
    }
    Ok(())
}
