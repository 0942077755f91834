//! The five languages, one file each: how its face is built, its example run and its conformance driver started.

pub mod c;
pub mod csharp;
pub mod node;
pub mod python;
pub mod rust;

use anyhow::Result;

use crate::process;
use crate::report;
use crate::workspace::Workspace;

/// A language the client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// Rust
    Rust,
    /// C and C++
    C,
    /// Python
    Python,
    /// Node
    Node,
    /// C#
    Csharp,
}

impl Face {
    /// In the order of the demo's table.
    pub const ALL: [Self; 5] = [Self::C, Self::Csharp, Self::Node, Self::Python, Self::Rust];

    /// As people write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rust => "Rust",
            Self::C => "C",
            Self::Python => "Python",
            Self::Node => "Node",
            Self::Csharp => "C#",
        }
    }
}

/// The packages that need nothing but cargo. They are always built together: another selection would unify features differently
/// and compile the shared dependencies a second time.
pub const NATIVE: [&str; 4] = ["agglestone", "agglestone-c", "agglestone-emulator", "agglestone-conformance"];

/// Builds the core, the C library, the emulator, the Rust example and the conformance programs.
pub fn build_native(workspace: &Workspace) -> Result<()> {
    report::live_step("cargo build: core, C library, emulator, Rust example, conformance programs", || {
        let mut cargo = process::cargo(workspace);
        cargo.args(["build", "--lib", "--bins", "--example", "quickstart"]);
        for package in NATIVE {
            cargo.args(["--package", package]);
        }
        process::live(&mut cargo)
    })
}
