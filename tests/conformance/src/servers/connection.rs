//! A connection with or without TLS, and what a script can do with it.

use std::io::{self, Write};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::spec::{Action, Repeat};

/// Bytes both ways over TCP.
pub trait Connection: AsyncRead + AsyncWrite + Send + Unpin + 'static {
    /// What is below TLS.
    fn tcp(&self) -> &TcpStream;
}

impl Connection for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Connection for TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// Plays a script. False when the connection is over; then it is to be dropped.
pub async fn play(actions: &[Action], connection: &mut impl Connection) -> io::Result<bool> {
    for action in actions {
        match action {
            Action::Text(text) => connection.write_all(text.as_bytes()).await?,
            Action::Base64(text) => connection.write_all(&decoded(text)?).await?,
            Action::Gzip(text) => connection.write_all(&gzip(text)?).await?,
            Action::Repeat(Repeat { text, times, every_ms }) => {
                let mut left = times.unwrap_or(u32::MAX);
                while left > 0 {
                    connection.write_all(text.as_bytes()).await?;
                    connection.flush().await?;
                    tokio::time::sleep(Duration::from_millis(*every_ms)).await;
                    left -= 1;
                }
            }
            Action::Read(bytes) => drop(connection.read_exact(&mut vec![0; *bytes]).await?),
            Action::Close => {
                connection.shutdown().await?;
                return Ok(false);
            }
            Action::Cut => return Ok(false),
            Action::Reset => {
                connection.tcp().set_zero_linger()?;
                return Ok(false);
            }
            Action::Hang => {
                tokio::io::copy(connection, &mut tokio::io::sink()).await?;
                return Ok(false);
            }
        }
        // A pause or an end must not keep back what was said before it.
        connection.flush().await?;
    }
    Ok(true)
}

fn decoded(text: &str) -> io::Result<Vec<u8>> {
    STANDARD.decode(text).map_err(io::Error::other)
}

fn gzip(text: &str) -> io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes())?;
    encoder.finish()
}
