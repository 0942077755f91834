//! The suites by name.

use clap::ValueEnum;

use crate::face::Face;

/// What `--only` can choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Suite {
    /// The core, the tools and the conformance cases in Rust
    Rust,
    /// C and C++ programs, under valgrind too
    C,
    /// pytest on the installed wheel, type stubs, linters
    Python,
    /// node:test on the installed package
    Node,
    /// NUnit
    Csharp,
    /// The emulator's own tests, and its portal page in a browser
    Emulator,
    /// What `demo --rotate` shows, as fast as it goes
    Rotation,
    /// A wheel, npm packages and the C package as `cargo xtask package` makes them, each installed into an empty folder
    Packages,
}

impl Suite {
    /// The language that it is about, if it is one.
    pub fn face(self) -> Option<Face> {
        match self {
            Self::Rust => Some(Face::Rust),
            Self::C => Some(Face::C),
            Self::Python => Some(Face::Python),
            Self::Node => Some(Face::Node),
            Self::Csharp => Some(Face::Csharp),
            Self::Emulator | Self::Rotation | Self::Packages => None,
        }
    }
}
