//! Node: the package, packed and installed into a scratch project, so that what runs is what users get.

mod parts;
mod stage;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

pub use self::parts::addon;
use self::parts::npm;
use self::stage::Staged;
pub use self::stage::{pack, publishable};
use crate::conformance;
use crate::count;
use crate::emulator::Emulator;
use crate::layout;
use crate::process;
use crate::report;
use crate::stamp::{self, Inputs};
use crate::tally::{Ran, Tally, ran};
use crate::workspace::{Profile, Workspace, files, files_below};

/// Where releases are laid out, and the benchmarks beside them.
const RELEASE: &str = "node/release";

/// Builds addon and JavaScript, packs and installs them; each only if something changed.
pub fn build(workspace: &Workspace) -> Result<()> {
    let staged = stage::stage(workspace, Profile::Dev, &workspace.made("node/dev"))?;
    install(workspace, &staged)
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

/// A program on the installed package.
pub fn program(workspace: &Workspace, source: &str) -> Result<Command> {
    build(workspace)?;
    run_in_project(workspace, &workspace.source(source))
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
        node.env("AGG_TEST_VOCABULARY", workspace.source("tests/testing.json"));
        node.env("AGG_TEST_DOCUMENTS", workspace.source("docs"));
        node.env("AGG_TEST_EXAMPLES", workspace.source("examples/node"));
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

/// A program of the benchmarks, beside the package as it is shipped.
pub fn benchmark(workspace: &Workspace, source: &str) -> Result<Command> {
    stage_release(workspace)?;
    let project = workspace.made(RELEASE);
    let source = workspace.source(source);
    // With what it imports from beside it.
    for file in files(source.parent().context("a program lies in a folder")?, &["mjs"]) {
        layout::copy(&file, &project.join(file.file_name().context("a file has a name")?))?;
    }
    let mut node = process::command(workspace, "node");
    node.arg(project.join(source.file_name().context("a program has a name")?));
    Ok(node)
}

/// Packs the packages as they are shipped, the second for one platform, into `output`; gives both archives.
pub fn tarballs(workspace: &Workspace, output: &Path) -> Result<[PathBuf; 2]> {
    let staged = stage_release(workspace)?;
    Ok([stage::pack(workspace, &staged.main, output)?, stage::pack(workspace, &staged.addon, output)?])
}

fn stage_release(workspace: &Workspace) -> Result<Staged> {
    stage::stage(workspace, Profile::Release, &workspace.made(RELEASE))
}

fn install(workspace: &Workspace, staged: &Staged) -> Result<()> {
    let project = project(workspace);
    let mut contents = files_below(&staged.main, &["js", "cjs", "mjs", "ts", "mts", "json"]);
    contents.extend(files(&staged.addon, &["json", "node"]));
    let inputs = Inputs::default().files(&contents)?;
    stamp::unless_stamped(&project.join("node_modules/.xtask-stamp"), inputs, || {
        report::step("Node: installing the packages", || {
            let _ = fs::remove_dir_all(&project);
            fs::create_dir_all(&project)?;
            fs::write(project.join("package.json"), "{\"private\": true, \"type\": \"module\"}\n")?;
            let mut install = npm(workspace);
            install.args(["install", "--offline", "--no-package-lock"]).current_dir(&project);
            for package in [&staged.main, &staged.addon] {
                install.arg(stage::pack(workspace, package, &project)?);
            }
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
