//! `cargo xtask bench size`: what users download and load, against the limits of the design.

use std::fs;

use anyhow::{Context, Result};

use crate::faces;
use crate::process;
use crate::report;
use crate::workspace::{Profile, Workspace};

const HEADINGS: [&str; 5] = ["what", "file", ">bytes", ">limit", ""];
const MB: u64 = 1_000_000;

/// Builds and measures; true if everything is within its limit.
pub fn run(workspace: &Workspace) -> Result<bool> {
    library(workspace)?;
    let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let library = workspace.built_as(Profile::Release, &format!("{prefix}agglestone{suffix}"));
    let measured = [
        ("C library", library, 4 * MB),
        ("Python wheel", faces::python::wheel(workspace, Profile::Release)?, 2 * MB),
        ("Node addon", faces::node::addon(workspace, Profile::Release)?, 4 * MB),
    ];
    let mut rows = Vec::new();
    let mut all_within = true;
    for (what, path, limit) in measured {
        let size = fs::metadata(&path).with_context(|| format!("cannot see {}", path.display()))?.len();
        let is_within = size < limit;
        all_within &= is_within;
        let verdict = if is_within { "" } else { "too large" };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        rows.push(
            [what, &name, &report::grouped(size), &report::grouped(limit), verdict]
                .map(str::to_string)
                .to_vec(),
        );
    }
    println!("\n{}", report::table(&HEADINGS, &rows));
    Ok(all_within)
}

/// The C library alone: other packages in the same build would add features to what it is made of.
pub fn library(workspace: &Workspace) -> Result<()> {
    report::live_step("cargo build: C library, release", || {
        let mut cargo = process::cargo(workspace);
        process::live(cargo.args(["build", "--release", "--package", "agglestone-c"]))
    })
}
