//! `docs/conformance.md`: which case passed through which face, written after a run of all faces and compared in CI.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::Ran;
use crate::process;
use crate::workspace::Workspace;

const PAGE: &str = "docs/conformance.md";

/// Where the runs through the faces leave their results.
pub fn results(workspace: &Workspace) -> PathBuf {
    workspace.made("conformance")
}

/// Forgets the results of earlier runs.
pub fn begin(workspace: &Workspace) {
    let _ = fs::remove_dir_all(results(workspace));
}

/// Writes the page, or with `check` only compares it.
pub fn finish(workspace: &Workspace, check: bool) -> Result<Ran> {
    let mut harness = process::command(workspace, workspace.built("agglestone-conformance"));
    let new = process::output(harness.arg("--matrix").arg(results(workspace)))?;
    let new = format!("{}\n", new.trim_end());
    let path = workspace.source(PAGE);
    let old = fs::read_to_string(&path).unwrap_or_default();
    if old != new && check {
        return Ok(Ran::failed(format!("{PAGE} is not what was seen; run `cargo xtask test` and commit it")));
    }
    if old != new {
        fs::write(&path, new).with_context(|| format!("cannot write {PAGE}"))?;
        println!("{PAGE} written");
    }
    Ok(Ran::one())
}
