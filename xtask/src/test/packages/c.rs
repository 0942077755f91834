//! The C package, unpacked, moved, and found by pkg-config and CMake.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::trial::{TOOLS, Trial, counted, runs_on_old_glibc};
use crate::process;
use crate::tally::Ran;
use crate::tools::c_compiler;
use crate::venv;
use crate::workspace::Workspace;

/// By pkg-config, by hand, and what the files say of themselves.
pub fn smoke(workspace: &Workspace) -> Result<Ran> {
    let trial = Trial::new(workspace, "c")?;
    let prefix = unpacked(&trial)?;
    let library = prefix.join("lib/libagglestone.so");
    let mut ran = counted(vec![
        says(workspace, &library, "Library soname: [libagglestone.so."),
        runs_on_old_glibc(workspace, &library),
        by_pkg_config(workspace, &trial, &prefix, "agglestone"),
        by_pkg_config(workspace, &trial, &prefix, "agglestone-static"),
    ]);
    let driver = linked(workspace, &trial, &prefix, "tests/conformance/drivers/driver.c", "agglestone")?;
    ran += trial.conformance("c", &trial.command(driver))?;
    Ok(ran)
}

/// By CMake, both targets.
pub fn cmake(workspace: &Workspace) -> Result<Ran> {
    let trial = Trial::new(workspace, "cmake")?;
    let prefix = unpacked(&trial)?;
    let tools = workspace.made("packages/tools");
    venv::with_requirements(workspace, &tools, TOOLS)?;
    trial.take("examples/c/quickstart.c")?;
    std::fs::write(
        trial.path("CMakeLists.txt"),
        "cmake_minimum_required(VERSION 3.13)
project(trial C)
find_package(agglestone 0.1 REQUIRED)
add_executable(shared quickstart.c)
target_link_libraries(shared PRIVATE agglestone::agglestone)
add_executable(static quickstart.c)
target_link_libraries(static PRIVATE agglestone::static)
",
    )?;
    let cmake = |arguments: &[&str]| {
        let mut cmake = trial.command(venv::program(&tools, "cmake"));
        cmake.args(arguments);
        cmake
    };
    let prefix = format!("-DCMAKE_PREFIX_PATH={}", prefix.display());
    trial.step("configure", &mut cmake(&["-S", ".", "-B", "build", &prefix]))?;
    trial.step("build", &mut cmake(&["--build", "build"]))?;
    Ok(counted(vec![
        trial.example(trial.command(trial.path("build/shared"))),
        trial.example(trial.command(trial.path("build/static"))),
        // By its name, wherever it was found.
        says(workspace, &trial.path("build/shared"), "Shared library: [libagglestone.so."),
    ]))
}

/// What `cargo xtask install` leaves, under another name than it was unpacked with.
fn unpacked(trial: &Trial) -> Result<PathBuf> {
    let archive = trial.packed("agglestone-c-", ".tar.gz")?;
    trial.step("unpack", trial.command("tar").arg("-xzf").arg(&archive))?;
    let name = archive.file_name().context("an archive has a name")?.to_string_lossy().into_owned();
    let prefix = trial.path("moved elsewhere").join("prefix");
    std::fs::create_dir_all(prefix.parent().context("it has a folder")?)?;
    std::fs::rename(trial.path(name.trim_end_matches(".tar.gz")), &prefix)?;
    Ok(prefix)
}

fn by_pkg_config(workspace: &Workspace, trial: &Trial, prefix: &Path, module: &str) -> Result<()> {
    let program = linked(workspace, trial, prefix, "examples/c/quickstart.c", module)?;
    let needs = process::output(process::command(workspace, "readelf").arg("--dynamic").arg(&program))?;
    let wants_ours = needs.contains("libagglestone");
    ensure!(wants_ours == (module == "agglestone"), "linked by {module} it needs:\n{needs}");
    trial.example(trial.command(program))
}

/// Compiles a program with what pkg-config says, and nothing else but where to find the library when it runs.
fn linked(
    workspace: &Workspace,
    trial: &Trial,
    prefix: &Path,
    source: &str,
    module: &str,
) -> Result<PathBuf> {
    let mut pkg_config = trial.command("pkg-config");
    pkg_config.args(["--cflags", "--libs", module]).env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig"));
    let flags = process::output(&mut pkg_config)?;
    let program =
        trial.path(&format!("{module}-{}", Path::new(source).file_stem().unwrap_or_default().display()));
    // Through a shell, as people do: a prefix with a space in it comes escaped.
    let script = format!("\"$0\" \"$@\" {flags}");
    let mut compiler: Command = trial.command("sh");
    compiler.args(["-c", &script, &c_compiler(), "-std=c11", "-Wall", "-Wextra", "-Werror"]);
    compiler.arg(workspace.source(source)).arg("-o").arg(&program);
    compiler.arg(format!("-Wl,-rpath,{}", prefix.join("lib").display()));
    trial.step("cc", &mut compiler)?;
    Ok(program)
}

fn says(workspace: &Workspace, file: &Path, what: &str) -> Result<()> {
    let text = process::output(process::command(workspace, "readelf").arg("--dynamic").arg(file))?;
    ensure!(text.contains(what), "{} does not say {what}…]:\n{text}", file.display());
    // A folder in there would be that of whoever built it.
    let folders = text.lines().filter(|line| line.contains("(NEEDED)") && line.contains('/')).count();
    ensure!(folders == 0, "{} names a folder:\n{text}", file.display());
    Ok(())
}
