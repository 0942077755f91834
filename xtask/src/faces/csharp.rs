//! C#: the package, its NUnit tests, the example and the conformance driver, by the SDK or by this project's own .NET tool.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::count;
use crate::dotnet::{self, Assembly, Dotnet, Kind};
use crate::emulator::Emulator;
use crate::process;
use crate::report;
use crate::test::Tally;
use crate::workspace::{Profile, Workspace, files_below};

const PACKAGE: &str = "bindings/csharp/Agglestone";
const TESTS: &str = "bindings/csharp/Agglestone.Tests";
const EXAMPLE: &str = "examples/csharp/Quickstart.cs";
const SERVICE: &str = "examples/csharp/Service.cs";
const DRIVER: [&str; 2] = ["tests/conformance/drivers/Driver.cs", "tests/conformance/drivers/Shown.cs"];

/// The example, compiled.
pub fn example(workspace: &Workspace, dotnet: &Dotnet) -> Result<Command> {
    built(workspace, dotnet, "Quickstart", EXAMPLE)
}

/// The service of `demo --rotate`, compiled.
pub fn service(workspace: &Workspace, dotnet: &Dotnet) -> Result<Command> {
    built(workspace, dotnet, "Service", SERVICE)
}

/// A program that is one file with a project beside it.
fn built(workspace: &Workspace, dotnet: &Dotnet, name: &'static str, source: &str) -> Result<Command> {
    match dotnet {
        Dotnet::Sdk => {
            let project = workspace.source(source).with_extension("csproj");
            sdk_program(workspace, dotnet, name, &project, Profile::Dev)
        }
        Dotnet::Packages(root) => {
            let assemblies = [package(workspace), program(workspace, name, &[source])];
            dotnet::compile(workspace, root, &folder(workspace), &assemblies, Profile::Dev)?;
            compiled(workspace, dotnet, name)
        }
    }
}

/// A program of the benchmarks, compiled like the package as a release, on the library as it is shipped.
pub fn benchmark(
    workspace: &Workspace,
    dotnet: &Dotnet,
    name: &'static str,
    source: &str,
) -> Result<Command> {
    let mut command = match dotnet {
        Dotnet::Sdk => {
            let project = project_for(workspace, name, &[source])?;
            sdk_program(workspace, dotnet, name, &project, Profile::Release)?
        }
        Dotnet::Packages(root) => {
            let folder = workspace.made("csharp/release");
            let references = vec![folder.join("Agglestone.dll")];
            let program = Assembly { references, ..program(workspace, name, &[source]) };
            dotnet::compile(workspace, root, &folder, &[package(workspace), program], Profile::Release)?;
            let mut command = dotnet.command(workspace);
            command.arg(folder.join(format!("{name}.dll")));
            command
        }
    };
    command.env("LD_LIBRARY_PATH", workspace.built_as(Profile::Release, ""));
    Ok(command)
}

/// NUnit and the conformance cases.
pub fn test(workspace: &Workspace, tally: &mut Tally) {
    let dotnet = match Dotnet::find(workspace) {
        Ok(dotnet) => dotnet,
        Err(error) => return tally.broken("C#: .NET", &error),
    };
    if let Dotnet::Packages(root) = &dotnet
        && let Err(error) = compile_all(workspace, root)
    {
        tally.broken("C#: compiler", &error);
    }
    tally.suite("C#: NUnit", || {
        let emulator = Emulator::start(workspace, "csharp")?;
        let (mut command, read): (Command, fn(&str) -> count::Count) = match &dotnet {
            Dotnet::Sdk => {
                let mut command = dotnet.command(workspace);
                command.args(["test", TESTS]);
                (command, count::dotnet_sdk)
            }
            Dotnet::Packages(_) => (compiled(workspace, &dotnet, "Agglestone.Tests")?, count::closing_line),
        };
        emulator.for_tests(&mut command)?;
        crate::test::ran(workspace, "nunit", &mut command, read)
    });
    tally.conformance(workspace, "csharp", || match &dotnet {
        Dotnet::Sdk => {
            let project = project_for(workspace, "Driver", &DRIVER)?;
            sdk_program(workspace, &dotnet, "Driver", &project, Profile::Dev)
        }
        Dotnet::Packages(_) => compiled(workspace, &dotnet, "Driver"),
    });
}

fn compile_all(workspace: &Workspace, root: &Path) -> Result<()> {
    let folder = folder(workspace);
    fs::create_dir_all(&folder)?;
    let nunit = folder.join("nunit.framework.dll");
    fs::copy(root.join("nunit/nunit.framework.dll"), &nunit).context("cannot copy NUnit")?;
    let mut tests = sources(workspace, TESTS);
    tests.push(workspace.source("xtask/dotnet/TestRunner.cs"));
    let assemblies = [
        package(workspace),
        Assembly {
            name: "Agglestone.Tests",
            kind: Kind::Program,
            sources: tests,
            references: vec![folder.join("Agglestone.dll"), nunit],
        },
        program(workspace, "Quickstart", &[EXAMPLE]),
        program(workspace, "Service", &[SERVICE]),
        program(workspace, "Driver", &DRIVER),
    ];
    dotnet::compile(workspace, root, &folder, &assemblies, Profile::Dev)
}

fn package(workspace: &Workspace) -> Assembly {
    Assembly {
        name: "Agglestone",
        kind: Kind::Library,
        sources: sources(workspace, PACKAGE),
        references: Vec::new(),
    }
}

/// A program without a project of its own that uses the package.
fn program(workspace: &Workspace, name: &'static str, sources: &[&str]) -> Assembly {
    Assembly {
        name,
        kind: Kind::Program,
        sources: sources.iter().map(|source| workspace.source(source)).collect(),
        references: vec![folder(workspace).join("Agglestone.dll")],
    }
}

fn compiled(workspace: &Workspace, dotnet: &Dotnet, name: &str) -> Result<Command> {
    let path = folder(workspace).join(format!("{name}.dll"));
    ensure!(path.exists(), "{name}.dll was not compiled");
    let mut command = dotnet.command(workspace);
    command.arg(path);
    Ok(command)
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.made("csharp")
}

fn sources(workspace: &Workspace, folder: &str) -> Vec<PathBuf> {
    files_below(&workspace.source(folder), &["cs"])
}

/// Builds a project with the SDK; gives what runs it.
fn sdk_program(
    workspace: &Workspace,
    dotnet: &Dotnet,
    name: &str,
    project: &Path,
    profile: Profile,
) -> Result<Command> {
    let configuration = if profile == Profile::Release { "Release" } else { "Debug" };
    let output = workspace.made("csharp-sdk").join(configuration).join(name);
    report::step(&format!("dotnet build: {name}"), || {
        let mut build = dotnet.command(workspace);
        build.arg("build").arg(project).args(["--configuration", configuration]).arg("--output").arg(&output);
        process::quiet(workspace, &format!("dotnet-build-{name}"), &mut build)
    })?;
    let mut command = dotnet.command(workspace);
    command.arg(output.join(format!("{name}.dll")));
    Ok(command)
}

/// A program without a project gets one below `target/`.
fn project_for(workspace: &Workspace, name: &str, sources: &[&str]) -> Result<PathBuf> {
    let path = workspace.made("csharp-sdk/projects").join(name).join(format!("{name}.csproj"));
    let shown = |path: &str| workspace.source(path).display().to_string();
    let sources: String =
        sources.iter().map(|source| format!("    <Compile Include=\"{}\" />\n", shown(source))).collect();
    let project = format!(
        r#"<Project Sdk="Microsoft.NET.Sdk">
  <Import Project="{}" />
  <PropertyGroup>
    <OutputType>Exe</OutputType>
  </PropertyGroup>
  <ItemGroup>
{sources}    <ProjectReference Include="{}/Agglestone.csproj" />
  </ItemGroup>
</Project>
"#,
        shown("bindings/csharp/Directory.Build.props"),
        shown(PACKAGE),
    );
    process::create(&path)?.write_all(project.as_bytes())?;
    Ok(path)
}
