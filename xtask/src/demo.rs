//! `cargo xtask demo`.
use anyhow::{Result, bail};

use crate::workspace::Workspace;

/// Runs the five examples.
pub fn run(_: &Workspace) -> Result<bool> {
    bail!("not made yet")
}
