//! C# by the SDK: projects built with its analyzers, their format, and the package as somebody else installs it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::programs::{PACKAGE, Program, TESTS};
use crate::dotnet::Dotnet;
use crate::process;
use crate::report;
use crate::tally::Ran;
use crate::workspace::{Profile, Workspace};

/// Builds a program with its project, or with one made for it; gives the program's file.
pub fn program(
    workspace: &Workspace,
    dotnet: &Dotnet,
    program: Program,
    profile: Profile,
) -> Result<PathBuf> {
    let project = project(workspace, program)?;
    let configuration = if profile == Profile::Release { "Release" } else { "Debug" };
    build(workspace, dotnet, program.name, &project, configuration, &[])
}

/// Whether every file is laid out as `.editorconfig` says and the analyzers have nothing to add.
pub fn format(workspace: &Workspace, dotnet: &Dotnet, programs: &[Program]) -> Result<Ran> {
    // One solution, because loading a project takes longer than looking at it.
    let mut projects = vec![
        workspace.source(&format!("{PACKAGE}/Agglestone.csproj")),
        workspace.source(&format!("{TESTS}/Agglestone.Tests.csproj")),
    ];
    for program in programs {
        projects.push(project(workspace, *program)?);
    }
    let projects: String =
        projects.iter().map(|path| format!("  <Project Path=\"{}\" />\n", path.display())).collect();
    let solution = folder(workspace).join("All.slnx");
    process::create(&solution)?.write_all(format!("<Solution>\n{projects}</Solution>\n").as_bytes())?;
    let mut format = dotnet.command(workspace);
    format.args(["format", "--verify-no-changes"]).arg(&solution);
    process::quiet(workspace, "dotnet-format", &mut format).map(|_| Ran::one())
}

/// Packs the package, installs it into a project that knows nothing of this tree, and gives what runs that: the native library
/// too comes out of the package.
pub fn installed(workspace: &Workspace, dotnet: &Dotnet, program: Program) -> Result<Command> {
    let folder = folder(workspace);
    let (packages, restored) = (folder.join("packages"), folder.join("restored"));
    for stale in [&packages, &restored] {
        let _ = fs::remove_dir_all(stale);
    }
    report::step("dotnet pack: Agglestone", || {
        let mut pack = dotnet.command(workspace);
        // The native library that the other tests use; releases are packed by whoever has them for every platform.
        pack.args(["pack", PACKAGE, "-p:CargoProfile=debug", "--output"]).arg(&packages);
        process::quiet(workspace, "dotnet-pack", &mut pack)
    })?;
    let reference = r#"<PackageReference Include="Agglestone" Version="*" />"#;
    let project = write_project(workspace, &format!("{}.Installed", program.name), program, "", reference)?;
    let sources = format!("-p:RestoreSources={}", packages.display());
    let cache = format!("-p:RestorePackagesPath={}", restored.display());
    let name = format!("{}.Installed", program.name);
    let built = build(workspace, dotnet, &name, &project, "Debug", &[&sources, &cache])?;
    let mut command = dotnet.command(workspace);
    command.arg(built).env_remove("LD_LIBRARY_PATH");
    Ok(command)
}

fn build(
    workspace: &Workspace,
    dotnet: &Dotnet,
    name: &str,
    project: &Path,
    configuration: &str,
    options: &[&str],
) -> Result<PathBuf> {
    let output = folder(workspace).join(configuration).join(name);
    report::step(&format!("dotnet build: {name}"), || {
        let mut build = dotnet.command(workspace);
        build.arg("build").arg(project).args(["--configuration", configuration]).args(options);
        process::quiet(workspace, &format!("dotnet-build-{name}"), build.arg("--output").arg(&output))
    })?;
    Ok(output.join(format!("{name}.dll")))
}

/// The project beside a program's only source, or else one below `target/`.
fn project(workspace: &Workspace, program: Program) -> Result<PathBuf> {
    let beside = workspace.source(program.sources[0]).with_extension("csproj");
    if beside.exists() {
        return Ok(beside);
    }
    let shared = workspace.source("bindings/csharp/Directory.Build.props");
    let import = format!("<Import Project=\"{}\" />", shared.display());
    let package = workspace.source(&format!("{PACKAGE}/Agglestone.csproj"));
    let reference = format!("<ProjectReference Include=\"{}\" />", package.display());
    write_project(workspace, program.name, program, &import, &reference)
}

fn write_project(
    workspace: &Workspace,
    name: &str,
    program: Program,
    import: &str,
    reference: &str,
) -> Result<PathBuf> {
    let path = folder(workspace).join("projects").join(name).join(format!("{name}.csproj"));
    let sources = program.sources(workspace);
    let sources: String =
        sources.iter().map(|source| format!("    <Compile Include=\"{}\" />\n", source.display())).collect();
    let project = format!(
        r#"<Project Sdk="Microsoft.NET.Sdk">
  {import}
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net8.0</TargetFramework>
    <RollForward>Major</RollForward>
    <UseAppHost>false</UseAppHost>
  </PropertyGroup>
  <ItemGroup>
{sources}    {reference}
  </ItemGroup>
</Project>
"#
    );
    process::create(&path)?.write_all(project.as_bytes())?;
    Ok(path)
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.made("csharp-sdk")
}
