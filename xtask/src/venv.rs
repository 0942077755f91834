//! Python environments below `target/`, for this project's tools and for packages that are tried.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::process;
use crate::report;
use crate::stamp::{self, Inputs};
use crate::workspace::Workspace;

/// Makes the environment `venv`, unless it is there.
pub fn ensure(workspace: &Workspace, venv: &Path) -> Result<()> {
    // Another interpreter needs another environment.
    let interpreter = process::output(
        process::command(workspace, "python3").args(["-c", "import sys; print(sys.executable, sys.version)"]),
    )?;
    stamp::unless_stamped(&venv.join("venv.stamp"), Inputs::default().text(interpreter), || {
        let name = workspace.shown(venv);
        report::step(&format!("Python: environment {name}"), || {
            let _ = fs::remove_dir_all(venv);
            let mut python = process::command(workspace, "python3");
            process::quiet(workspace, "python-venv", python.args(["-m", "venv"]).arg(venv)).map(|_| ())
        })
    })?;
    Ok(())
}

/// `pip install` in it.
pub fn pip(workspace: &Workspace, venv: &Path) -> Command {
    let mut pip = process::command(workspace, program(venv, "python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    pip
}

/// Makes it and installs what a file of requirements pins, each only if something changed.
pub fn with_requirements(workspace: &Workspace, venv: &Path, requirements: &str) -> Result<()> {
    ensure(workspace, venv)?;
    let requirements = workspace.source(requirements);
    stamp::unless_stamped(&venv.join("tools.stamp"), Inputs::default().file(&requirements)?, || {
        let what = workspace.shown(&requirements);
        report::step(&format!("Python: installing {what}"), || {
            let mut pip = pip(workspace, venv);
            process::quiet(workspace, "python-tools", pip.arg("-r").arg(&requirements)).map(|_| ())
        })
    })?;
    Ok(())
}

/// A program in it.
pub fn program(venv: &Path, name: &str) -> PathBuf {
    if cfg!(windows) { venv.join("Scripts").join(format!("{name}.exe")) } else { venv.join("bin").join(name) }
}
