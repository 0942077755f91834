//! How cargo builds what is shipped. On Linux zig compiles C and links, because it knows what old C libraries had: a program linked
//! against this machine's would want this machine's glibc, or a newer one, wherever it runs.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::layout;
use crate::process;
use crate::venv;
use crate::workspace::Workspace;

const REQUIREMENTS: &str = "xtask/release-tools.txt";

/// `cargo build` with the release profile, for the workspace's platform.
pub fn cargo(workspace: &Workspace) -> Result<Command> {
    let mut cargo = process::cargo(workspace);
    cargo.args(["build", "--release", "--target", workspace.platform().triple]);
    configure(workspace, &mut cargo)?;
    Ok(cargo)
}

/// The same for what calls cargo itself.
pub fn configure(workspace: &Workspace, command: &mut Command) -> Result<()> {
    let platform = workspace.platform();
    let Some(target) = platform.zig else { return Ok(()) };
    let compiler = compiler(workspace, target)?;
    let triple = platform.triple.replace('-', "_");
    command.env(format!("CARGO_TARGET_{}_LINKER", triple.to_uppercase()), &compiler);
    command.env(format!("CC_{triple}"), &compiler);
    if platform.triple.ends_with("musl") {
        // Libraries that others load share their C library with them.
        command.env(
            format!("CARGO_TARGET_{}_RUSTFLAGS", triple.to_uppercase()),
            "-C target-feature=-crt-static",
        );
    }
    Ok(())
}

/// A command that takes a C compiler's arguments; what rustc's and zig's linkers see differently, cargo-zigbuild settles.
fn compiler(workspace: &Workspace, target: &str) -> Result<PathBuf> {
    let tools = workspace.made("release-tools");
    venv::with_requirements(workspace, &tools, REQUIREMENTS)?;
    let script = "import pathlib, ziglang; print(pathlib.Path(ziglang.__file__).parent / 'zig')";
    let python = venv::program(&tools, "python");
    let zig = process::output(process::command(workspace, python).args(["-c", script]))?;
    let cache = tools.join("cache").display().to_string();
    let zigbuild = venv::program(&tools, "cargo-zigbuild").display().to_string();
    let text = format!(
        "#!/bin/sh
export CARGO_ZIGBUILD_ZIG_PATH='{zig}' CARGO_ZIGBUILD_CACHE_DIR='{cache}'
export ZIG_GLOBAL_CACHE_DIR='{cache}/zig' ZIG_LOCAL_CACHE_DIR='{cache}/zig'
exec '{zigbuild}' zig cc -- -g0 -fno-sanitize=all -target {target} \"$@\"
"
    );
    let path = tools.join(format!("cc-{target}"));
    if fs::read_to_string(&path).is_ok_and(|old| old == text) {
        return Ok(path);
    }
    process::create(&path)?.write_all(text.as_bytes())?;
    layout::executable(&path)?;
    Ok(path)
}
