//! The static library as it is shipped: one object that exports the C interface and keeps the rest to itself.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::process::{command, output, quiet};
use crate::workspace::Workspace;

/// What the names of the C interface begin with.
const OURS: &str = "agg_";
/// Bitcode that Rust's own library carries for its link-time optimisation. Glued together it is unreadable, and tools that
/// look for LLVM's bitcode fall over it.
const LINKER_SCRIPT: &str = "SECTIONS { /DISCARD/ : { *(.llvmbc) *(.llvmcmd) } }\n";

/// Makes `to`, a static library with the code of `from` (`libagglestone.a` as cargo built it, with any profile) of which only
/// `agg_*` is visible, without debug information. Folders are made; a file that is there is replaced.
///
/// Cargo's own archive exports Rust's standard library too, so a program that links a second Rust library statically has
/// `rust_eh_personality` and others twice. Whoever installs or packs the archive takes this one.
///
/// Needs GNU binutils (`nm`, `ld`, `objcopy`, `ar`), which come with gcc on Linux. On other systems `to` is a plain copy.
pub fn exporting_only_ours(workspace: &Workspace, from: &Path, to: &Path) -> Result<()> {
    let folder = to.parent().context("an archive lies in a folder")?;
    fs::create_dir_all(folder)?;
    if !cfg!(target_os = "linux") {
        fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
        return Ok(());
    }
    let (script, whole, object) =
        (to.with_extension("ld"), to.with_extension("whole.o"), to.with_extension("o"));
    fs::write(&script, LINKER_SCRIPT)?;

    // What is asked for by name brings what it needs along, and nothing else.
    let mut ld = command(workspace, "ld");
    ld.args(["--relocatable", "--strip-debug", "--force-group-allocation", "--script"]).arg(&script);
    ld.arg("--output").arg(&whole);
    for name in exported(workspace, from)?.iter().filter(|name| name.starts_with(OURS)) {
        ld.args(["--undefined", name]);
    }
    quiet(workspace, "archive-ld", ld.arg(from))?;

    let mut objcopy = command(workspace, "objcopy");
    objcopy.args(["--wildcard", &format!("--keep-global-symbol={OURS}*")]).arg(&whole).arg(&object);
    quiet(workspace, "archive-objcopy", &mut objcopy)?;

    let _ = fs::remove_file(to);
    quiet(workspace, "archive-ar", command(workspace, "ar").arg("rcsD").arg(to).arg(&object))?;
    for left in [script, whole, object] {
        fs::remove_file(left)?;
    }
    let exported = exported(workspace, to)?;
    match exported.iter().find(|name| !name.starts_with(OURS)) {
        Some(other) => bail!("{} exports {other}", to.display()),
        None if exported.is_empty() => bail!("{} exports nothing", to.display()),
        None => Ok(()),
    }
}

/// The symbols that an archive defines for others.
fn exported(workspace: &Workspace, archive: &Path) -> Result<Vec<String>> {
    let mut nm = command(workspace, "nm");
    nm.args(["--extern-only", "--defined-only", "--format=posix"]).arg(archive);
    let lines = output(&mut nm)?;
    // `name type value size`; between them stand the names of the archive's members.
    let names = lines.lines().filter_map(|line| line.split_once(' ')).map(|(name, _)| name.to_owned());
    Ok(names.collect())
}
