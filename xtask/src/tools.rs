//! Programs that others made and this machine must have: which are there, and what may be installed.

use std::path::Path;

use anyhow::Context;

use crate::process::{command, output, quiet};
use crate::workspace::Workspace;

/// `CC`, or the system's.
pub fn c_compiler() -> String {
    std::env::var("CC").unwrap_or_else(|_| "cc".into())
}

/// `CXX`, or the system's.
pub fn cpp_compiler() -> String {
    std::env::var("CXX").unwrap_or_else(|_| "c++".into())
}

/// Python with what a virtual environment needs; Debian packs `ensurepip` apart.
pub fn python(workspace: &Workspace) -> Result<(), String> {
    runs(workspace, "python3", "python3 >= 3.10")?;
    let script = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])";
    let found = output(command(workspace, "python3").args(["-c", script]))
        .map_err(|_| "python3 with venv: it can't import venv and ensurepip".to_string())?;
    let (major, minor) = found.split_once('.').unwrap_or((&found, "0"));
    let version: (u32, u32) = (major.parse().unwrap_or(0), minor.parse().unwrap_or(0));
    if version < (3, 10) { Err(format!("python3 >= 3.10: found {found}")) } else { Ok(()) }
}

/// Node in a version that is still maintained.
pub fn node(workspace: &Workspace) -> Result<(), String> {
    runs(workspace, "node", "node >= 20")?;
    let found = output(command(workspace, "node").arg("--version")).unwrap_or_default();
    let major: u32 =
        found.trim_start_matches('v').split('.').next().and_then(|text| text.parse().ok()).unwrap_or(0);
    if major < 20 { Err(format!("node >= 20: found {found}")) } else { Ok(()) }
}

/// Whether `program --version` works.
pub fn runs(workspace: &Workspace, program: &str, what: &str) -> Result<(), String> {
    let found = output(command(workspace, program).arg("--version"));
    found.map(|_| ()).map_err(|_| format!("{what}: `{program}` does not run"))
}

/// Installs a Debian package on a CI machine, where this tool may do so: as root, with apt. True if it is there afterwards.
pub fn install_in_ci(workspace: &Workspace, package: &str) -> bool {
    in_ci() && install(workspace, package)
}

/// The same on any machine.
fn install(workspace: &Workspace, package: &str) -> bool {
    if !Path::new("/usr/bin/apt-get").exists()
        || output(command(workspace, "id").arg("-u")).unwrap_or_default() != "0"
    {
        return false;
    }
    let apt = |arguments: &[&str]| {
        let mut apt = command(workspace, "apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive").args(["-qq"]).args(arguments);
        quiet(workspace, &format!("apt-get-{package}"), &mut apt)
    };
    let done = apt(&["update"]).and_then(|_| apt(&["install", "-y", "--no-install-recommends", package]));
    if let Err(error) = &done {
        eprintln!("{error:#}");
    }
    done.is_ok()
}

/// Sees to it that there is a Valkey or Redis server for the tests of the token store: Debian's is installed as root where there is
/// none. Without one those tests fail, and say so.
pub fn token_store(workspace: &Workspace) {
    if token_store_program(workspace).is_err() && !install(workspace, "redis-server") {
        install(workspace, "valkey-server");
    }
}

/// The program of such a server: what `AGG_REDIS` names, or whichever is installed.
pub fn token_store_program(workspace: &Workspace) -> anyhow::Result<String> {
    let named = std::env::var("AGG_REDIS").ok();
    let programs = named.as_deref().map_or(vec!["valkey-server", "redis-server"], |named| vec![named]);
    let program = programs.into_iter().find(|program| runs(workspace, program, program).is_ok());
    program
        .map(str::to_owned)
        .context("no valkey-server or redis-server here: install one, or name it by AGG_REDIS")
}

/// Whether `CI=true`: then nothing may be skipped.
pub fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true")
}
