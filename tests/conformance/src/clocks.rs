//! The clocks of a driver, for cases about sleep: a small library is put before the driver's own.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::folder::Folder;

const SOURCE: &str = include_str!("../clocks.c");

/// What happens to the clocks, in seconds.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The machine sleeps this long: the calendar and the clock since boot go on, the monotonic clock does not.
    #[serde(default)]
    asleep: i64,
    /// Somebody sets the calendar by as much.
    #[serde(default)]
    calendar: i64,
}

/// The clocks of one driver.
pub struct Clocks {
    folder: Folder,
    asleep: i64,
    calendar: i64,
}

impl Clocks {
    /// Clocks as they are, for a driver that is yet to be started.
    pub fn new() -> Result<Self> {
        if !cfg!(target_os = "linux") {
            bail!("clocks can be changed on Linux alone");
        }
        let clocks = Self { folder: Folder::new()?, asleep: 0, calendar: 0 };
        clocks.write()?;
        let source = clocks.path("clocks.c");
        fs::write(&source, SOURCE)?;
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"]);
        let made = compiler.arg(clocks.path("clocks.so")).arg(source).status().context("cannot run cc")?;
        if !made.success() {
            bail!("clocks.c does not compile");
        }
        Ok(clocks)
    }

    /// What the driver's environment has to say.
    pub fn name(&self, environment: &mut BTreeMap<String, String>) {
        let text = |name| self.path(name).to_string_lossy().into_owned();
        environment.insert("LD_PRELOAD".to_owned(), text("clocks.so"));
        environment.insert("CONFORMANCE_CLOCKS".to_owned(), text("seconds"));
    }

    /// Changes them.
    pub fn change(&mut self, change: Change) -> Result<()> {
        self.asleep += change.asleep;
        self.calendar += change.calendar;
        self.write()
    }

    fn write(&self) -> Result<()> {
        let mut bytes = self.asleep.to_ne_bytes().to_vec();
        bytes.extend(self.calendar.to_ne_bytes());
        // In place: the driver has this very file mapped.
        fs::write(self.path("seconds"), bytes).context("cannot change the clocks")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}
