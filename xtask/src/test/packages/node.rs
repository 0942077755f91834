//! The npm packages in a project that has nothing else.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;
use serde_json::{Map, Value, json};

use super::trial::{Trial, counted, runs_on_old_glibc};
use crate::platform::PLATFORMS;
use crate::tally::Ran;
use crate::workspace::Workspace;

/// By npm, on the Node that this tool uses.
pub fn smoke(workspace: &Workspace) -> Result<Ran> {
    let trial = Trial::new(workspace, "npm")?;
    npm_install(&trial, &[])?;
    let platform = workspace.platform().npm;
    let addon = trial.path(&format!("node_modules/@agglestone/{platform}/agglestone.{platform}.node"));
    let mut ran = counted(vec![
        trial.example(program(&trial, "node", "examples/node/quickstart.mjs")?),
        runs_on_old_glibc(workspace, &addon),
    ]);
    trial.take("tests/conformance/drivers/shown.mjs")?;
    ran += trial.conformance("node", &program(&trial, "node", "tests/conformance/drivers/driver.mjs")?)?;
    Ok(ran)
}

/// The packages in `dist/`.
pub fn tarballs(trial: &Trial) -> Result<[PathBuf; 2]> {
    let addon = format!("agglestone-{}-", trial.platform().npm);
    Ok([trial.packed("agglestone-0", ".tgz")?, trial.packed(&addon, ".tgz")?])
}

/// A program beside the installed package, on a runtime.
pub fn program(trial: &Trial, runtime: &str, source: &str) -> Result<Command> {
    let mut command = trial.command(runtime);
    command.arg(trial.take(source)?);
    Ok(command)
}

/// Node beside the one that this tool uses, from the registry.
pub const VERSIONS: [&str; 2] = ["22", "24"];

/// The example and the cases on another Node.
pub fn on_version(workspace: &Workspace, version: &str) -> Result<Ran> {
    let trial = Trial::new(workspace, &format!("node-{version}"))?;
    npm_install(&trial, &[format!("node@{version}")])?;
    let node = trial.path("node_modules/node/bin/node").display().to_string();
    let mut ran = counted(vec![trial.example(program(&trial, &node, "examples/node/quickstart.mjs")?)]);
    trial.take("tests/conformance/drivers/shown.mjs")?;
    ran += trial.conformance("node", &program(&trial, &node, "tests/conformance/drivers/driver.mjs")?)?;
    Ok(ran)
}

/// Another package manager: itself a package, how it installs, and how it runs programs.
pub struct Manager {
    pub name: &'static str,
    package: &'static str,
    program: &'static str,
    run: &'static [&'static str],
}

pub const MANAGERS: [Manager; 2] = [
    Manager { name: "pnpm", package: "pnpm@12.21.0", program: "pnpm/bin/pnpm.mjs", run: &[] },
    Manager {
        name: "Yarn PnP",
        package: "@yarnpkg/cli-dist@4.18.1",
        program: "@yarnpkg/cli-dist/bin/yarn.js",
        run: &["node"],
    },
];

/// The example in a project of another package manager.
pub fn by_manager(workspace: &Workspace, manager: &Manager) -> Result<Ran> {
    let trial = Trial::new(workspace, manager.name)?;
    let tools = workspace.made("packages").join(manager.program.split('/').next_back().unwrap_or_default());
    std::fs::create_dir_all(&tools)?;
    let mut npm = trial.command("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--prefix"]).arg(&tools).arg(manager.package);
    trial.step("manager", &mut npm)?;
    let program = tools.join("node_modules").join(manager.program);

    let [main, addon] = tarballs(&trial)?;
    let addon_name = format!("@agglestone/{}", workspace.platform().npm);
    let addon = format!("file:{}", addon.display());
    // A registry would know the packages for other platforms too, which Yarn wants to see and installs nowhere.
    let all: Map<String, Value> = PLATFORMS
        .iter()
        .map(|platform| (format!("@agglestone/{}", platform.npm), addon.clone().into()))
        .collect();
    let manifest = json!({
        "private": true,
        "dependencies": {"agglestone": format!("file:{}", main.display()), &addon_name: addon},
        "resolutions": all,
        "pnpm": {"overrides": {&addon_name: addon}},
    });
    std::fs::write(trial.path("package.json"), manifest.to_string())?;
    std::fs::write(trial.path("yarn.lock"), "")?;
    // Without it, Yarn serves `require` alone.
    std::fs::write(trial.path(".yarnrc.yml"), "pnpEnableEsmLoader: true\n")?;
    let mut install = trial.command("node");
    install
        .arg(&program)
        .arg("install")
        .env("YARN_ENABLE_TELEMETRY", "0")
        .env("YARN_ENABLE_IMMUTABLE_INSTALLS", "false");
    trial.step("install", &mut install)?;
    let mut example = trial.command("node");
    if !manager.run.is_empty() {
        example.arg(&program).args(manager.run);
    }
    example.arg(trial.take("examples/node/quickstart.mjs")?);
    Ok(counted(vec![trial.example(example)]))
}

/// Another runtime: the package that it comes in, and how it is started.
pub struct Runtime {
    pub name: &'static str,
    package: &'static str,
    program: &'static str,
    arguments: &'static [&'static str],
    /// What is tried there besides the example, against the service.
    more: Option<&'static str>,
}

pub const RUNTIMES: [Runtime; 2] = [
    Runtime {
        name: "Bun",
        package: "bun@1.4.5",
        program: "node_modules/.bin/bun",
        arguments: &["run"],
        more: None,
    },
    Runtime {
        name: "Deno",
        package: "deno@2.9.6",
        program: "node_modules/.bin/deno",
        arguments: &["run", "--allow-all"],
        more: Some("node/tests/support/deno-workers.mjs"),
    },
];

/// The example on another runtime, and what else is tried there.
pub fn on_runtime(workspace: &Workspace, runtime: &Runtime) -> Result<Ran> {
    let trial = Trial::new(workspace, runtime.name)?;
    npm_install(&trial, &[runtime.package.to_string()])?;
    let program = |source: &str| -> Result<Command> {
        let mut command = trial.command(trial.path(runtime.program));
        command.args(runtime.arguments).arg(trial.take(source)?);
        Ok(command)
    };
    let mut results = vec![trial.example(program("examples/node/quickstart.mjs")?)];
    if let Some(more) = runtime.more {
        results.push(trial.beside_service(program(more)?).map(|_| ()));
    }
    Ok(counted(results))
}

/// What linters of packages say of both.
pub fn checked(workspace: &Workspace) -> Result<Ran> {
    let trial = Trial::new(workspace, "npm-checked")?;
    let tools = workspace.made("packages/lint");
    std::fs::create_dir_all(&tools)?;
    let mut npm = trial.command("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--prefix"]).arg(&tools);
    trial.step("linters", npm.args(["publint@0.3.25", "@arethetypeswrong/cli@0.18.5"]))?;
    let run = |tool: &str, arguments: &[&OsStr]| {
        let mut command = trial.command(tools.join("node_modules/.bin").join(tool));
        trial.step(tool, command.args(arguments)).map(|_| ())
    };
    let main = trial.packed("agglestone-0", ".tgz")?;
    let emulator = trial.packed("agglestone-emulator-0", ".tgz")?;
    let command = trial.packed("agglestone-cli-0", ".tgz")?;
    Ok(counted(vec![
        run("publint", &["run".as_ref(), main.as_ref(), "--strict".as_ref()]),
        run("attw", &[main.as_ref()]),
        run("publint", &["run".as_ref(), emulator.as_ref(), "--strict".as_ref()]),
        run("attw", &[emulator.as_ref()]),
        run("publint", &["run".as_ref(), command.as_ref(), "--strict".as_ref()]),
        run("attw", &[command.as_ref()]),
    ]))
}

/// By npm, both packages and others.
pub fn npm_install(trial: &Trial, others: &[String]) -> Result<()> {
    std::fs::write(trial.path("package.json"), "{\"private\": true}\n")?;
    let mut npm = trial.command("npm");
    npm.args(["install", "--no-audit", "--no-fund"]).args(tarballs(trial)?).args(others);
    trial.step("install", &mut npm).map(|_| ())
}
