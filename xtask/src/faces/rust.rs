//! Rust: the core itself. Its tests are cargo's, its example a cargo example of the root package.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::native;
use crate::conformance;
use crate::count;
use crate::process;
use crate::report;
use crate::tally::{Tally, ran};
use crate::workspace::Workspace;

/// The example, built by [`native::build`].
pub fn example(workspace: &Workspace) -> Command {
    process::command(workspace, workspace.built("examples/quickstart"))
}

/// The compiler's version.
pub fn version(workspace: &Workspace) -> Result<String> {
    let text = process::output(process::command(workspace, "rustc").arg("--version"))?;
    Ok(text.split_whitespace().take(2).collect::<Vec<_>>().join(" "))
}

/// Packs the crate and the one that it needs, as crates.io takes them; gives the archives.
pub fn crates(workspace: &Workspace, output: &Path) -> Result<Vec<PathBuf>> {
    const CRATES: [&str; 2] = ["agglestone", "agglestone-fork"];
    report::step("cargo package", || {
        let mut cargo = process::cargo(workspace);
        cargo.args(["package", "--no-verify", "--allow-dirty", "--quiet"]);
        for name in CRATES {
            cargo.args(["--package", name]);
        }
        process::quiet(workspace, "cargo-package", &mut cargo)
    })?;
    let copy = |name: &str| {
        let file = format!("{name}-{}.crate", env!("CARGO_PKG_VERSION"));
        fs::copy(workspace.made("package").join(&file), output.join(&file))
            .with_context(|| format!("cargo package left no {file}"))?;
        Ok(output.join(&file))
    };
    CRATES.into_iter().map(copy).collect()
}

/// Core and tools by cargo, then the cases through both drivers.
pub fn test(workspace: &Workspace, tally: &mut Tally) {
    cargo_test(
        workspace,
        tally,
        "Rust: core, C library, command, emulator, conformance harness",
        &native::NATIVE,
    );
    cargo_test(workspace, tally, "Rust: xtask", &["xtask"]);
    for way in ["blocking", "async"] {
        conformance::run(workspace, tally, &format!("rust-{way}"), || {
            let mut driver = process::command(workspace, workspace.built("agglestone-driver"));
            driver.arg(format!("--{way}"));
            Ok(driver)
        });
    }
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
    tally.suite(name, || {
        report::live_step("cargo test --no-run", || process::live(&mut test(&["--no-run"])))?;
        ran(workspace, &format!("cargo-test-{}", packages[0]), &mut test(&[]), count::cargo)
    });
}
