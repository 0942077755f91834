//! The NuGet package in a project that knows nothing of this tree; the native library too comes out of it.

use anyhow::Result;

use super::trial::{Trial, counted};
use crate::dotnet::Dotnet;
use crate::package;
use crate::process;
use crate::tally::{Ran, Tally};
use crate::workspace::Workspace;

const NAME: &str = "packages: NuGet";

const PROJECT: &str = r#"<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net8.0</TargetFramework>
    <RollForward>Major</RollForward>
    <ImplicitUsings>enable</ImplicitUsings>
    <Nullable>enable</Nullable>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Agglestone" Version="*" />
  </ItemGroup>
</Project>
"#;

/// The example, where there is an SDK: only that packs and restores.
pub fn test(workspace: &Workspace, tally: &mut Tally) {
    match Dotnet::find(workspace) {
        Ok(dotnet) if dotnet.is_sdk() => tally.suite(NAME, || installed(workspace, &dotnet)),
        Ok(_) => tally.skip(NAME, "a .NET SDK: only that packs"),
        Err(error) => tally.broken(NAME, &error),
    }
}

fn installed(workspace: &Workspace, dotnet: &Dotnet) -> Result<Ran> {
    let trial = Trial::new(workspace, "nuget")?;
    trial.take("examples/csharp/Quickstart.cs")?;
    std::fs::write(trial.path("Trial.csproj"), PROJECT)?;
    let in_trial = |command: &mut std::process::Command| {
        command.current_dir(trial.path("")).env_remove("LD_LIBRARY_PATH");
    };
    let mut build = dotnet.command(workspace);
    build.args(["build", "--output", "built"]);
    build.arg(format!("-p:RestoreSources={}", package::dist(workspace).display()));
    build.arg(format!("-p:RestorePackagesPath={}", trial.path("restored").display()));
    in_trial(&mut build);
    process::quiet(workspace, "package-nuget-build", &mut build)?;
    let mut example = dotnet.command(workspace);
    example.arg("built/Trial.dll");
    in_trial(&mut example);
    Ok(counted(vec![trial.example(example)]))
}
