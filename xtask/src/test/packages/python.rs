//! The wheel in an environment that has nothing else.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};

use super::trial::{TOOLS, Trial, counted, strays};
use crate::package;
use crate::process;
use crate::tally::Ran;
use crate::venv;
use crate::workspace::Workspace;

/// The checkers, and what the package's optional modules are about.
const TYPED: [&str; 11] = [
    "mypy==",
    "opentelemetry-sdk==",
    "pyright==",
    "pytest==",
    "aiohttp==",
    "django==",
    "fastapi==",
    "flask==",
    "httpx==",
    "requests==",
    "types-requests==",
];

/// On the Python that this tool uses.
pub fn smoke(workspace: &Workspace) -> Result<Ran> {
    on(workspace, "python3")
}

/// The example and the cases on one Python.
pub fn on(workspace: &Workspace, python: &str) -> Result<Ran> {
    let name = Path::new(python)
        .components()
        .rev()
        .nth(2)
        .map_or_else(|| python.to_string(), |folder| folder.as_os_str().to_string_lossy().into_owned());
    let trial = Trial::new(workspace, &format!("wheel-{name}"))?;
    works(workspace, &trial, installed(&trial, python, &[("agglestone-0", ".whl")])?)
}

fn works(workspace: &Workspace, trial: &Trial, installed: impl Fn() -> Command) -> Result<Ran> {
    let mut example = installed();
    example.arg(trial.take("examples/python/quickstart.py")?);
    let mut ran = counted(vec![trial.example(example)]);
    // What spans and metrics say is searched, too.
    install(workspace, trial, installed(), &["opentelemetry-sdk=="])?;
    for way in ["sync", "async"] {
        let mut driver = installed();
        driver.arg(workspace.source("tests/conformance/drivers/driver.py")).arg(format!("--{way}"));
        ran += trial.conformance(&format!("python-{way}"), &driver)?;
    }
    Ok(ran)
}

/// Metadata, contents, ABI and symbols, by the tools that package indexes and their users trust.
pub fn checked(workspace: &Workspace) -> Result<Ran> {
    let trial = Trial::new(workspace, "wheels-checked")?;
    let tools = workspace.made("packages/tools");
    venv::with_requirements(workspace, &tools, TOOLS)?;
    let wheel = trial.packed("agglestone-0", ".whl")?;
    let emulator = trial.packed("agglestone_emulator-0", ".whl")?;
    let command = trial.packed("agglestone_cli-0", ".whl")?;
    let source = trial.packed("agglestone-0", ".tar.gz")?;
    let tool = |name: &str, arguments: &[&OsStr]| -> Result<String> {
        let mut tool = trial.command(venv::program(&tools, name));
        // auditwheel's own tools are beside it.
        trial.step(name, tool.args(arguments))
    };
    let shows = |wheel: &Path| -> Result<()> {
        let text = tool("auditwheel", &["show".as_ref(), wheel.as_ref()])?;
        ensure!(text.contains("manylinux_2_17_x86_64"), "auditwheel shows:\n{text}");
        Ok(())
    };
    let passes = |done: Result<String>| done.map(|_| ());
    Ok(counted(vec![
        passes(tool(
            "twine",
            &["check", "--strict"]
                .map(OsStr::new)
                .into_iter()
                .chain([wheel.as_ref(), emulator.as_ref(), command.as_ref(), source.as_ref()])
                .collect::<Vec<_>>(),
        )),
        passes(tool(
            "abi3audit",
            &["--strict".as_ref(), "--assume-minimum-abi3".as_ref(), "3.10".as_ref(), wheel.as_ref()],
        )),
        passes(tool("check-wheel-contents", &[wheel.as_ref()])),
        shows(&wheel),
        shows(&emulator),
        shows(&command),
    ]))
}

/// Type checkers on the installed package, and its stubs against what it exports.
pub fn typed(workspace: &Workspace) -> Result<Ran> {
    let trial = Trial::new(workspace, "wheel-typed")?;
    let installed = installed(&trial, "python3", &[("agglestone-0", ".whl")])?;
    install(workspace, &trial, installed(), &TYPED)?;
    trial.take("examples/python/quickstart.py")?;
    // pyright's own --pythonpath is not heard by --verifytypes, which asks the `python` on the path.
    let programs = trial.path("venv/bin");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(programs).chain(std::env::split_paths(&path)))?;
    let check = |name: &str, arguments: &[&str]| {
        let mut checker = installed();
        checker.arg("-m").args(arguments).env("PATH", &path);
        trial.step(name, &mut checker).map(|_| ())
    };
    std::fs::write(
        trial.path("pyrightconfig.json"),
        "{\"typeCheckingMode\": \"strict\", \"exclude\": [\"venv\"]}",
    )?;
    Ok(counted(vec![
        check("mypy", &["mypy", "--strict", "quickstart.py"]),
        check("stubtest", &["mypy.stubtest", "agglestone._native"]),
        check("pyright", &["pyright", "quickstart.py"]),
        // Every type that users meet is said, none is left to what a checker infers.
        check("verifytypes", &["pyright", "--verifytypes", "agglestone", "--ignoreexternal"]),
    ]))
}

/// What others build: the source distribution holds what it needs and nothing else, and pip compiles it.
pub fn from_source(workspace: &Workspace) -> Result<Ran> {
    let trial = Trial::new(workspace, "sdist")?;
    let archive = trial.packed("agglestone-0", ".tar.gz")?;
    let list = trial.step("list", trial.command("tar").arg("-tzf").arg(&archive))?;
    let known = [
        "agglestone/",
        "bindings/features/",
        "bindings/python/",
        "fork/",
        "src/",
        "Cargo.lock",
        "Cargo.toml",
        "CHANGELOG.md",
        "LICENSE-",
        "PKG-INFO",
        "pyproject.toml",
        "README.md",
        "THIRD-PARTY-NOTICES.txt",
    ];
    let strays = strays(&list, &known);
    ensure!(strays.is_empty(), "the source distribution holds {}", strays.join(", "));
    let print = |name: &str| {
        let member = format!("agglestone-{}/{name}", package::version());
        process::output(trial.command("tar").arg("-xzOf").arg(&archive).arg(member))
    };
    ensure!(print("README.md")?.starts_with("# Agglestone for Python"), "the README is another one");
    for name in ["Cargo.toml", "Cargo.lock"] {
        ensure!(!print(name)?.contains("emulator"), "{name} names the emulator");
    }
    works(workspace, &trial, installed(&trial, "python3", &[("agglestone-0", ".tar.gz")])?)
}

/// Makes an environment with these packages of `dist/`; gives what runs its Python.
pub fn installed<'a>(
    trial: &'a Trial,
    python: &str,
    packages: &[(&str, &str)],
) -> Result<impl Fn() -> Command + use<'a>> {
    let venv = trial.path("venv");
    trial.step("venv", trial.command(python).args(["-m", "venv"]).arg(&venv))?;
    let program = venv::program(&venv, "python");
    let mut pip = trial.command(&program);
    // A wheel that pip keeps of a source distribution by the same name would be taken for this one's.
    pip.args(["-m", "pip", "install", "--quiet", "--no-cache-dir", "--disable-pip-version-check"]);
    for (start, end) in packages {
        pip.arg(trial.packed(start, end)?);
    }
    trial.step("pip", &mut pip)?;
    Ok(move || {
        let mut python = trial.command(&program);
        python.env("PYTHONDONTWRITEBYTECODE", "1");
        python
    })
}

/// Has pip install these, each in the version that the tests have.
fn install(workspace: &Workspace, trial: &Trial, mut pip: Command, names: &[&str]) -> Result<()> {
    let requirements = std::fs::read_to_string(workspace.source("python/requirements-dev.txt"))?;
    let pinned =
        |name: &&str| requirements.lines().find(|line| line.starts_with(name)).unwrap_or(name).to_string();
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    trial.step("requirements", pip.args(names.iter().map(pinned))).map(|_| ())
}

/// The interpreters at hand that the package promises to run on.
pub fn interpreters(workspace: &Workspace) -> Vec<String> {
    let mut found = Vec::new();
    for minor in 10..=15 {
        let name = format!("python3.{minor}");
        if process::output(process::command(workspace, &name).args(["-c", "import venv, ensurepip"])).is_ok()
        {
            found.push(name);
        }
    }
    // Versions side by side, of which pyenv has only one on the path.
    let root = std::env::var_os("HOME").map(|home| Path::new(&home).join(".pyenv/versions"));
    for entry in root.and_then(|root| std::fs::read_dir(root).ok()).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let minor = name.strip_prefix("3.").and_then(|rest| rest.split('.').next()?.parse::<u32>().ok());
        if let Some(minor) = minor.filter(|minor| *minor >= 10) {
            let known = format!("python3.{minor}");
            if !found.contains(&known) {
                found.push(entry.path().join("bin/python3").display().to_string());
            }
        }
    }
    found
}
