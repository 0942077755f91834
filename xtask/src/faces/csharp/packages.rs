//! C# without an SDK: package, tests and programs compiled by this project's own .NET tool.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::programs::{PACKAGE, Program, TESTING, TESTS};
use crate::dotnet::{self, Assembly, Kind};
use crate::workspace::{Profile, Workspace, files_below};

/// Compiles the package and a program that uses it; gives the program's file.
pub fn program(workspace: &Workspace, root: &Path, program: Program, profile: Profile) -> Result<PathBuf> {
    let folder = folder(workspace, profile);
    let sources = program.sources(workspace);
    let references = vec![folder.join("Agglestone.dll")];
    let program = Assembly { name: program.name.to_owned(), kind: Kind::Program, sources, references };
    compile(workspace, root, vec![program], profile)
}

/// Compiles the package, its stand-in and its tests, with a runner in them; gives their file.
pub fn tests(workspace: &Workspace, root: &Path) -> Result<PathBuf> {
    let folder = folder(workspace, Profile::Dev);
    fs::create_dir_all(&folder)?;
    let nunit = folder.join("nunit.framework.dll");
    fs::copy(root.join("nunit/nunit.framework.dll"), &nunit).context("cannot copy NUnit")?;
    let mut sources = files_below(&workspace.source(TESTS), &["cs"]);
    sources.push(workspace.source("xtask/dotnet/TestRunner.cs"));
    let testing = Assembly {
        name: "Agglestone.Testing".into(),
        kind: Kind::Library,
        sources: files_below(&workspace.source(TESTING), &["cs"]),
        references: vec![folder.join("Agglestone.dll")],
    };
    let references = vec![folder.join("Agglestone.dll"), testing.output(&folder), nunit];
    let tests = Assembly { name: "Agglestone.Tests".into(), kind: Kind::Program, sources, references };
    compile(workspace, root, vec![testing, tests], Profile::Dev)
}

/// Compiles the package and what uses it; gives the file of the last.
fn compile(workspace: &Workspace, root: &Path, using: Vec<Assembly>, profile: Profile) -> Result<PathBuf> {
    let sources = files_below(&workspace.source(PACKAGE), &["cs"]);
    let package =
        Assembly { name: "Agglestone".into(), kind: Kind::Library, sources, references: Vec::new() };
    let folder = folder(workspace, profile);
    let assemblies: Vec<Assembly> = std::iter::once(package).chain(using).collect();
    dotnet::compile(workspace, root, &folder, &assemblies, profile)?;
    Ok(assemblies[assemblies.len() - 1].output(&folder))
}

fn folder(workspace: &Workspace, profile: Profile) -> PathBuf {
    workspace.made("csharp").join(profile.name())
}
