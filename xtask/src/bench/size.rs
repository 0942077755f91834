//! `cargo xtask bench size`: what users download and load, against the limits of the design.

use std::fs;

use anyhow::{Context, Result};

use super::{features, programs};
use crate::faces;
use crate::report;
use crate::workspace::{Profile, Workspace};

const HEADINGS: [&str; 5] = ["what", "file", ">bytes", ">limit", ""];
/// A library that is loaded.
const LOADED: u64 = 5_200_000;
/// A package that is downloaded.
const PACKED: u64 = 2_700_000;

/// Builds and measures; true if everything is within its limit.
pub fn run(workspace: &Workspace) -> Result<bool> {
    features::check(workspace)?;
    programs::build_native(workspace, &[])?;
    let library = workspace.built_as(Profile::Release, &workspace.platform().shared_library("agglestone"));
    let [package, addon] = faces::node::tarballs(workspace, &workspace.made("node/release"))?;
    let measured = [
        ("C library", library, LOADED),
        ("Python wheel", faces::python::wheel(workspace, Profile::Release)?, PACKED),
        ("Node addon", faces::node::addon(workspace, Profile::Release)?, LOADED),
        ("npm package", package, PACKED / 10),
        ("npm package of the addon", addon, PACKED),
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
