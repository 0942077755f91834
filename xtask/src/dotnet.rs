//! .NET.
use crate::workspace::Workspace;
pub fn available(_: &Workspace) -> Result<(), String> {
    Ok(())
}
