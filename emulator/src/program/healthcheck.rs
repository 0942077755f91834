//! `agglestone-emulator healthcheck`: asks a running emulator whether it answers, for containers without a shell or curl.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// How long an answer may take.
const LIMIT: Duration = Duration::from_secs(5);

/// Whether the emulator on this machine at `port` answers over plain HTTP; over TLS, whether it accepts connections.
pub fn run(host: &str, port: u16, tls: bool) -> Result<(), String> {
    // One that listens on every address is asked at the loopback one.
    let host = match host.trim_start_matches('[').trim_end_matches(']') {
        "0.0.0.0" => "127.0.0.1",
        "::" => "::1",
        host => host,
    };
    let wrong = |error: std::io::Error| format!("no healthy emulator at {host}, port {port}: {error}");
    let address = (host, port).to_socket_addrs().map_err(wrong)?.next();
    let address = address.ok_or_else(|| format!("{host} has no address"))?;
    let mut connection = TcpStream::connect_timeout(&address, LIMIT).map_err(wrong)?;
    if tls {
        return Ok(());
    }
    connection.set_read_timeout(Some(LIMIT)).map_err(wrong)?;
    connection
        .write_all(b"GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        .map_err(wrong)?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).map_err(wrong)?;
    if answer.starts_with("HTTP/1.1 200 ") {
        Ok(())
    } else {
        let status = answer.lines().next().unwrap_or("no answer");
        Err(format!("no healthy emulator at {host}, port {port}: {status}"))
    }
}
