//! One process of the fleet.

use std::process::Command;

use anyhow::{Result, ensure};

use crate::face::Face;
use crate::said::Speaker;
use crate::workspace::Workspace;

pub struct Member {
    name: String,
    speaker: Speaker,
}

impl Member {
    pub fn start(workspace: &Workspace, face: Face, number: usize, command: Command) -> Result<Self> {
        let name = format!("{} {}", face.name(), number + 1);
        let log = workspace.log(&format!("fleet-{}-{number}", format!("{face:?}").to_lowercase()));
        Ok(Self { name, speaker: Speaker::start(command, &log)? })
    }

    /// Has it end. How many calls it made, and its failures, each as a sentence.
    pub fn end(self) -> Result<(u64, Vec<String>)> {
        let (name, said) = (self.name, self.speaker.said());
        let status = self.speaker.end()?;
        ensure!(status.success(), "{name}: it failed ({status}); see its log in target/xtask/logs");
        ensure!(said.calls > 0, "{name}: it made no call");
        let failures = said.failures.iter().map(|(code, count)| format!("{name}: {code} {count} times"));
        Ok((said.calls, failures.collect()))
    }
}
