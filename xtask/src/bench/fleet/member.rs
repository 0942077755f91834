//! One process of the fleet, and what it said last.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::face::Face;
use crate::process::{self, Running};
use crate::workspace::Workspace;

#[derive(Default)]
struct Line {
    calls: u64,
    failures: BTreeMap<String, u64>,
}

impl Line {
    /// Reads a line such as `{"calls":120,"failures":{"200":1}}`.
    fn read(line: &str) -> Option<Line> {
        let said: Value = serde_json::from_str(line).ok()?;
        let failures = said.get("failures")?.as_object()?.iter();
        let failures = failures.filter_map(|(code, count)| Some((code.clone(), count.as_u64()?))).collect();
        Some(Line { calls: said.get("calls")?.as_u64()?, failures })
    }
}

pub struct Said {
    pub calls: u64,
    pub failures: Vec<String>,
}

pub struct Member {
    name: String,
    process: Running,
    last: Arc<Mutex<Line>>,
}

impl Member {
    pub fn start(workspace: &Workspace, face: Face, number: usize, mut command: Command) -> Result<Self> {
        let name = format!("{} {}", face.name(), number + 1);
        let log = workspace.log(&format!("fleet-{}-{number}", format!("{face:?}").to_lowercase()));
        command.stdout(Stdio::piped()).stderr(process::create(&log)?);
        let mut process = Running::start(&mut command)?;
        let lines = BufReader::new(process.take_stdout().context("the program has no output")?).lines();
        let last = Arc::new(Mutex::new(Line::default()));
        let heard = last.clone();
        std::thread::spawn(move || {
            for line in lines.map_while(std::io::Result::ok).filter_map(|line| Line::read(&line)) {
                *heard.lock().unwrap_or_else(PoisonError::into_inner) = line;
            }
        });
        Ok(Self { name, process, last })
    }

    /// Has it end; what it said last.
    pub fn end(self) -> Result<Said> {
        self.process.ask_to_end();
        let status = self.process.wait(Some(Duration::from_secs(30)))?;
        ensure!(status.success(), "{}: it failed ({status}); see its log in target/xtask/logs", self.name);
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        ensure!(last.calls > 0, "{}: it made no call", self.name);
        let failures =
            last.failures.iter().map(|(code, count)| format!("{}: {code} {count} times", self.name));
        Ok(Said { calls: last.calls, failures: failures.collect() })
    }
}
