//! What a proxy does with a request: the other end of every host is at 127.0.0.1, under the port that was asked for.

use std::io;

use tokio::io::{AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;

use super::connection::Connection;
use super::log::Request;

/// Tunnels a CONNECT, and sends any other request on to where its URL says. `early` came behind the request.
pub async fn forward(request: &Request, early: &[u8], mut connection: impl Connection) -> io::Result<()> {
    let mut other = reach(&request.target).await?;
    if request.method == "CONNECT" {
        connection.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
        other.write_all(early).await?;
    } else {
        other.write_all(&sent_on(request)).await?;
    }
    copy_bidirectional(&mut connection, &mut other).await.map(|_| ())
}

async fn reach(target: &str) -> io::Result<TcpStream> {
    let authority = target.split_once("://").map_or(target, |(_, rest)| rest);
    let authority = authority.split(['/', '?']).next().unwrap_or_default();
    let port = authority.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok()).unwrap_or(80);
    TcpStream::connect(("127.0.0.1", port)).await
}

/// The request for its server. The connection ends with its answer, so that the next request is seen too.
fn sent_on(request: &Request) -> Vec<u8> {
    let mut head = format!("{} {} HTTP/1.1\r\nconnection: close\r\n", request.method, request.target);
    let own = |name: &str| name == "connection" || name.starts_with("proxy-");
    for (name, value) in request.headers.iter().filter(|(name, _)| !own(name)) {
        head += &format!("{name}: {value}\r\n");
    }
    head += "\r\n";
    [head.as_bytes(), &request.body].concat()
}
