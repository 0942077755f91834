//! Compiles C# without an SDK, several assemblies in one run of the compiler, and only those whose inputs changed.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::json;

use crate::process::{command, quiet};
use crate::report;
use crate::stamp::{self, Inputs};
use crate::workspace::{Profile, Workspace};

const COMPILER: &str = "xtask/dotnet/compile.py";
/// C# 12 is the newest that this compiler and the SDK of .NET 8 know.
const OPTIONS: &[&str] = &[
    "-nologo",
    "-langversion:12",
    "-nullable:enable",
    "-warnaserror+",
    "-unsafe",
    "-deterministic+",
    "-debug:embedded",
];

/// What is made of the sources.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A library; its public parts must be documented.
    Library,
    /// A program.
    Program,
}

/// An assembly to compile.
pub struct Assembly {
    /// Its name, without `.dll`.
    pub name: String,
    /// Library or program.
    pub kind: Kind,
    /// The C# files.
    pub sources: Vec<PathBuf>,
    /// Assemblies that it uses, besides the framework.
    pub references: Vec<PathBuf>,
}

impl Assembly {
    /// Its file in `folder`.
    pub fn output(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{}.dll", self.name))
    }

    fn arguments(&self, folder: &Path, profile: Profile) -> Vec<String> {
        let mut arguments: Vec<String> = OPTIONS.iter().map(ToString::to_string).collect();
        if profile == Profile::Release {
            arguments.push("-optimize+".into());
        }
        arguments.push(format!("-out:{}", self.output(folder).display()));
        arguments.push(format!("-target:{}", if self.kind == Kind::Library { "library" } else { "exe" }));
        if self.kind == Kind::Library {
            arguments.push(format!("-doc:{}", folder.join(format!("{}.xml", self.name)).display()));
        }
        arguments.extend(self.references.iter().map(|path| format!("-r:{}", path.display())));
        arguments.extend(self.sources.iter().map(|path| path.display().to_string()));
        arguments
    }
}

/// Compiles `assemblies`, in which later ones may use earlier ones, into `folder`. An error holds all diagnostics; what could be
/// compiled all the same is there.
pub fn compile(
    workspace: &Workspace,
    root: &Path,
    folder: &Path,
    assemblies: &[Assembly],
    profile: Profile,
) -> Result<()> {
    fs::create_dir_all(folder)?;
    let mut rebuilt: HashSet<PathBuf> = HashSet::new();
    let mut stale = Vec::new();
    for assembly in assemblies {
        let hash = hash(workspace, root, assembly, &assembly.arguments(folder, profile))?;
        let output = assembly.output(folder);
        let fresh = output.exists() && stamp::holds(&stamp_of(&output), &hash);
        // A reference that is compiled anew has a new interface, perhaps.
        if !fresh || assembly.references.iter().any(|path| rebuilt.contains(path)) {
            rebuilt.insert(output);
            stale.push((assembly, hash));
        }
    }
    if stale.is_empty() {
        return Ok(());
    }

    let names: Vec<&str> = stale.iter().map(|(assembly, _)| assembly.name.as_str()).collect();
    report::step(&format!("C#: compiling {}", names.join(", ")), || {
        for (assembly, _) in &stale {
            let output = assembly.output(folder);
            let _ = fs::remove_file(&output);
            let _ = fs::remove_file(stamp_of(&output));
        }
        let plan = json!({
            "root": root,
            "assemblies": stale.iter().map(|(assembly, _)| assembly.arguments(folder, profile)).collect::<Vec<_>>(),
        });
        let path = folder.join("plan.json");
        fs::write(&path, plan.to_string())?;
        let mut python = command(workspace, root.join("venv/bin/python"));
        python.arg(workspace.source(COMPILER)).arg(&path).env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1");
        let done = quiet(workspace, "csharp-compile", &mut python);
        for (assembly, hash) in &stale {
            let output = assembly.output(folder);
            if output.exists() {
                write_runtime_config(assembly, folder)?;
                fs::write(stamp_of(&output), hash)?;
            }
        }
        done.map(|_| ())
    })
}

fn hash(workspace: &Workspace, root: &Path, assembly: &Assembly, arguments: &[String]) -> Result<String> {
    // The .NET root's stamp stands for the compiler and the framework.
    let inputs = Inputs::default().file(&workspace.source(COMPILER))?.file(&root.join("stamp"))?;
    let inputs = inputs.text(arguments.join("\n"));
    Ok(inputs.files(&assembly.sources)?.hash())
}

fn stamp_of(output: &Path) -> PathBuf {
    output.with_extension("stamp")
}

/// Programs run on any runtime from version 8 up; the packages bring a 9.
fn write_runtime_config(assembly: &Assembly, folder: &Path) -> Result<()> {
    if assembly.kind == Kind::Library {
        return Ok(());
    }
    let config = json!({"runtimeOptions": {
        "tfm": "net8.0",
        "rollForward": "LatestMajor",
        "framework": {"name": "Microsoft.NETCore.App", "version": "8.0.0"},
    }});
    let path = folder.join(format!("{}.runtimeconfig.json", assembly.name));
    fs::write(&path, config.to_string()).with_context(|| format!("cannot write {}", path.display()))
}
