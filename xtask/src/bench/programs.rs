//! The programs that make calls: built as what is shipped, each run as `PROGRAM WAY CALLS AT_ONCE WARM_UP`.

use std::process::Command;

use anyhow::Result;

use crate::dotnet::Dotnet;
use crate::faces::{self, Face};
use crate::prerequisites;
use crate::process;
use crate::release;
use crate::report;
use crate::workspace::{Profile, Workspace};

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
    /// The client in Python while OpenTelemetry watches it.
    PythonObserved,
    /// The client in Node while OpenTelemetry watches it.
    NodeObserved,
    /// The client in C# while listeners watch it.
    CsharpObserved,
    /// What the client stands on, without the client.
    Bare,
    /// libcurl.
    Curl,
    /// Python's other clients.
    PythonPeers,
    /// Node's other clients.
    NodePeers,
    /// C#'s own client.
    CsharpPeers,
}

impl Program {
    /// The language it is in.
    pub fn face(self) -> Face {
        match self {
            Self::Rust | Self::Bare => Face::Rust,
            Self::C | Self::Curl => Face::C,
            Self::Python | Self::PythonObserved | Self::PythonPeers => Face::Python,
            Self::Node | Self::NodeObserved | Self::NodePeers => Face::Node,
            Self::Csharp | Self::CsharpObserved | Self::CsharpPeers => Face::Csharp,
        }
    }

    /// Builds it, if [`build_native`] has not; gives what runs it.
    pub fn prepare(self, workspace: &Workspace) -> Result<Command> {
        let lacks = prerequisites::lacks(workspace, &[self.face()]);
        if let Some(missing) = prerequisites::missing_for(&lacks, self.face()) {
            anyhow::bail!("missing: {missing}");
        }
        let mut command = match self {
            Self::Rust => process::command(workspace, workspace.built_as(Profile::Release, CALLS)),
            Self::Bare => process::command(workspace, workspace.built_as(Profile::Release, BARE)),
            Self::C => faces::c::benchmark(workspace, "benches/calls/calls.c")?,
            Self::Python => faces::python::benchmark(workspace, "benches/calls/calls.py")?,
            Self::Node => faces::node::benchmark(workspace, "benches/calls/calls.mjs")?,
            Self::Csharp => {
                let sources = ["benches/calls/Calls.cs", "benches/calls/Work.cs"];
                faces::csharp::benchmark(workspace, &Dotnet::find(workspace)?, "Calls", &sources)?
            }
            Self::PythonObserved => {
                let program = faces::python::benchmark(workspace, "benches/calls/observed.py")?;
                faces::python::with_requirements(workspace, "benches/calls/observed.txt")?;
                program
            }
            Self::NodeObserved => {
                let mut node = faces::node::benchmark(workspace, "benches/calls/observed.mjs")?;
                node.env("AGG_BENCH_MODULES", workspace.source("node/node_modules"));
                node
            }
            Self::CsharpObserved => {
                let sources = ["benches/calls/Observed.cs", "benches/calls/Work.cs"];
                faces::csharp::benchmark(workspace, &Dotnet::find(workspace)?, "Observed", &sources)?
            }
            Self::CsharpPeers => {
                let sources = ["benches/peers/Peers.cs", "benches/calls/Work.cs"];
                faces::csharp::benchmark(workspace, &Dotnet::find(workspace)?, "Peers", &sources)?
            }
            Self::Curl => super::peers::curl(workspace)?,
            Self::PythonPeers => super::peers::python(workspace)?,
            Self::NodePeers => super::peers::node(workspace, "peers.mjs")?,
        };
        // Where a hash table puts things would be another one in each run.
        command.env("PYTHONHASHSEED", "0");
        Ok(command)
    }
}

/// What all of them need.
pub const SERVER: &str = "bench-server";
/// The client in Rust.
pub const CALLS: &str = "bench-calls";
/// What the client stands on.
pub const BARE: &str = "bench-bare";

/// What cargo builds: the C library and the addon, and `programs` of the package here; all by one call, so that they are linked side
/// by side. The wheel is maturin's, on the same dependencies.
pub fn build_native(workspace: &Workspace, programs: &[&str]) -> Result<()> {
    report::live_step("cargo build: C library, Node addon, programs of the benchmarks, release", || {
        let mut cargo = release::cargo(workspace)?;
        cargo.args(["--lib", "--package", "agglestone-c", "--package", "agglestone-node"]);
        if !programs.is_empty() {
            cargo.args(["--package", "agglestone-bench"]);
        }
        for program in programs {
            cargo.args(["--bin", program]);
        }
        process::live(&mut cargo)
    })
}

/// The versions of what the figures depend on besides this project.
pub fn versions(workspace: &Workspace) -> Result<String> {
    let version = |program: &str| -> Result<String> {
        let text = process::output(process::command(workspace, program).arg("--version"))?;
        Ok(text.lines().next().unwrap_or_default().to_string())
    };
    let mut versions = vec![
        faces::rust::version(workspace)?,
        faces::c::version(workspace)?,
        faces::python::version(workspace)?,
        faces::node::version(workspace)?,
    ];
    versions.extend(Dotnet::find(workspace).and_then(|dotnet| dotnet.runtime_version(workspace)).ok());
    versions.extend(["valgrind", "strace"].map(version).into_iter().flatten());
    Ok(versions.join("; "))
}
