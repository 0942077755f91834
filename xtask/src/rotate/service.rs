//! A running service: its process, its key files, and the last line in which it said how it goes.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::Value;

use super::keys::{KeyFiles, Slot};
use crate::emulator::Emulator;
use crate::faces::Face;
use crate::process::{self, Running};
use crate::workspace::Workspace;

/// Longest that a service may take to end its calls under way.
const END_LIMIT: Duration = Duration::from_secs(10);
/// How much of what a service complained about is worth showing.
const LINES_SHOWN: usize = 10;

/// What a service said last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub calls: u64,
    pub failures: u64,
    pub failovers: u64,
    /// The fingerprint of the key in use.
    pub key: String,
}

impl Report {
    /// Reads a line such as `{"calls":120,"failures":0,"failovers":1,"key":"0eb13549"}`.
    fn read(line: &str) -> Option<Self> {
        let said: Value = serde_json::from_str(line).ok()?;
        let number = |name: &str| said.get(name)?.as_u64();
        Some(Self {
            calls: number("calls")?,
            failures: number("failures")?,
            failovers: number("failovers")?,
            key: said.get("key")?.as_str()?.to_string(),
        })
    }
}

/// A service and what is known of it.
pub struct Service {
    pub face: Face,
    files: KeyFiles,
    process: Running,
    last: Arc<Mutex<Report>>,
    listener: JoinHandle<()>,
    log: PathBuf,
    ended_by_itself: bool,
}

impl Service {
    /// Starts `command` with a pair of key files of its own.
    pub fn start(
        workspace: &Workspace,
        emulator: &Emulator,
        face: Face,
        mut command: Command,
        keys: &[String; 2],
    ) -> Result<Self> {
        let name = language(face);
        let files = KeyFiles::create(workspace.made("xtask/rotate").join(&name), keys)?;
        emulator.for_service(&mut command, &files.path(Slot::Primary), &files.path(Slot::Secondary))?;
        let log = workspace.log(&format!("rotate-{name}"));
        command.stdout(Stdio::piped()).stderr(process::create(&log)?);
        let mut process = Running::start(&mut command)?;
        let lines = BufReader::new(process.take_stdout().context("the service has no output")?).lines();
        let last = Arc::new(Mutex::new(Report::default()));
        let heard = last.clone();
        let listener = std::thread::spawn(move || {
            for report in lines.map_while(std::io::Result::ok).filter_map(|line| Report::read(&line)) {
                *heard.lock().unwrap_or_else(PoisonError::into_inner) = report;
            }
        });
        Ok(Self { face, files, process, last, listener, log, ended_by_itself: false })
    }

    /// How it goes.
    pub fn report(&self) -> Report {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether it is over, which it should not be before it is asked.
    pub fn has_ended(&self) -> bool {
        self.listener.is_finished()
    }

    /// Replaces one of its key files.
    pub fn give(&self, slot: Slot, key: &str) -> Result<()> {
        self.files.replace(slot, key)
    }

    /// Asks it to end, which it does when its calls under way are over.
    pub fn ask_to_end(&mut self) {
        self.ended_by_itself = self.has_ended();
        self.process.ask_to_end();
    }

    /// Waits for its end; gives the last report, and what is wrong if something is.
    pub fn end(self) -> (Report, Result<()>) {
        let status = self.process.wait(Some(END_LIMIT));
        // What was printed is all read when the pipe has ended.
        let _ = self.listener.join();
        let report = self.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let checked = status.and_then(|status| {
            ensure!(!self.ended_by_itself, "it ended by itself ({status})");
            ensure!(status.success(), "it failed ({status})");
            ensure!(report.calls > 0, "it made no calls");
            ensure!(report.failures == 0, "{} of its calls failed", report.failures);
            Ok(())
        });
        let complaints = std::fs::read_to_string(&self.log).unwrap_or_default();
        let shown: Vec<&str> = complaints.lines().take(LINES_SHOWN).collect();
        (report, checked.map_err(|error| anyhow!("{error:#}\n{}", shown.join("\n"))))
    }
}

/// The start of the User-Agent by which the service of a language is known.
pub fn app_name(face: Face) -> String {
    format!("example-service-{}/", language(face))
}

fn language(face: Face) -> String {
    format!("{face:?}").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_report_only_with_all_its_members() {
        let line = r#"{"calls":120,"failures":0,"failovers":1,"key":"0eb13549"}"#;
        let report = Report { calls: 120, failures: 0, failovers: 1, key: "0eb13549".into() };
        assert_eq!(Report::read(line), Some(report));
        assert_eq!(Report::read(r#"{"calls":120,"failures":0}"#), None);
        assert_eq!(Report::read("Hello"), None);
    }
}
