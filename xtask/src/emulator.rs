//! A running emulator for examples and tests: started on a free port, stopped when the value goes.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use ureq::Agent;

use crate::process::{self, Running};
use crate::workspace::Workspace;

/// It promises to answer within 50 ms; a busy machine may be slower.
const START_LIMIT: Duration = Duration::from_secs(20);

/// Longest that a call of the control API may take.
const CONTROL_LIMIT: Duration = Duration::from_secs(5);

/// The child process and the line it announced itself with.
pub struct Emulator {
    announced: Value,
    agent: Agent,
    // Its end is this field's drop.
    _process: Running,
}

impl Emulator {
    /// Starts the emulator that cargo built and waits until it answers. Its log is `emulator-NAME`.
    pub fn start(workspace: &Workspace, name: &str) -> Result<Self> {
        let command = process::command(workspace, workspace.built("agglestone-emulator"));
        Self::start_by(workspace, name, command)
    }

    /// The same at a port and with a file of its data, for one that comes back where it was.
    pub fn start_at(workspace: &Workspace, name: &str, port: u16, data: &Path) -> Result<Self> {
        let mut command = process::command(workspace, workspace.built("agglestone-emulator"));
        command.arg("--data").arg(data);
        Self::start_on(workspace, name, command, port)
    }

    /// The same with the `command` that runs the emulator; arguments are added.
    pub fn start_by(workspace: &Workspace, name: &str, command: Command) -> Result<Self> {
        Self::start_on(workspace, name, command, 0)
    }

    fn start_on(workspace: &Workspace, name: &str, mut command: Command, port: u16) -> Result<Self> {
        let log = workspace.log(&format!("emulator-{name}"));
        command
            .args(["--json", "--port", &port.to_string()])
            .stdout(Stdio::piped())
            .stderr(process::create(&log)?);
        let mut process = Running::start(&mut command)?;
        let mut lines = BufReader::new(process.take_stdout().context("the emulator has no output")?).lines();

        let (send, receive) = mpsc::channel();
        std::thread::spawn(move || {
            let _ = send.send(lines.next());
            // Read on, so that it never meets a closed pipe.
            lines.for_each(drop);
        });
        let line = match receive.recv_timeout(START_LIMIT) {
            Ok(Some(line)) => line?,
            Ok(None) => {
                bail!("the emulator ended at once\n{}", std::fs::read_to_string(&log).unwrap_or_default())
            }
            Err(_) => bail!("the emulator did not announce itself within {} s", START_LIMIT.as_secs()),
        };
        let announced = serde_json::from_str(&line).with_context(|| format!("the emulator said: {line}"))?;
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // It is on this machine.
            .proxy(None)
            .timeout_global(Some(CONTROL_LIMIT));
        Ok(Self { announced, agent: config.build().into(), _process: process })
    }

    /// Its base URL.
    pub fn url(&self) -> Result<&str> {
        self.announced("url")
    }

    /// Gives an example what a user has: the tenant, a key and the address.
    pub fn for_example(&self, command: &mut Command) -> Result<()> {
        command
            .env("AGGLESTONE_TENANT_ID", self.announced("tenantId")?)
            .env("AGGLESTONE_API_KEY", self.announced("primaryApiKey")?)
            .env("AGGLESTONE_BASE_URL", self.url()?);
        Ok(())
    }

    /// Gives a test suite everything, the control token too.
    pub fn for_tests(&self, command: &mut Command) -> Result<()> {
        command
            .env("AGG_TEST_EMULATOR_URL", self.url()?)
            .env("AGG_TEST_TENANT_ID", self.announced("tenantId")?)
            .env("AGG_TEST_PRIMARY_KEY", self.announced("primaryApiKey")?)
            .env("AGG_TEST_SECONDARY_KEY", self.announced("secondaryApiKey")?)
            .env("AGG_TEST_CONTROL_TOKEN", self.announced("controlToken")?);
        Ok(())
    }

    /// Gives a service what the file of a mounted secret would be to it: its keys come from files, replaced while it runs.
    pub fn for_service(&self, command: &mut Command, primary: &Path, secondary: &Path) -> Result<()> {
        command
            .env("AGGLESTONE_TENANT_ID", self.announced("tenantId")?)
            .env("AGGLESTONE_API_KEY_FILE", primary)
            .env("AGGLESTONE_SECONDARY_API_KEY_FILE", secondary)
            .env("AGGLESTONE_BASE_URL", self.url()?);
        Ok(())
    }

    /// The primary and the secondary key that it started with.
    pub fn first_keys(&self) -> Result<[String; 2]> {
        Ok([self.announced("primaryApiKey")?.to_string(), self.announced("secondaryApiKey")?.to_string()])
    }

    /// The port that it listens at.
    pub fn port(&self) -> Result<u16> {
        let port = self.url()?.rsplit(':').next().unwrap_or_default();
        port.parse().with_context(|| format!("no port: {port}"))
    }

    /// A call of its control API; `path` is below `/_emulator/`.
    pub fn control(&self, method: &str, path: &str) -> Result<Value> {
        self.control_with(method, path, "")
    }

    /// The same with a body.
    pub fn control_with(&self, method: &str, path: &str, body: &str) -> Result<Value> {
        let url = format!("{}/_emulator/{path}", self.url()?);
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(&url)
            .header("Authorization", format!("Bearer {}", self.announced("controlToken")?))
            .header("Content-Type", "application/json")
            .body(body)?;
        let mut answer = self.agent.run(request).with_context(|| format!("no answer to {method} {url}"))?;
        let status = answer.status();
        let body = answer.body_mut().read_to_string()?;
        ensure!(status.is_success(), "the answer to {method} {url} is {status}: {body}");
        serde_json::from_str(&body).with_context(|| format!("the answer to {method} {url} is not JSON"))
    }

    fn announced(&self, name: &str) -> Result<&str> {
        let value = self.announced.get(name).and_then(Value::as_str);
        value.with_context(|| format!("the emulator announced no {name}"))
    }
}
