//! The servers of a comparison, all on the core that the client has not.

use std::process::Command;

use anyhow::{Context, Result};

use super::super::nginx::{Nginx, Offer};
use super::super::server::Server;
use super::workloads::From;
use crate::workspace::Workspace;

/// Everything that answers.
pub struct Stage {
    plain: Server,
    delayed: Server,
    slow: Server,
    nginx: Option<Nginx>,
}

impl Stage {
    /// Starts the servers, nginx only where it is wanted.
    pub fn set(workspace: &Workspace, with_tls: bool) -> Result<Self> {
        let nginx = with_tls.then(|| Nginx::start(workspace)).transpose()?;
        Ok(Self {
            plain: Server::start(workspace, &[])?,
            delayed: Server::start(workspace, &["--delay-ms", "10"])?,
            slow: Server::start(workspace, &["--delay-ms", "500"])?,
            nginx,
        })
    }

    /// Gives a program the address of a server, and how to trust it.
    pub fn configure(&self, command: &mut Command, from: From) -> Result<()> {
        match from {
            From::Plain => self.plain.configure(command),
            From::Delayed => self.delayed.configure(command),
            From::Slow => self.slow.configure(command),
            From::Tls => self.nginx()?.configure(command, Offer::Http1),
            From::Http2 => {
                self.nginx()?.configure(command, Offer::Http2);
                command.env("BENCH_HTTP2", "1");
            }
        }
        Ok(())
    }

    fn nginx(&self) -> Result<&Nginx> {
        self.nginx.as_ref().context("nginx was not started")
    }
}
