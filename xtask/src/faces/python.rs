//! Python: the wheel, built by maturin and installed into an environment of its own, so that what runs is what users get.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::conformance;
use crate::count;
use crate::emulator::Emulator;
use crate::process;
use crate::release;
use crate::report;
use crate::stamp::{self, Inputs};
use crate::tally::{Ran, Tally, ran};
use crate::venv;
use crate::workspace::{Profile, Workspace, files};

const PROJECT: &str = "python/pyproject.toml";
const REQUIREMENTS: &str = "python/requirements-dev.txt";

/// Builds the wheel and installs it; both only if something changed.
pub fn build(workspace: &Workspace) -> Result<()> {
    install(workspace, Profile::Dev)
}

fn install(workspace: &Workspace, profile: Profile) -> Result<()> {
    let wheel = wheel(workspace, profile)?;
    let venv = venv(workspace, profile);
    venv::ensure(workspace, &venv)?;
    let inputs = Inputs::default().text(contents(workspace, &wheel)?);
    stamp::unless_stamped(&venv.join("wheel.stamp"), inputs, || {
        report::step("Python: installing the wheel", || {
            // What it depends on, unless it is there; then the wheel, though its version is the installed one's.
            process::quiet(workspace, "python-wheel-needs", venv::pip(workspace, &venv).arg(&wheel))?;
            let mut pip = venv::pip(workspace, &venv);
            pip.args(["--force-reinstall", "--no-deps", "--no-index"]).arg(&wheel);
            process::quiet(workspace, "python-wheel-install", &mut pip).map(|_| ())
        })
    })?;
    Ok(())
}

/// The example, on the installed wheel.
pub fn example(workspace: &Workspace) -> Result<Command> {
    program(workspace, "examples/python/quickstart.py")
}

/// The service of `demo --rotate`, on the installed wheel.
pub fn service(workspace: &Workspace) -> Result<Command> {
    program(workspace, "examples/python/service.py")
}

/// A program on the installed wheel.
pub fn program(workspace: &Workspace, source: &str) -> Result<Command> {
    build(workspace)?;
    let mut python = python(workspace);
    python.arg(workspace.source(source));
    Ok(python)
}

/// A program of the benchmarks, on the wheel as it is shipped.
pub fn benchmark(workspace: &Workspace, source: &str) -> Result<Command> {
    install(workspace, Profile::Release)?;
    let mut python = python_of(workspace, Profile::Release);
    python.arg(workspace.source(source));
    Ok(python)
}

/// Installs what a program of the benchmarks needs besides the wheel.
pub fn with_requirements(workspace: &Workspace, requirements: &str) -> Result<()> {
    venv::with_requirements(workspace, &venv(workspace, Profile::Release), requirements)
}

/// The interpreter's version.
pub fn version(workspace: &Workspace) -> Result<String> {
    process::output(process::command(workspace, "python3").arg("--version"))
}

/// pytest, stubs, linters, and the conformance cases both ways.
pub fn test(workspace: &Workspace, tally: &mut Tally) {
    if let Err(error) = build(workspace).and_then(|()| install_tools(workspace)) {
        return tally.broken("Python: wheel and test tools", &error);
    }
    tally.suite("Python: pytest", || {
        let emulator = Emulator::start(workspace, "python")?;
        let mut pytest = python(workspace);
        pytest.args(["-m", "pytest", "-q", "-p", "no:cacheprovider", "python/tests"]);
        // A test that hangs shows where.
        pytest.args(["-o", "faulthandler_timeout=60"]);
        emulator.for_tests(&mut pytest)?;
        // Of their own, those that try the testing module start more.
        pytest.env("AGGLESTONE_EMULATOR", workspace.built("agglestone-emulator"));
        ran(workspace, "pytest", &mut pytest, count::pytest)
    });
    tally.suite("Python: type stubs", || {
        check(workspace, "stubtest", &["-m", "mypy.stubtest", "agglestone._native"], None)
    });
    tally.suite("Python: types", || check(workspace, "mypy", &["-m", "mypy"], Some("python")));
    tally.suite("Python: ruff", || {
        let mut ran = Ran::default();
        for arguments in [&["check"][..], &["format", "--check"]] {
            let mut ruff = vec!["-m", "ruff"];
            ruff.extend(arguments);
            ruff.extend(["--no-cache", "--config", PROJECT]);
            ruff.extend(["python", "examples", "tests", "benches", "xtask"]);
            ran += check(workspace, &format!("ruff-{}", arguments[0]), &ruff, None)?;
        }
        Ok(ran)
    });
    for way in ["sync", "async"] {
        conformance::run(workspace, tally, &format!("python-{way}"), || {
            let mut driver = python(workspace);
            driver.arg("tests/conformance/drivers/driver.py").arg(format!("--{way}"));
            Ok(driver)
        });
    }
}

/// A tool that has nothing to count: its exit is the one test.
fn check(workspace: &Workspace, log: &str, arguments: &[&str], folder: Option<&str>) -> Result<Ran> {
    let mut tool = python(workspace);
    tool.args(arguments);
    if let Some(folder) = folder {
        tool.current_dir(workspace.source(folder));
    }
    let done = process::captured(workspace, log, &mut tool)?;
    Ok(if done.status.success() { Ran::one() } else { Ran::failed(done.text) })
}

/// The environment with the wheel, and for tests their tools.
fn venv(workspace: &Workspace, profile: Profile) -> PathBuf {
    workspace.made(match profile {
        Profile::Dev => "python/venv",
        Profile::Release => "python/release/venv",
    })
}

fn python(workspace: &Workspace) -> Command {
    python_of(workspace, Profile::Dev)
}

fn python_of(workspace: &Workspace, profile: Profile) -> Command {
    let mut python = process::command(workspace, venv(workspace, profile).join("bin/python"));
    // No compiled files in the source tree.
    python.env("PYTHONDONTWRITEBYTECODE", "1");
    python
}

fn install_tools(workspace: &Workspace) -> Result<()> {
    venv::with_requirements(workspace, &venv(workspace, Profile::Dev), REQUIREMENTS)
}

/// Runs maturin, which leaves to cargo what is up to date; gives the wheel.
pub fn wheel(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    let wheels = workspace.made(match profile {
        Profile::Dev => "python/wheels",
        Profile::Release => "python/release/wheels",
    });
    // An older version's wheel would be taken for the new one.
    let _ = fs::remove_dir_all(&wheels);
    report::live_step(&format!("maturin build: {} wheel", profile.name()), || {
        let mut maturin = maturin(workspace, "python")?;
        maturin.args(["build", "--profile", profile.name(), "--out"]).arg(&wheels);
        if profile == Profile::Release {
            for_release(workspace, &mut maturin)?;
        }
        process::live(&mut maturin)
    })?;
    the_only(&wheels, "whl")
}

/// Makes the source distribution as maturin sees it; gives the archive.
pub fn source_distribution(workspace: &Workspace) -> Result<PathBuf> {
    let archives = workspace.made("python/sdist");
    let _ = fs::remove_dir_all(&archives);
    report::step("maturin sdist", || {
        let mut maturin = maturin(workspace, "python")?;
        maturin.args(["sdist", "--out"]).arg(&archives);
        process::quiet(workspace, "maturin-sdist", &mut maturin).map(|_| ())
    })?;
    the_only(&archives, "gz")
}

/// Makes the wheel that brings the program of the package in `folder`, as a release.
pub fn program_wheel(workspace: &Workspace, folder: &str, output: &Path) -> Result<PathBuf> {
    let wheels = workspace.made(folder).join("wheels");
    let _ = fs::remove_dir_all(&wheels);
    report::live_step(&format!("maturin build: wheel of {folder}"), || {
        let mut maturin = maturin(workspace, folder)?;
        maturin.args(["build", "--profile", "release", "--out"]).arg(&wheels);
        for_release(workspace, &mut maturin)?;
        process::live(&mut maturin)
    })?;
    let wheel = the_only(&wheels, "whl")?;
    let copy = output.join(wheel.file_name().context("a package has a name")?);
    fs::copy(&wheel, &copy).with_context(|| format!("cannot write {}", copy.display()))?;
    Ok(copy)
}

/// What maturin left.
fn the_only(folder: &Path, extension: &str) -> Result<PathBuf> {
    let mut found = files(folder, &[extension]);
    ensure!(found.len() == 1, "maturin left {} files in {}", found.len(), folder.display());
    Ok(found.remove(0))
}

/// The tag says from which glibc on, as far as maturin sees that in the symbols.
fn for_release(workspace: &Workspace, maturin: &mut Command) -> Result<()> {
    maturin.args(["--target", workspace.platform().triple, "--compatibility", "pypi"]);
    release::configure(workspace, maturin)
}

/// maturin, in a package's folder.
fn maturin(workspace: &Workspace, folder: &str) -> Result<Command> {
    let tools = workspace.made("python/tools");
    venv::ensure(workspace, &tools)?;
    let pinned = pinned_maturin(workspace)?;
    stamp::unless_stamped(&tools.join("tools.stamp"), Inputs::default().text(&pinned), || {
        report::step(&format!("Python: installing {pinned}"), || {
            let mut pip = venv::pip(workspace, &tools);
            process::quiet(workspace, "python-maturin", pip.arg(&pinned)).map(|_| ())
        })
    })?;
    let mut maturin = process::command(workspace, venv::program(&tools, "maturin"));
    maturin.current_dir(workspace.source(folder));
    Ok(maturin)
}

/// What is in the wheel, by checksum. Its bill of materials has the time of the build in it, which makes every wheel another
/// file; SOURCE_DATE_EPOCH would settle that, but cargo's dependencies watch it and would be compiled anew.
fn contents(workspace: &Workspace, wheel: &Path) -> Result<String> {
    let script = "import sys, zipfile
for item in zipfile.ZipFile(sys.argv[1]).infolist():
    if '.dist-info/sboms/' not in item.filename and not item.filename.endswith('/RECORD'):
        print(item.filename, item.CRC)";
    process::output(process::command(workspace, "python3").args(["-c", script]).arg(wheel))
}

/// The build backend as `pyproject.toml` pins it, so that `pip wheel` and this tool build with the same.
fn pinned_maturin(workspace: &Workspace) -> Result<String> {
    let text = fs::read_to_string(workspace.source(PROJECT))?;
    let pinned = text.split('"').find(|part| part.starts_with("maturin=="));
    pinned.map(str::to_string).with_context(|| format!("{PROJECT} pins no maturin==VERSION"))
}
