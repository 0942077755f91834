//! The way to the service: name, connection, TLS.

use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use agglestone::{Config, binding};
use rustls::{ClientConfig, ClientConnection, pki_types::ServerName};
use url::Url;

use super::certificates;
use super::finding::Finding;

/// Certificates are renewed a month before their end.
const RENEWAL: Duration = Duration::from_secs(30 * 24 * 3600);

pub fn look(config: &Config, checks: &mut Vec<Finding>) {
    if let Some(proxy) = binding::proxy_address(config) {
        // What lies behind it is its business: the calls below go through it.
        checks.push(Finding::ok("proxy", format!("{proxy} stands between; names and TLS are not looked at")));
        return;
    }
    let Ok(url) = Url::parse(config.base_url()) else { return };
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else { return };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let Some(addresses) = resolve(host, port, checks) else { return };
    let Some(stream) = connect(&addresses, config.connect_timeout(), checks) else { return };
    if url.scheme() == "https" {
        secure(config, host, stream, checks);
    } else if addresses.iter().all(|address| address.ip().is_loopback()) {
        checks.push(Finding::ok("tls", "plain http, which does not leave this machine"));
    } else {
        checks.push(Finding::warning("tls", "plain http: whoever is on the way can read the key"));
    }
}

fn resolve(host: &str, port: u16, checks: &mut Vec<Finding>) -> Option<Vec<SocketAddr>> {
    let start = Instant::now();
    match (host, port).to_socket_addrs() {
        Ok(found) => {
            let found: Vec<SocketAddr> = found.collect();
            let list: Vec<String> = found.iter().map(|address| address.ip().to_string()).collect();
            checks
                .push(Finding::ok("dns", format!("{host} is {} ({:.0?})", list.join(", "), start.elapsed())));
            Some(found)
        }
        Err(error) => {
            checks.push(Finding::failed("dns", format!("{host} can't be resolved: {error}")));
            None
        }
    }
}

/// Every address is tried, because the client does so too and one that is dead costs each new connection time.
fn connect(addresses: &[SocketAddr], timeout: Duration, checks: &mut Vec<Finding>) -> Option<TcpStream> {
    let mut connected = None;
    let mut failures = Vec::new();
    for address in addresses {
        let start = Instant::now();
        match TcpStream::connect_timeout(address, timeout) {
            Ok(stream) => {
                connected.get_or_insert((stream, *address, start.elapsed()));
            }
            Err(error) => failures.push(format!("{address}: {error}")),
        }
    }
    let failed = failures.join("; ");
    match connected {
        Some((stream, address, time)) => {
            let detail = format!("connected to {address} ({time:.0?})");
            checks.push(match failures.is_empty() {
                true => Finding::ok("tcp", detail),
                false => Finding::warning("tcp", format!("{detail}; not to {failed}")),
            });
            Some(stream)
        }
        None => {
            checks.push(Finding::failed("tcp", failed));
            None
        }
    }
}

fn secure(config: &Config, host: &str, mut stream: TcpStream, checks: &mut Vec<Finding>) {
    let Some(judge) = binding::judge(config) else { return };
    let (tls, seen) = match binding::tls_config(config) {
        Ok(tls) => certificates::recorded(tls, judge.clone()),
        Err(error) => return checks.push(Finding::of("tls", &error)),
    };
    match handshake(tls, host, &mut stream, config.timeout()) {
        Ok(connection) => {
            let version = connection.protocol_version().and_then(|version| version.as_str());
            let http = match connection.alpn_protocol() {
                Some(b"h2") => "HTTP/2",
                _ => "HTTP/1.1",
            };
            checks.push(Finding::ok("tls", format!("{}, {http}", version.unwrap_or("TLS"))));
        }
        Err(error) => checks.push(Finding::failed("tls", error)),
    }
    // What was shown is told also where it was not believed: mostly that is why.
    for certificate in certificates::read(&seen) {
        let left = certificate.ends.duration_since(SystemTime::now());
        let detail = format!("{} until {}", certificate.subject, certificate.ends_in_words());
        checks.push(match left {
            Err(_) => Finding::failed("certificate", format!("{detail}: it has ended")),
            Ok(left) if left < RENEWAL => Finding::warning("certificate", format!("{detail}: it ends soon")),
            Ok(_) => Finding::ok("certificate", detail),
        });
    }
}

fn handshake(
    tls: ClientConfig,
    host: &str,
    stream: &mut TcpStream,
    timeout: Duration,
) -> Result<ClientConnection, String> {
    let name =
        ServerName::try_from(host.to_owned()).map_err(|_| format!("{host} can't be in a certificate"))?;
    let mut connection = ClientConnection::new(Arc::new(tls), name).map_err(|error| error.to_string())?;
    stream.set_read_timeout(Some(timeout)).map_err(|error| error.to_string())?;
    while connection.is_handshaking() {
        connection.complete_io(stream).map_err(|error| error.to_string())?;
    }
    Ok(connection)
}
