//! Node: the package, packed and installed into a scratch project, so that what runs is what users get.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::conformance;
use crate::count;
use crate::emulator::Emulator;
use crate::process;
use crate::report;
use crate::stamp::{self, Inputs};
use crate::tally::{Ran, Tally, ran};
use crate::workspace::{Profile, Workspace, files, files_below};

/// Builds addon and JavaScript, packs them and installs the package; each only if something changed.
pub fn build(workspace: &Workspace) -> Result<()> {
    let folder = workspace.source("node");
    install_dependencies(workspace, &folder)?;
    build_addon(workspace, &folder)?;
    compile(workspace, &folder)?;
    install_package(workspace, &folder)
}

/// The example, on the installed package.
pub fn example(workspace: &Workspace) -> Result<Command> {
    build(workspace)?;
    run_in_project(workspace, &workspace.source("examples/node/quickstart.mjs"))
}

/// The service of `demo --rotate`, on the installed package.
pub fn service(workspace: &Workspace) -> Result<Command> {
    build(workspace)?;
    run_in_project(workspace, &workspace.source("examples/node/service.mjs"))
}

/// Node's version.
pub fn version(workspace: &Workspace) -> Result<String> {
    let version = process::output(process::command(workspace, "node").arg("--version"))?;
    Ok(format!("Node {}", version.trim_start_matches('v')))
}

/// node:test, types, and the conformance cases.
pub fn test(workspace: &Workspace, tally: &mut Tally) {
    if let Err(error) = build(workspace) {
        return tally.broken("Node: package", &error);
    }
    tally.suite("Node: node:test", || {
        let tests = copy_tests(workspace)?;
        ensure!(!tests.is_empty(), "node/tests has no *.test.* files");
        let emulator = Emulator::start(workspace, "node")?;
        let mut node = process::command(workspace, "node");
        // The files share one emulator, and each resets it.
        node.args(["--test", "--test-concurrency=1"]).args(tests).current_dir(project(workspace));
        emulator.for_tests(&mut node)?;
        // Of their own, those that try the testing module start more.
        node.env("AGGLESTONE_EMULATOR", workspace.built("agglestone-emulator"));
        ran(workspace, "node-test", &mut node, count::node)
    });
    tally.suite("Node: types", || {
        let mut npm = npm(workspace);
        npm.args(["run", "--silent", "typecheck"]).current_dir(workspace.source("node"));
        let done = process::captured(workspace, "node-typecheck", &mut npm)?;
        Ok(if done.status.success() { Ran::one() } else { Ran::failed(done.text) })
    });
    conformance::run(workspace, tally, "node", || {
        let drivers = workspace.source("tests/conformance/drivers");
        into_project(workspace, &drivers.join("shown.mjs"))?;
        run_in_project(workspace, &drivers.join("driver.mjs"))
    });
}

fn npm(workspace: &Workspace) -> Command {
    let mut npm = process::command(workspace, "npm");
    npm.env("npm_config_audit", "false")
        .env("npm_config_fund", "false")
        .env("npm_config_update_notifier", "false");
    npm
}

fn install_dependencies(workspace: &Workspace, folder: &Path) -> Result<()> {
    let inputs = Inputs::default().file(&folder.join("package-lock.json"))?;
    // Inside, so that a removed folder takes its stamp with it.
    stamp::unless_stamped(&folder.join("node_modules/.xtask-stamp"), inputs, || {
        report::step("Node: npm ci", || {
            let mut npm = npm(workspace);
            process::quiet(workspace, "npm-ci", npm.arg("ci").current_dir(folder)).map(|_| ())
        })
    })?;
    Ok(())
}

/// Has cargo build the addon; gives the library.
pub fn addon(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    report::live_step(&format!("cargo build: Node addon, {}", profile.name()), || {
        let mut cargo = process::cargo(workspace);
        process::live(cargo.args(["build", "--package", "agglestone-node", "--profile", profile.name()]))
    })?;
    let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    Ok(workspace.built_as(profile, &format!("{prefix}agglestone_node{suffix}")))
}

/// A program of the benchmarks, beside the package as it is shipped.
pub fn benchmark(workspace: &Workspace, source: &str) -> Result<Command> {
    stage(workspace)?;
    let project = workspace.made("node/release");
    let source = workspace.source(source);
    // With what it imports from beside it.
    for file in files(source.parent().context("a program lies in a folder")?, &["mjs"]) {
        copy(&file, &project.join(file.file_name().context("a file has a name")?))?;
    }
    let mut node = process::command(workspace, "node");
    node.arg(project.join(source.file_name().context("a program has a name")?));
    Ok(node)
}

/// Packs the package as it is shipped, for one platform; gives the archive.
pub fn tarball(workspace: &Workspace) -> Result<PathBuf> {
    let package = stage(workspace)?;
    let project = workspace.made("node/release");
    let mut pack = npm(workspace);
    pack.args(["pack", "--pack-destination"]).arg(&project).current_dir(&package);
    process::quiet(workspace, "npm-pack-release", &mut pack)?;
    let archives = files(&project, &["tgz"]);
    ensure!(archives.len() == 1, "npm pack left {} archives", archives.len());
    Ok(archives.into_iter().next().expect("there is one"))
}

/// Lays out the package with the release's addon. Not in `node/`: what lies there has the tests' addon in it.
fn stage(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.source("node");
    install_dependencies(workspace, &folder)?;
    compile(workspace, &folder)?;
    let addon = addon(workspace, Profile::Release)?;
    let project = workspace.made("node/release");
    let package = project.join("node_modules/agglestone");
    let _ = fs::remove_dir_all(&project);
    let kinds = ["js", "json", "mjs", "mts", "md"];
    let built = files_below(&folder.join("dist"), &["js", "ts"]);
    for file in files(&folder, &kinds).into_iter().chain(built) {
        copy(&file, &package.join(file.strip_prefix(&folder).context("it lies in the package")?))?;
    }
    copy(&addon, &package.join("native").join(format!("agglestone.{}.node", platform())))?;
    Ok(package)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to.parent().context("a file lies in a folder")?)?;
    fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    Ok(())
}

fn build_addon(workspace: &Workspace, folder: &Path) -> Result<()> {
    let built = addon(workspace, Profile::Dev)?;
    let addon = folder.join("native").join(format!("agglestone.{}.node", platform()));
    let content = fs::read(&built).with_context(|| format!("cannot read {}", built.display()))?;
    if fs::read(&addon).is_ok_and(|old| old == content) {
        return Ok(());
    }
    fs::create_dir_all(folder.join("native"))?;
    // A new file, not new content in the old one: a running Node may have that mapped.
    let fresh = addon.with_extension("new");
    fs::write(&fresh, content)?;
    fs::rename(&fresh, &addon).context("cannot replace the addon")
}

/// The platform as the loader in `node/` spells it, such as `linux-x64-gnu`.
fn platform() -> String {
    let system = match std::env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    };
    let machine = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    let library = match (system, cfg!(target_env = "musl")) {
        ("linux", true) => "-musl",
        ("linux", false) => "-gnu",
        _ => "",
    };
    format!("{system}-{machine}{library}")
}

fn compile(workspace: &Workspace, folder: &Path) -> Result<()> {
    let inputs = Inputs::default()
        .files(&files_below(&folder.join("src"), &["ts", "mts", "cts"]))?
        .files(&files(folder, &["json"]))?;
    // Not in `dist`, which is packed whole.
    let stamp = workspace.made("node/dist.stamp");
    if !folder.join("dist").exists() {
        let _ = fs::remove_file(&stamp);
    }
    stamp::unless_stamped(&stamp, inputs, || {
        report::step("Node: npm run build", || {
            let mut npm = npm(workspace);
            process::quiet(workspace, "npm-build", npm.args(["run", "build"]).current_dir(folder)).map(|_| ())
        })
    })?;
    Ok(())
}

fn install_package(workspace: &Workspace, folder: &Path) -> Result<()> {
    let project = project(workspace);
    let kinds = ["js", "cjs", "mjs", "ts", "mts", "json", "node"];
    let mut contents = files(folder, &kinds);
    for part in ["dist", "native"] {
        contents.extend(files_below(&folder.join(part), &kinds));
    }
    let inputs = Inputs::default().files(&contents)?;
    stamp::unless_stamped(&project.join("node_modules/.xtask-stamp"), inputs, || {
        report::step("Node: packing and installing the package", || {
            let _ = fs::remove_dir_all(&project);
            fs::create_dir_all(&project)?;
            fs::write(project.join("package.json"), "{\"private\": true, \"type\": \"module\"}\n")?;
            let mut pack = npm(workspace);
            pack.args(["pack", "--pack-destination"]).arg(&project).current_dir(folder);
            process::quiet(workspace, "npm-pack", &mut pack)?;
            let archives = files(&project, &["tgz"]);
            ensure!(archives.len() == 1, "npm pack left {} archives", archives.len());
            let mut install = npm(workspace);
            install
                .args(["install", "--offline", "--no-package-lock"])
                .arg(&archives[0])
                .current_dir(&project);
            process::quiet(workspace, "npm-install", &mut install).map(|_| ())
        })
    })?;
    Ok(())
}

fn project(workspace: &Workspace) -> PathBuf {
    workspace.made("node/project")
}

/// Copies a program beside the installed package, where `import "agglestone"` finds it.
fn run_in_project(workspace: &Workspace, source: &Path) -> Result<Command> {
    let mut node = process::command(workspace, "node");
    node.arg(into_project(workspace, source)?);
    Ok(node)
}

/// Copies a file to where the installed package is found.
fn into_project(workspace: &Workspace, source: &Path) -> Result<PathBuf> {
    let copy = project(workspace).join(source.file_name().context("a program has a name")?);
    fs::copy(source, &copy).with_context(|| format!("cannot copy {}", workspace.shown(source)))?;
    Ok(copy)
}

/// Copies `node/tests` into the project; gives the test files among them.
fn copy_tests(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let (from, to) = (workspace.source("node/tests"), project(workspace).join("tests"));
    let _ = fs::remove_dir_all(&to);
    let kinds = ["js", "cjs", "mjs", "ts", "mts", "cts", "json"];
    let mut tests = Vec::new();
    for source in files_below(&from, &kinds) {
        let copy = to.join(source.strip_prefix(&from).context("a test lies in its folder")?);
        fs::create_dir_all(copy.parent().context("a test has a folder")?)?;
        fs::copy(&source, &copy)?;
        let name = copy.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if [".test.js", ".test.cjs", ".test.mjs"].iter().any(|end| name.ends_with(end)) {
            tests.push(copy);
        }
    }
    Ok(tests)
}
