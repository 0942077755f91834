//! The conformance cases: each face runs them, and `docs/conformance.md` says which case passed through which face. The page is
//! written after a run of all faces and compared in CI.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::count;
use crate::process;
use crate::tally::{Ran, Tally, ran};
use crate::workspace::Workspace;

const PAGE: &str = "docs/conformance.md";

/// Where the runs through the faces leave their results.
fn results(workspace: &Workspace) -> PathBuf {
    workspace.made("conformance")
}

/// Forgets the results of earlier runs.
pub fn begin(workspace: &Workspace) {
    let _ = fs::remove_dir_all(results(workspace));
}

/// Runs the cases through the driver of `face` that `driver` prepares.
pub fn run(workspace: &Workspace, tally: &mut Tally, face: &str, driver: impl FnOnce() -> Result<Command>) {
    tally.suite(&format!("conformance: {face}"), || {
        let driver = driver()?;
        let mut harness = process::command(workspace, workspace.built("agglestone-conformance"));
        harness.args(["--face", face, "--results"]).arg(results(workspace));
        harness.arg("--").arg(driver.get_program()).args(driver.get_args());
        for (name, value) in driver.get_envs() {
            if let Some(value) = value {
                harness.env(name, value);
            }
        }
        ran(workspace, &format!("conformance-{face}"), &mut harness, count::closing_line)
    });
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
