//! The programs that make calls: built as what is shipped, each run as `PROGRAM WAY CALLS AT_ONCE WARM_UP`.

use std::process::Command;

use anyhow::Result;

use crate::dotnet::Dotnet;
use crate::faces::{self, Face};
use crate::prerequisites;
use crate::process;
use crate::report;
use crate::workspace::{Profile, Workspace};

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// The client in Rust.
    Rust,
    /// The client in C.
    C,
    /// The client in Python.
    Python,
    /// The client in Node.
    Node,
    /// The client in C#.
    Csharp,
    /// What the client stands on, without the client.
    Bare,
    /// libcurl.
    Curl,
    /// Python's other clients.
    PythonPeers,
    /// Node's other clients.
    NodePeers,
}

impl Program {
    /// The language it is in.
    pub fn face(self) -> Face {
        match self {
            Self::Rust | Self::Bare => Face::Rust,
            Self::C | Self::Curl => Face::C,
            Self::Python | Self::PythonPeers => Face::Python,
            Self::Node | Self::NodePeers => Face::Node,
            Self::Csharp => Face::Csharp,
        }
    }

    /// Builds it, if [`build_native`] has not; gives what runs it.
    pub fn prepare(self, workspace: &Workspace) -> Result<Command> {
        let lacks = prerequisites::lacks(workspace, &[self.face()]);
        if let Some(missing) = prerequisites::missing_for(&lacks, self.face()) {
            anyhow::bail!("missing: {missing}");
        }
        let mut command = match self {
            Self::Rust => process::command(workspace, workspace.built_as(Profile::Release, "bench-calls")),
            Self::Bare => process::command(workspace, workspace.built_as(Profile::Release, "bench-bare")),
            Self::C => faces::c::benchmark(workspace, "benches/calls/calls.c")?,
            Self::Python => faces::python::benchmark(workspace, "benches/calls/calls.py")?,
            Self::Node => faces::node::benchmark(workspace, "benches/calls/calls.mjs")?,
            Self::Csharp => {
                let sources = ["benches/calls/Calls.cs", "benches/calls/Work.cs"];
                faces::csharp::benchmark(workspace, &Dotnet::find(workspace)?, "Calls", &sources)?
            }
            Self::Curl => super::peers::curl(workspace)?,
            Self::PythonPeers => super::peers::python(workspace)?,
            Self::NodePeers => super::peers::node(workspace)?,
        };
        // Where a hash table puts things would be another one in each run.
        command.env("PYTHONHASHSEED", "0");
        Ok(command)
    }
}

/// What cargo builds of it: the C library, the server, and the programs in Rust.
pub fn build_native(workspace: &Workspace) -> Result<()> {
    report::live_step("cargo build: C library, Node addon, programs of the benchmarks, release", || {
        let mut cargo = process::cargo(workspace);
        cargo.args(["build", "--release", "--package", "agglestone-c", "--package", "agglestone-node"]);
        process::live(cargo.args(["--package", "agglestone-bench"]))
    })
}
