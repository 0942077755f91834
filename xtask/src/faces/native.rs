//! What needs nothing but cargo, and what every language's tests stand on.

use std::process::Command;

use anyhow::Result;

use crate::process;
use crate::release;
use crate::report;
use crate::workspace::{Profile, Workspace};

/// The packages that need nothing but cargo. They are always built together: another selection would unify features differently
/// and compile the shared dependencies a second time.
pub const NATIVE: [&str; 5] =
    ["agglestone", "agglestone-c", "agglestone-cli", "agglestone-emulator", "agglestone-conformance"];

/// `cargo build` with this profile.
pub fn cargo(workspace: &Workspace, profile: Profile) -> Result<Command> {
    if profile == Profile::Release {
        return release::cargo(workspace);
    }
    let mut cargo = process::cargo(workspace);
    cargo.arg("build");
    Ok(cargo)
}

/// Builds the core, the C library, the command, the emulator, the Rust example and the conformance programs.
pub fn build(workspace: &Workspace) -> Result<()> {
    report::live_step(
        "cargo build: core, C library, command, emulator, Rust example, conformance programs",
        || {
            let mut cargo = process::cargo(workspace);
            cargo.args(["build", "--lib", "--bins", "--example", "quickstart"]);
            for package in NATIVE {
                cargo.args(["--package", package]);
            }
            process::live(&mut cargo)
        },
    )
}
