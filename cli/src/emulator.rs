//! `agglestone emulator`: runs the emulator's own program, which is a package of its own.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::process::Command;

use anyhow::{Context, Result, bail};

const PROGRAM: &str = "agglestone-emulator";

#[derive(clap::Args)]
pub struct Options {
    /// The emulator's own options; `agglestone emulator -- --help` lists them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "OPTIONS")]
    options: Vec<OsString>,
}

pub fn run(options: Options) -> Result<bool> {
    // Beside this program first: both come from one package, or one build.
    let beside =
        std::env::current_exe().ok().map(|own| own.with_file_name(PROGRAM)).filter(|path| path.exists());
    let program = std::env::var_os("AGGLESTONE_EMULATOR").unwrap_or_else(|| match beside {
        Some(path) => path.into(),
        None => PROGRAM.into(),
    });
    match Command::new(&program).args(options.options).status() {
        Ok(status) => Ok(status.success()),
        Err(error) if error.kind() == ErrorKind::NotFound => bail!(
            "the emulator is not there: install {PROGRAM} (pip or npm), or name its program in AGGLESTONE_EMULATOR"
        ),
        Err(error) => Err(error).with_context(|| format!("{} can't be started", program.to_string_lossy())),
    }
}
