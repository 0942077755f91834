//! The server with fixed answers, on a core of its own while there are two.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use serde_json::Value;

use super::machine::{self, SERVER_CORE};
use super::programs::SERVER;
use crate::process::{self, Running};
use crate::workspace::{Profile, Workspace};

/// Any tenant will do, and any key: the server knows none.
const TENANT: &str = "00000000-0000-4000-8000-000000000001";
const KEY: &str = "bench-key";

/// A running server; it ends with this value.
pub struct Server {
    url: String,
    _process: Running,
}

impl Server {
    /// Starts it with `arguments` and waits until it listens.
    pub fn start(workspace: &Workspace, arguments: &[&str]) -> Result<Self> {
        let server = process::command(workspace, workspace.built_as(Profile::Release, SERVER));
        let mut server = machine::pinned(workspace, SERVER_CORE, server);
        server.args(arguments).stdout(Stdio::piped());
        let mut process = Running::start(&mut server)?;
        let output = process.take_stdout().context("the server has no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let announced: Value = serde_json::from_str(&line).context("the server did not start")?;
        let url = announced["url"].as_str().context("the server announced no url")?.to_string();
        Ok(Self { url, _process: process })
    }

    /// Gives a program what it needs to call it.
    pub fn configure(&self, command: &mut Command) {
        configure(command, &self.url);
    }
}

/// The same for a server that stands between.
pub fn configure(command: &mut Command, url: &str) {
    command
        .env("AGGLESTONE_BASE_URL", url)
        .env("AGGLESTONE_TENANT_ID", TENANT)
        .env("AGGLESTONE_API_KEY", KEY);
}
