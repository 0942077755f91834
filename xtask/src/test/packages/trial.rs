//! An empty folder outside of this tree, commands that know nothing of the tree, and what is tried in it.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::count;
use crate::emulator::Emulator;
use crate::package;
use crate::platform::Platform;
use crate::process;
use crate::tally::{Ran, ran};
use crate::workspace::Workspace;

/// The cases that a package must pass: users, by both kinds of credential.
const CASES: &str = "users.json";

/// What packages are checked and tried with.
pub const TOOLS: &str = "xtask/package-tools.txt";

/// The folder. It goes with this value.
pub struct Trial<'a> {
    workspace: &'a Workspace,
    name: String,
    folder: PathBuf,
}

impl<'a> Trial<'a> {
    /// An empty one.
    pub fn new(workspace: &'a Workspace, name: &str) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("agglestone-{}", std::process::id())).join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder)?;
        Ok(Self { workspace, name: name.to_string(), folder })
    }

    /// A place in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A command that runs in it and finds no library of this tree.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = process::command(self.workspace, program);
        command.current_dir(&self.folder).env_remove("LD_LIBRARY_PATH");
        command
    }

    /// Runs a step whose output counts only when it fails.
    pub fn step(&self, what: &str, command: &mut Command) -> Result<String> {
        process::quiet(self.workspace, &format!("package-{}-{what}", self.name), command)
    }

    /// Copies a file of the tree into it.
    pub fn take(&self, source: &str) -> Result<PathBuf> {
        let source = self.workspace.source(source);
        let copy = self.folder.join(source.file_name().context("a file has a name")?);
        fs::copy(&source, &copy).with_context(|| format!("cannot copy {}", source.display()))?;
        Ok(copy)
    }

    /// Runs the example with what a user has.
    pub fn example(&self, command: Command) -> Result<()> {
        let text = self.beside_service(command)?;
        ensure!(text.contains("Users: 10 of 45") && text.contains("expires"), "the example said:\n{text}");
        Ok(())
    }

    /// Runs a program beside an emulator of its own; gives what it said.
    pub fn beside_service(&self, mut command: Command) -> Result<String> {
        let emulator = Emulator::start(self.workspace, &format!("package-{}", self.name))?;
        emulator.for_example(&mut command)?;
        self.step("program", &mut command)
    }

    /// Runs some conformance cases through a driver.
    pub fn conformance(&self, face: &str, driver: &Command) -> Result<Ran> {
        let mut harness = process::command(self.workspace, self.workspace.built("agglestone-conformance"));
        harness.args(["--face", face, "--filter", CASES, "--"]);
        harness.arg(driver.get_program()).args(driver.get_args()).env_remove("LD_LIBRARY_PATH");
        for (name, value) in driver.get_envs() {
            if let Some(value) = value {
                harness.env(name, value);
            }
        }
        ran(self.workspace, &format!("package-{}-conformance", self.name), &mut harness, count::closing_line)
    }

    /// This machine's, which is what is tried.
    pub fn platform(&self) -> &'static Platform {
        self.workspace.platform()
    }

    /// The file in `dist/` whose name begins and ends so.
    pub fn packed(&self, start: &str, end: &str) -> Result<PathBuf> {
        packed(self.workspace, start, end)
    }
}

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
        // The last one takes the folder around them with it.
        let _ = self.folder.parent().map(fs::remove_dir);
    }
}

/// The file in `dist/` whose name begins and ends so.
pub fn packed(workspace: &Workspace, start: &str, end: &str) -> Result<PathBuf> {
    let dist = package::dist(workspace);
    let is_it = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.starts_with(start) && name.ends_with(end)
    };
    let mut found: Vec<PathBuf> = entries(&dist)?.into_iter().filter(is_it).collect();
    ensure!(found.len() == 1, "{} files in dist/ are {start}…{end}", found.len());
    Ok(found.remove(0))
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot see {}", folder.display()))?;
    Ok(entries.flatten().map(|entry| entry.path()).collect())
}

/// The files of an archive, as `tar` lists them, that begin with none of `known`. All lie in one folder.
pub fn strays<'a>(list: &'a str, known: &[&str]) -> Vec<&'a str> {
    let paths = list.lines().filter_map(|line| line.split_once('/')).map(|(_, path)| path);
    // Folders have entries of their own; what is in them counts.
    paths
        .filter(|path| {
            !path.ends_with('/') && !path.is_empty() && !known.iter().any(|start| path.starts_with(start))
        })
        .collect()
}

/// Every check is a test of its own.
pub fn counted(checks: Vec<Result<()>>) -> Ran {
    let mut ran = Ran::default();
    for check in checks {
        ran += match check {
            Ok(()) => Ran::one(),
            Err(error) => Ran::failed(format!("{error:#}")),
        };
    }
    ran
}

/// Whether a library or program asks for no newer glibc than packages promise.
pub fn runs_on_old_glibc(workspace: &Workspace, file: &Path) -> Result<()> {
    if !workspace.platform().triple.ends_with("linux-gnu") {
        return Ok(());
    }
    let text =
        process::output(process::command(workspace, "readelf").args(["--version-info", "--wide"]).arg(file))?;
    let wanted = newest_glibc(&text).with_context(|| format!("{} asks for no glibc", file.display()))?;
    ensure!(wanted <= (2, 17), "{} asks for glibc {}.{}", file.display(), wanted.0, wanted.1);
    Ok(())
}

fn newest_glibc(text: &str) -> Option<(u32, u32)> {
    let versions = text.split_whitespace().filter_map(|word| word.strip_prefix("GLIBC_"));
    let parts = versions.filter_map(|version| {
        let mut numbers = version.split('.').map(|part| part.parse().ok());
        Some((numbers.next()??, numbers.next()??))
    });
    parts.max()
}

#[cfg(test)]
mod tests {
    use super::newest_glibc;

    #[test]
    fn the_newest_version_is_read_as_a_number() {
        let text =
            "  0x0010:   Name: GLIBC_2.9  Flags: none  Version: 4\n  0x0020:   Name: GLIBC_2.17  Version: 3";
        assert_eq!(newest_glibc(text), Some((2, 17)));
        assert_eq!(newest_glibc("Name: GCC_3.0"), None);
    }
}
