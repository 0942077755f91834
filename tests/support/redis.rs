//! A real Valkey or Redis server of a test's own.

use std::process::Child;

use tempfile::TempDir;

use super::store_server::{self, free_port};

/// A server on a port of its own, in a folder of its own, which ends with it.
pub struct Redis {
    pub port: u16,
    folder: TempDir,
    mode: &'static [&'static str],
    child: Option<Child>,
}

impl Redis {
    /// A server with these lines in its configuration.
    pub fn start(lines: &[&str]) -> Redis {
        Redis::start_in(TempDir::new().unwrap(), &[&["save \"\""], lines].concat(), &[])
    }

    /// One that speaks TLS as well, at this port, with a certificate and its key in PEM form.
    pub fn start_with_tls(port: u16, certificate: &str, key: &str) -> Redis {
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("server.pem"), certificate).unwrap();
        std::fs::write(folder.path().join("server.key"), key).unwrap();
        let port = format!("tls-port {port}");
        let files = ["tls-cert-file server.pem", "tls-key-file server.key", "tls-ca-cert-file server.pem"];
        Redis::start_in(folder, &[&["tls-auth-clients no", &port], &files[..]].concat(), &[])
    }

    /// A Sentinel that knows this server as `main`.
    pub fn sentinel(&self) -> Redis {
        let monitored = format!("sentinel monitor main 127.0.0.1 {} 1", self.port);
        Redis::start_in(TempDir::new().unwrap(), &[&monitored], &["--sentinel"])
    }

    fn start_in(folder: TempDir, lines: &[&str], mode: &'static [&'static str]) -> Redis {
        let port = free_port();
        std::fs::write(folder.path().join("server.conf"), format!("port {port}\n{}\n", lines.join("\n")))
            .unwrap();
        let mut server = Redis { port, folder, mode, child: None };
        server.restart();
        server
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Starts it again where it was.
    pub fn restart(&mut self) {
        self.kill();
        let mut command = store_server::command().unwrap();
        command.arg("server.conf").args(self.mode).current_dir(self.folder.path());
        self.child = Some(store_server::start(&mut command, self.port).unwrap());
    }

    /// As by a power cut.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// How many connections listen to others, each channel counted.
    pub fn listeners(&self) -> i64 {
        let channels: Vec<String> = self.ask(&["PUBSUB", "CHANNELS", "agglestone:*"]);
        channels.iter().map(|channel| self.ask::<(String, i64)>(&["PUBSUB", "NUMSUB", channel]).1).sum()
    }

    /// Has it run a command.
    pub fn ask<T: redis::FromRedisValue>(&self, command: &[&str]) -> T {
        let client = redis::Client::open(self.url()).unwrap();
        let mut words = redis::cmd(command[0]);
        words.arg(&command[1..]).query(&mut client.get_connection().unwrap()).unwrap()
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}
