//! Programs that say once a second how their calls go, in a line such as `{"calls":120,"clients":4,"failures":{"200":1}}`.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process::{self, Running};

const END_LIMIT: Duration = Duration::from_secs(30);

/// What such a program said last.
#[derive(Clone, Default)]
pub struct Said {
    pub calls: u64,
    /// 0 where it makes no more of them as it goes.
    pub clients: u64,
    pub failures: BTreeMap<String, u64>,
}

impl Said {
    fn read(line: &str) -> Option<Said> {
        let said: Value = serde_json::from_str(line).ok()?;
        let number = |name: &str| said.get(name)?.as_u64();
        let failures = said.get("failures")?.as_object()?.iter();
        let failures = failures.filter_map(|(code, count)| Some((code.clone(), count.as_u64()?)));
        let clients = number("clients").unwrap_or_default();
        Some(Said { calls: number("calls")?, clients, failures: failures.collect() })
    }
}

/// Such a program on its way. It ends with this value.
pub struct Speaker {
    process: Running,
    last: Arc<Mutex<Said>>,
}

impl Speaker {
    /// Starts it, and listens. What it says besides goes into `log`.
    pub fn start(mut command: Command, log: &Path) -> Result<Self> {
        command.stdout(Stdio::piped()).stderr(process::create(log)?);
        let mut process = Running::start(&mut command)?;
        let lines = BufReader::new(process.take_stdout().context("the program has no output")?).lines();
        let last = Arc::new(Mutex::new(Said::default()));
        let heard = last.clone();
        std::thread::spawn(move || {
            for said in lines.map_while(std::io::Result::ok).filter_map(|line| Said::read(&line)) {
                *heard.lock().unwrap_or_else(PoisonError::into_inner) = said;
            }
        });
        Ok(Self { process, last })
    }

    pub fn said(&self) -> Said {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Asks it to end, and waits.
    pub fn end(self) -> Result<ExitStatus> {
        self.process.ask_to_end();
        self.process.wait(Some(END_LIMIT))
    }
}
