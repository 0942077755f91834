//! What all packages have in common: their kinds, and the version.

use std::path::Path;

use anyhow::{Result, ensure};
use clap::ValueEnum;

/// What can be packed by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// An archive with header, libraries, pkg-config and CMake files
    C,
    /// A wheel and a source distribution
    Python,
    /// The npm package, and the one with the addon
    Node,
    /// The NuGet packages
    Csharp,
    /// The crates
    Rust,
    /// The emulator: an archive, a wheel and npm packages
    Emulator,
    /// The command: an archive, a wheel and npm packages
    Command,
}

/// The one version of all of it.
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// Fails unless everything was there to pack.
pub fn ensure_there(path: &Path) -> Result<()> {
    ensure!(path.exists(), "{} was not built", path.display());
    Ok(())
}
