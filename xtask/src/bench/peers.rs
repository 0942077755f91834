//! The libraries that people would use instead, each from its language's registry, installed apart from everything else.

use std::process::Command;

use anyhow::{Result, bail};

use crate::workspace::Workspace;

/// A program on libcurl, with the machine's own development files.
pub fn curl(_workspace: &Workspace) -> Result<Command> {
    bail!("not yet")
}

/// A program on Python's clients.
pub fn python(_workspace: &Workspace) -> Result<Command> {
    bail!("not yet")
}

/// A program on Node's clients.
pub fn node(_workspace: &Workspace) -> Result<Command> {
    bail!("not yet")
}
