//! Rust: the core itself. Its tests are cargo's, its example a cargo example of the root package.

use std::process::Command;

use anyhow::Result;

use crate::count;
use crate::process;
use crate::report;
use crate::test::Tally;
use crate::workspace::Workspace;

/// The example, built by [`super::build_native`].
pub fn example(workspace: &Workspace) -> Command {
    process::command(workspace, workspace.built("examples/quickstart"))
}

/// The compiler's version.
pub fn version(workspace: &Workspace) -> Result<String> {
    let text = process::output(process::command(workspace, "rustc").arg("--version"))?;
    Ok(text.split_whitespace().take(2).collect::<Vec<_>>().join(" "))
}

/// Core, this tool and the conformance harness by cargo; then the cases through both drivers.
pub fn test(workspace: &Workspace, tally: &mut Tally) {
    cargo_test(workspace, tally, "rust", &["agglestone", "agglestone-c", "agglestone-conformance", "xtask"]);
    let driver = || process::command(workspace, workspace.built("agglestone-driver"));
    tally.conformance(workspace, "rust-blocking", || {
        let mut driver = driver();
        driver.arg("--blocking");
        Ok(driver)
    });
    tally.conformance(workspace, "rust-async", || {
        let mut driver = driver();
        driver.arg("--async");
        Ok(driver)
    });
}

/// Runs the tests of `packages`, compiled first with progress shown.
pub fn cargo_test(workspace: &Workspace, tally: &mut Tally, name: &str, packages: &[&str]) {
    let test = |extra: &[&str]| {
        let mut cargo = process::cargo(workspace);
        cargo.args(["test", "--no-fail-fast"]).args(extra);
        for package in packages {
            cargo.args(["--package", package]);
        }
        cargo
    };
    tally.suite(&format!("{name}: cargo test"), || {
        report::live_step(&format!("cargo test --no-run ({name})"), || {
            process::live(&mut test(&["--no-run"]))
        })?;
        tally_log(workspace, &format!("cargo-test-{name}"), &mut test(&[]))
    });
}

fn tally_log(workspace: &Workspace, log: &str, command: &mut Command) -> Result<crate::test::Ran> {
    crate::test::ran(workspace, log, command, count::cargo)
}
