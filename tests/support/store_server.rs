//! The program of a real Valkey or Redis server, on a port of its own.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What `AGG_REDIS` names, or whichever is installed.
pub fn command() -> Result<Command, String> {
    if let Ok(named) = std::env::var("AGG_REDIS") {
        return Ok(Command::new(named));
    }
    let runs = |program: &&str| Command::new(program).arg("--version").stdout(Stdio::null()).status().is_ok();
    let installed = ["valkey-server", "redis-server"].into_iter().find(runs);
    let lacks = || "no valkey-server or redis-server here: install one, or name it by AGG_REDIS".to_owned();
    installed.map(Command::new).ok_or_else(lacks)
}

pub fn free_port() -> u16 {
    let free = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    free.expect("a free port of 127.0.0.1").port()
}

/// Starts it, and waits until it listens at the port.
pub fn start(command: &mut Command, port: u16) -> Result<Child, String> {
    let started = command.stdout(Stdio::null()).spawn().map_err(|error| error.to_string())?;
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if begun.elapsed() > Duration::from_secs(10) {
            return Err("the server of a token store does not start".to_owned());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(started)
}
