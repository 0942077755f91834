//! The store: a real server that keeps what it was told, to be killed and started again.

use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::process::{self, Running};
use crate::tools;
use crate::workspace::Workspace;

pub struct Server<'a> {
    workspace: &'a Workspace,
    port: u16,
    folder: PathBuf,
    running: Option<Running>,
}

impl<'a> Server<'a> {
    pub fn start(workspace: &'a Workspace, folder: PathBuf) -> Result<Self> {
        std::fs::create_dir_all(&folder)?;
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let mut server = Self { workspace, port, folder, running: None };
        server.begin()?;
        Ok(server)
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Starts it, with what it had kept.
    pub fn begin(&mut self) -> Result<()> {
        let mut command = process::command(self.workspace, tools::token_store_program(self.workspace)?);
        command.args(["--port", &self.port.to_string(), "--save", "", "--appendonly", "yes", "--dir"]);
        command.arg(&self.folder).stdout(Stdio::null());
        self.running = Some(Running::start(&mut command)?);
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            if begun.elapsed() > Duration::from_secs(10) {
                bail!("the store does not start");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    /// As by a power cut.
    pub fn kill(&mut self) {
        self.running = None;
    }
}
