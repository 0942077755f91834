//! What is compiled: the package, its tests, and the programs that use it.

use std::path::PathBuf;

use crate::workspace::Workspace;

pub const PACKAGE: &str = "bindings/csharp/Agglestone";
/// The emulator for tests of those who use the package.
pub const TESTING: &str = "bindings/csharp/Agglestone.Testing";
pub const TESTS: &str = "bindings/csharp/Agglestone.Tests";
/// What only the SDK builds: packages for .NET's own frameworks, and their tests.
pub const FRAMEWORKS: &[&str] =
    &["bindings/csharp/Agglestone.Extensions", "bindings/csharp/Agglestone.AspNetCore"];
pub const FRAMEWORK_TESTS: &str = "bindings/csharp/Agglestone.Extensions.Tests";
pub const EXAMPLE: Program = Program { name: "Quickstart", sources: &["examples/csharp/Quickstart.cs"] };
pub const SERVICE: Program = Program { name: "Service", sources: &["examples/csharp/Service.cs"] };
pub const SOAK: Program = Program { name: "Soak", sources: &["tests/soak/Soak.cs"] };
pub const FLEET: Program = Program { name: "Fleet", sources: &["benches/fleet/Fleet.cs"] };
/// Uses the package as somebody else does, with a generator.
pub const INSTALLED: Program =
    Program { name: "Installed", sources: &["bindings/csharp/Agglestone.Installed/Program.cs"] };
pub const DRIVER: Program = Program {
    name: "Driver",
    sources: &[
        "tests/conformance/drivers/Driver.cs",
        "tests/conformance/drivers/Observed.cs",
        "tests/conformance/drivers/Shown.cs",
    ],
};

/// A program that uses the package.
#[derive(Clone, Copy)]
pub struct Program<'a> {
    pub name: &'a str,
    pub sources: &'a [&'a str],
}

impl Program<'_> {
    /// Its files.
    pub fn sources(self, workspace: &Workspace) -> Vec<PathBuf> {
        self.sources.iter().map(|source| workspace.source(source)).collect()
    }
}
