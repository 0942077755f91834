//! `cargo xtask package`: what is published, built once and laid into `dist/`. The benchmarks measure the same files.

mod bom;
mod c;
mod facts;
mod program;
mod sdist;
#[cfg(test)]
mod versions;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::ValueEnum;

pub use self::facts::{Kind, version};
use crate::dotnet::Dotnet;
use crate::faces;
use crate::layout;
use crate::platform::{PLATFORMS, Platform};
use crate::process;
use crate::release;
use crate::report;
use crate::workspace::{Profile, Workspace};

/// Packs `only`, or everything that this machine can, for one platform.
pub fn run(workspace: Workspace, only: &[Kind], target: Option<&str>) -> Result<bool> {
    let workspace = match target {
        None => workspace,
        Some(triple) => {
            let listed = || PLATFORMS.iter().map(|platform| platform.triple).collect::<Vec<_>>().join(", ");
            let platform = Platform::by_triple(triple).with_context(|| {
                format!("there are no packages for {triple}; expected one of {}", listed())
            })?;
            workspace.for_platform(platform)
        }
    };
    let dist = dist(&workspace);
    if only.is_empty() {
        let _ = fs::remove_dir_all(&dist);
    }
    let kinds = if only.is_empty() { Kind::value_variants() } else { only };
    let made = pack(&workspace, kinds)?;
    let rows: Result<Vec<Vec<String>>> = made
        .iter()
        .map(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let size = fs::metadata(path).with_context(|| format!("{name} is not there"))?.len();
            Ok(vec![name, report::grouped(size)])
        })
        .collect();
    println!("\n{}", report::table(&["dist/", ">bytes"], &rows?));
    Ok(true)
}

/// Puts the C library where the system's compilers and pkg-config look, or anywhere else.
pub fn install(workspace: &Workspace, prefix: &Path) -> Result<()> {
    let prefix = std::path::absolute(prefix)?;
    build(workspace)?;
    c::lay_out(workspace, &prefix)?;
    println!("installed to {0}; for pkg-config: PKG_CONFIG_PATH={0}/lib/pkgconfig", prefix.display());
    Ok(())
}

/// Where packages are put.
pub fn dist(workspace: &Workspace) -> PathBuf {
    workspace.source("dist")
}

/// Packs `kinds` into `dist/`; gives the files.
pub fn pack(workspace: &Workspace, kinds: &[Kind]) -> Result<Vec<PathBuf>> {
    let dist = dist(workspace);
    fs::create_dir_all(&dist)?;
    if kinds.iter().any(|kind| [Kind::C, Kind::Node, Kind::Csharp].contains(kind)) {
        build(workspace)?;
    }
    let mut made = Vec::new();
    for kind in kinds {
        match kind {
            Kind::C => made.push(c::archive(workspace, &dist)?),
            Kind::Python => made.extend(python(workspace, &dist)?),
            Kind::Node => made.extend(faces::node::tarballs(workspace, &dist)?),
            Kind::Csharp => match Dotnet::find(workspace)? {
                Dotnet::Sdk => made.extend(csharp(workspace, &dist)?),
                Dotnet::Packages(_) => println!("C#: left out, because only a .NET SDK packs"),
            },
            Kind::Rust => made.extend(faces::rust::crates(workspace, &dist)?),
            Kind::Emulator => made.extend(program::pack(workspace, program::EMULATOR, &dist)?),
            Kind::Command => made.extend(program::pack(workspace, program::COMMAND, &dist)?),
        }
    }
    made.extend(bom::write(workspace, &dist, kinds)?);
    Ok(made)
}

/// One call, so that what the libraries have in common is compiled once and they are linked side by side.
fn build(workspace: &Workspace) -> Result<()> {
    report::live_step("cargo build: C library and Node addon, release", || {
        let mut cargo = release::cargo(workspace)?;
        process::live(cargo.args(["--lib", "--package", "agglestone-c", "--package", "agglestone-node"]))
    })
}

/// What is native in them was built by others where they say so.
fn csharp(workspace: &Workspace, dist: &Path) -> Result<Vec<PathBuf>> {
    if std::env::var_os("NATIVE_RUNTIMES").is_none() {
        program::build(workspace, program::EMULATOR)?;
    }
    faces::csharp::release(workspace, dist)
}

fn python(workspace: &Workspace, dist: &Path) -> Result<Vec<PathBuf>> {
    let wheel = faces::python::wheel(workspace, Profile::Release)?;
    let there = dist.join(wheel.file_name().context("a wheel has a name")?);
    layout::copy(&wheel, &there)?;
    let mut made = vec![there];
    if workspace.platform().is_here() {
        made.push(sdist::archive(workspace, dist)?);
    }
    Ok(made)
}
