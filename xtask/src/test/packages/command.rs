//! The command's packages, also as the clients run it.

use anyhow::{Result, ensure};

use super::trial::{Trial, counted, runs_on_old_glibc};
use super::{node, python};
use crate::emulator::Emulator;
use crate::package;
use crate::process;
use crate::tally::Ran;
use crate::workspace::Workspace;

/// By pip, by npm, and by itself.
pub fn all(workspace: &Workspace) -> Result<Ran> {
    let wheels = Trial::new(workspace, "command-wheel")?;
    let packages = [("agglestone-0", ".whl"), ("agglestone_cli-0", ".whl")];
    let python = python::installed(&wheels, "python3", &packages)?;
    let npm = Trial::new(workspace, "command-npm")?;
    let program = npm.packed(&format!("agglestone-cli-{}-", workspace.platform().npm), ".tgz")?;
    let commands = [npm.packed("agglestone-cli-0", ".tgz")?, program];
    node::npm_install(&npm, &commands.map(|path| path.display().to_string()))?;
    let archive = Trial::new(workspace, "command-archive")?;
    let file = archive.packed("agglestone-cli-0", ".tar.gz")?;
    archive.step("unpack", archive.command("tar").args(["-xzf"]).arg(&file).arg("--strip-components=1"))?;
    let program = archive.path("agglestone");

    let emulator = Emulator::start(workspace, "package-command")?;
    let doctor = |trial: &Trial, mut command: std::process::Command| -> Result<()> {
        emulator.for_example(&mut command)?;
        let text = trial.step("doctor", command.arg("doctor"))?;
        ensure!(text.contains("Calls work."), "it said:\n{text}");
        Ok(())
    };
    let mut module = python();
    module.args(["-m", "agglestone"]);
    let mut npx = npm.command("npx");
    npx.args(["--no", "agglestone"]);
    let said = process::output(archive.command(&program).arg("--version"));
    Ok(counted(vec![
        doctor(&wheels, wheels.command(wheels.path("venv/bin/agglestone"))),
        doctor(&wheels, module),
        doctor(&npm, npm.command("node_modules/.bin/agglestone")),
        doctor(&npm, npx),
        said.and_then(|said| {
            ensure!(said.trim() == format!("agglestone {}", package::version()), "it said: {said}");
            Ok(())
        }),
        runs_on_old_glibc(workspace, &program),
    ]))
}
