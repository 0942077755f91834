//! The libraries that people would use instead, each from its language's registry, installed apart from everything else.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::faces;
use crate::process;
use crate::report;
use crate::stamp::{self, Inputs};
use crate::tools;
use crate::workspace::{Workspace, files};

const REQUIREMENTS: &str = "benches/peers/requirements.txt";
const LOCK: &str = "benches/peers/package-lock.json";

/// A program on libcurl, with the machine's own development files.
pub fn curl(workspace: &Workspace) -> Result<Command> {
    let compile = || faces::c::standalone(workspace, "benches/peers/curl.c", &["-lcurl"]);
    compile().or_else(|error| {
        let is_there = tools::install_in_ci(workspace, "libcurl4-openssl-dev");
        if is_there { compile() } else { Err(error.context("get it: apt-get install libcurl4-openssl-dev")) }
    })
}

/// A program on Python's clients.
pub fn python(workspace: &Workspace) -> Result<Command> {
    let mut python = interpreter(workspace)?;
    python.arg(workspace.source("benches/peers/peers.py"));
    Ok(python)
}

/// The interpreter that has Python's clients, and matplotlib.
pub fn interpreter(workspace: &Workspace) -> Result<Command> {
    let venv = workspace.made("bench/venv");
    let requirements = workspace.source(REQUIREMENTS);
    stamp::unless_stamped(&venv.join("stamp"), Inputs::default().file(&requirements)?, || {
        report::step("Python: installing the other clients", || {
            let _ = fs::remove_dir_all(&venv);
            let mut python = process::command(workspace, "python3");
            process::quiet(workspace, "bench-venv", python.args(["-m", "venv"]).arg(&venv))?;
            let mut pip = process::command(workspace, venv.join("bin/python"));
            pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]);
            process::quiet(workspace, "bench-pip", pip.arg(&requirements)).map(|_| ())
        })
    })?;
    let mut python = process::command(workspace, venv.join("bin/python"));
    python.env("PYTHONDONTWRITEBYTECODE", "1");
    Ok(python)
}

/// A program on Node's libraries.
pub fn node(workspace: &Workspace, program: &str) -> Result<Command> {
    let project = workspace.made("bench/node");
    let lock = workspace.source(LOCK);
    fs::create_dir_all(&project)?;
    let mut sources: Vec<PathBuf> = files(&workspace.source("benches/peers"), &["mjs", "json"]);
    sources.push(workspace.source("benches/calls/measure.mjs"));
    sources.extend(files(&workspace.source("benches/verify"), &["mjs"]));
    for source in sources {
        fs::copy(&source, project.join(source.file_name().context("a file has a name")?))?;
    }
    // Inside, so that a removed folder takes its stamp with it.
    let stamp = project.join("node_modules/.xtask-stamp");
    stamp::unless_stamped(&stamp, Inputs::default().file(&lock)?, || {
        report::step("Node: installing the other clients", || {
            let mut npm = process::command(workspace, "npm");
            npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(&project);
            process::quiet(workspace, "bench-npm", &mut npm).map(|_| ())
        })
    })?;
    let mut node = process::command(workspace, "node");
    node.arg(project.join(program));
    Ok(node)
}

/// Which versions they are.
pub fn versions(workspace: &Workspace) -> Result<String> {
    let requirements = fs::read_to_string(workspace.source(REQUIREMENTS))?;
    let pinned = requirements.lines().filter_map(|line| line.split_once("=="));
    let mut versions: Vec<String> = pinned.map(|(name, version)| format!("{name} {version}")).collect();
    let lock: Value = serde_json::from_str(&fs::read_to_string(workspace.source(LOCK))?)?;
    for name in ["axios", "jose", "undici"] {
        let version = lock["packages"][format!("node_modules/{name}")]["version"].as_str();
        versions.push(format!("{name} {}", version.unwrap_or("?")));
    }
    versions.extend(process::output(process::command(workspace, "curl-config").arg("--version")));
    let nginx = process::captured(workspace, "nginx-version", process::command(workspace, "nginx").arg("-v"));
    let nginx = nginx.ok().and_then(|done| Some(done.text.trim().rsplit('/').next()?.to_string()));
    versions.extend(nginx.map(|version| format!("nginx {version}")));
    Ok(versions.join("; "))
}
