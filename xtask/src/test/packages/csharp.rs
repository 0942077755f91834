//! The NuGet packages in projects that know nothing of this tree; the native library and the emulator too come out of them.

use std::process::Command;

use anyhow::{Result, ensure};

use super::trial::{Trial, counted};
use crate::dotnet::Dotnet;
use crate::package;
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
    <PackageReference Include="PACKAGE" Version="*" />
  </ItemGroup>
</Project>
"#;

const TESTING: &str = r#"using Agglestone;
using Agglestone.Testing;

await using var emulator = await Emulator.StartAsync();
using var client = new AgglestoneClient(emulator.ClientOptions());
Console.WriteLine($"Users: {(await client.GetUsersAsync()).TotalRecords}");
"#;

/// The example, and the stand-in, where there is an SDK: only that packs and restores.
pub fn test(workspace: &Workspace, tally: &mut Tally) {
    match Dotnet::find(workspace) {
        Ok(dotnet) if dotnet.is_sdk() => tally.suite(NAME, || installed(workspace, &dotnet)),
        Ok(_) => tally.skip(NAME, "a .NET SDK: only that packs"),
        Err(error) => tally.broken(NAME, &error),
    }
}

fn installed(workspace: &Workspace, dotnet: &Dotnet) -> Result<Ran> {
    let client = Trial::new(workspace, "nuget")?;
    client.take("examples/csharp/Quickstart.cs")?;
    let testing = Trial::new(workspace, "nuget-testing")?;
    std::fs::write(testing.path("Program.cs"), TESTING)?;
    let example = built(workspace, dotnet, &client, "Agglestone")?;
    let mut users = built(workspace, dotnet, &testing, "Agglestone.Testing")?;
    let says = |text: String| {
        ensure!(text.contains("Users: 45"), "it said:\n{text}");
        Ok(())
    };
    Ok(counted(vec![client.example(example), testing.step("users", &mut users).and_then(says)]))
}

/// Builds the program of a trial with a package; gives what runs it.
fn built(workspace: &Workspace, dotnet: &Dotnet, trial: &Trial, name: &str) -> Result<Command> {
    std::fs::write(trial.path("Trial.csproj"), PROJECT.replace("PACKAGE", name))?;
    let in_trial = |mut command: Command| {
        command.current_dir(trial.path("")).env_remove("LD_LIBRARY_PATH");
        command
    };
    let mut build = in_trial(dotnet.command(workspace));
    build.args(["build", "--output", "built"]);
    build.arg(format!("-p:RestoreSources={}", package::dist(workspace).display()));
    build.arg(format!("-p:RestorePackagesPath={}", trial.path("restored").display()));
    trial.step("build", &mut build)?;
    let mut program = in_trial(dotnet.command(workspace));
    program.arg("built/Trial.dll");
    Ok(program)
}
