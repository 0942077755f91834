//! The crate as crates.io takes it.

use anyhow::{Result, ensure};

use super::trial::{Trial, strays};
use crate::tally::Ran;
use crate::workspace::Workspace;

/// The crate and nothing of the other languages.
pub fn contents(workspace: &Workspace) -> Result<Ran> {
    let trial = Trial::new(workspace, "crate")?;
    let archive = trial.packed("agglestone-0", ".crate")?;
    let list = trial.step("list", trial.command("tar").arg("-tzf").arg(&archive))?;
    let known =
        ["src/", "examples/", "Cargo", "README.md", "CHANGELOG.md", "LICENSE-", ".cargo_vcs_info.json"];
    let strays = strays(&list, &known);
    ensure!(strays.is_empty(), "the crate holds {}", strays.join(", "));
    for wanted in ["src/lib.rs", "LICENSE-MIT", "LICENSE-APACHE", "README.md"] {
        ensure!(list.contains(&format!("/{wanted}")), "the crate lacks {wanted}");
    }
    Ok(Ran::one())
}
