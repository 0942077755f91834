//! C# by the SDK: projects built with its analyzers, their format, and the package as somebody else installs it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use sha2::{Digest, Sha512};

use super::programs::{FRAMEWORK_TESTS, FRAMEWORKS, PACKAGE, Program, TESTING, TESTS};
use crate::dotnet::Dotnet;
use crate::layout;
use crate::process;
use crate::report;
use crate::stamp;
use crate::tally::Ran;
use crate::workspace::{Profile, Workspace, files, files_below};

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
    let folders = [PACKAGE, TESTING, TESTS, FRAMEWORK_TESTS].iter().chain(FRAMEWORKS);
    let mut projects: Vec<PathBuf> = folders.map(|folder| project_in(workspace, folder)).collect();
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
    pack(workspace, dotnet, &workspace.source(PACKAGE), &packages, &[])?;
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

/// Whether the package that [`installed`] made is the same file when it is built in another folder.
pub fn same_elsewhere(workspace: &Workspace, dotnet: &Dotnet) -> Result<Ran> {
    let folder = folder(workspace);
    let (elsewhere, packages) = (folder.join("elsewhere"), folder.join("packages-elsewhere"));
    for stale in [&elsewhere, &packages] {
        let _ = fs::remove_dir_all(stale);
    }
    let root = workspace.source("");
    let sources =
        files_below(&workspace.source("bindings/csharp"), &["cs", "csproj", "props", "txt", "md", "json"]);
    let beside = ["LICENSE-APACHE", "LICENSE-MIT", "THIRD-PARTY-NOTICES.txt", ".editorconfig"]
        .map(|name| workspace.source(name));
    for source in sources.iter().chain(&beside) {
        let name = source.strip_prefix(&root).context("it is below the root")?;
        process::create(&elsewhere.join(name))?.write_all(&fs::read(source)?)?;
    }
    let library = format!("-p:CargoOutput={}/", workspace.built("").display());
    pack(workspace, dotnet, &elsewhere.join(PACKAGE), &packages, &[&library])?;
    let [here, there] = [folder.join("packages"), packages].map(|folder| hash_of_package(&folder));
    let (here, there) = (here?, there?);
    match here == there {
        true => Ok(Ran::one()),
        false => {
            Ok(Ran::failed(format!("the package is another one when it is built elsewhere: {here}, {there}")))
        }
    }
}

/// Packs what is published.
pub fn release(workspace: &Workspace, dotnet: &Dotnet, output: &Path) -> Result<Vec<PathBuf>> {
    let platform = workspace.platform();
    let name = platform.nuget.with_context(|| format!("NuGet has no package for {}", platform.triple))?;
    let packages = folder(workspace).join("release");
    let _ = fs::remove_dir_all(&packages);
    // Laid out already where what every platform needs is.
    let (runtimes, platforms) = match std::env::var_os("NATIVE_RUNTIMES") {
        Some(runtimes) => (PathBuf::from(runtimes), String::new()),
        None => {
            let runtimes = folder(workspace).join("runtimes");
            let _ = fs::remove_dir_all(&runtimes);
            for (kind, file) in [
                ("libraries", platform.shared_library("agglestone")),
                ("emulators", platform.program("agglestone-emulator")),
            ] {
                let place = runtimes.join(kind).join(name).join("native").join(&file);
                layout::copy(&workspace.built_as(Profile::Release, &file), &place)?;
            }
            (runtimes, format!("-p:NativePlatforms={name}"))
        }
    };
    let libraries = format!("-p:NativeRuntimes={}", runtimes.join("libraries").display());
    let emulators = format!("-p:EmulatorRuntimes={}", runtimes.join("emulators").display());
    for project in [PACKAGE, TESTING].iter().chain(FRAMEWORKS) {
        pack(
            workspace,
            dotnet,
            &workspace.source(project),
            &packages,
            &[&libraries, &emulators, &platforms],
        )?;
    }
    let mut copies = Vec::new();
    for package in files(&packages, &["nupkg"]) {
        let copy = output.join(package.file_name().context("a package has a name")?);
        fs::copy(&package, &copy).with_context(|| format!("cannot write {}", copy.display()))?;
        copies.push(copy);
    }
    Ok(copies)
}

fn hash_of_package(folder: &Path) -> Result<String> {
    let packages = files(folder, &["nupkg"]);
    let package = packages.first().context("dotnet pack left no package")?;
    Ok(stamp::hex(&Sha512::digest(fs::read(package)?)))
}

fn pack(
    workspace: &Workspace,
    dotnet: &Dotnet,
    project: &Path,
    output: &Path,
    options: &[&str],
) -> Result<()> {
    report::step("dotnet pack: Agglestone", || {
        let mut pack = dotnet.command(workspace);
        // The native library that the other tests use; releases are packed by whoever has them for every platform.
        // Which commit it is differs between the trees of the comparison.
        pack.arg("pack")
            .arg(project)
            .args(["-p:CargoProfile=debug", "-p:EnableSourceControlManagerQueries=false"])
            .args(options.iter().filter(|option| !option.is_empty()))
            .arg("--output")
            .arg(output);
        process::quiet(workspace, "dotnet-pack", &mut pack).map(|_| ())
    })
}

/// The project in a folder, which has the folder's name.
fn project_in(workspace: &Workspace, folder: &str) -> PathBuf {
    let folder = workspace.source(folder);
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    folder.join(format!("{name}.csproj"))
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
    // The driver of the conformance cases prints whatever there is.
    let reflection = !import.is_empty();
    let project = format!(
        r#"<Project Sdk="Microsoft.NET.Sdk">
  {import}
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net8.0</TargetFramework>
    <RollForward>Major</RollForward>
    <UseAppHost>false</UseAppHost>
    <Nullable>enable</Nullable>
    <JsonSerializerIsReflectionEnabledByDefault>{reflection}</JsonSerializerIsReflectionEnabledByDefault>
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
