//! Servers as a case declares them.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;

/// One server.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// It speaks TLS.
    pub tls: Option<Tls>,
    /// What happens on each new connection, after its handshake and before anything else is read.
    #[serde(default)]
    pub opens: Vec<Action>,
    /// One for each request, whichever connection it comes on; the last one again and again.
    #[serde(default)]
    pub answers: Vec<Answer>,
    /// It is replaced by another one at the same address; HTTP/1.1 only.
    pub restarts: Option<Restart>,
}

/// A server that goes and comes back: meanwhile its connections are gone and nobody listens.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Restart {
    /// It goes when it has answered so many requests.
    pub after: usize,
    /// So long it is gone.
    pub for_ms: u64,
}

/// The server's certificate and what it offers in the handshake.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tls {
    /// The host or address that the certificate is for.
    pub name: String,
    /// Who signed it.
    pub issuer: Issuer,
    /// From the first day of this year.
    pub not_before: i32,
    /// Until the first day of this year.
    pub not_after: i32,
    /// What it offers by ALPN. Where `h2` is agreed on, it answers by HTTP/2, otherwise by HTTP/1.1.
    pub protocols: Vec<String>,
}

impl Default for Tls {
    fn default() -> Self {
        let (name, issuer) = ("localhost".to_string(), Issuer::Ours);
        Self { name, issuer, not_before: 2020, not_after: 2090, protocols: Vec::new() }
    }
}

/// The two authorities of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Issuer {
    /// The one whose certificate is `${ca}`.
    Ours,
    /// The one whose certificate is `${other_ca}`.
    Other,
}

/// What comes of one request.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// A well-formed answer.
    Reply(Reply),
    /// Whatever the actions send; HTTP/1.1 only.
    Script(Vec<Action>),
    /// As a proxy does it: CONNECT opens a tunnel, a whole URL is asked for. Every host is at 127.0.0.1. HTTP/1.1 only.
    Forward,
    /// The stream is reset for this reason (`REFUSED_STREAM`) in place of an answer; HTTP/2 only.
    Reset(String),
}

/// A well-formed answer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    #[serde(default = "ok")]
    pub status: u16,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// A text as it is, anything else as JSON.
    pub body: Option<Value>,
    /// What follows; HTTP/2 only.
    pub then: Option<Then>,
}

fn ok() -> u16 {
    200
}

/// What follows an answer in HTTP/2.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// The connection takes no more requests.
    Goaway,
    /// The stream is reset in place of its end.
    Reset(String),
}

/// One thing that a script does with its connection.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Sends it.
    Text(String),
    /// Sends the bytes that it stands for.
    Base64(String),
    /// Sends it compressed.
    Gzip(String),
    /// Sends the same again and again.
    Repeat(Repeat),
    /// Reads so many bytes.
    Read(usize),
    /// Ends the connection in good order.
    Close,
    /// Ends the connection without TLS's goodbye.
    Cut,
    /// Ends the connection with a TCP reset.
    Reset,
    /// Is silent until the other side leaves.
    Hang,
}

/// A text that is sent again and again.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    pub text: String,
    /// Without it, for as long as anybody reads.
    pub times: Option<u32>,
    /// The pause after each time.
    #[serde(default)]
    pub every_ms: u64,
}

impl Server {
    /// Reads a server of a case, its placeholders filled in or not.
    pub fn read(value: &Value) -> Result<Self> {
        let server: Self = serde_json::from_value(value.clone()).context("not a server")?;
        let by_two = server.tls.as_ref().is_some_and(|tls| tls.protocols.iter().any(|name| name == "h2"));
        if by_two && server.restarts.is_some() {
            bail!("only HTTP/1.1 has restarts");
        }
        for answer in &server.answers {
            match answer {
                Answer::Script(_) | Answer::Forward if by_two => {
                    bail!("HTTP/2 has no scripts and no proxies")
                }
                Answer::Reset(_) | Answer::Reply(Reply { then: Some(_), .. }) if !by_two => {
                    bail!("only HTTP/2 has streams")
                }
                _ => {}
            }
        }
        Ok(server)
    }
}

impl Reply {
    /// The body's bytes.
    pub fn body(&self) -> Vec<u8> {
        match &self.body {
            None => Vec::new(),
            Some(Value::String(text)) => text.clone().into_bytes(),
            Some(value) => value.to_string().into_bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_server_can_not_do_is_refused() {
        let two = json!({"protocols": ["h2"]});
        assert!(Server::read(&json!({"tls": two, "answers": [{"reset": "REFUSED_STREAM"}]})).is_ok());
        assert!(Server::read(&json!({"answers": [{"reset": "REFUSED_STREAM"}]})).is_err());
        assert!(Server::read(&json!({"answers": [{"reply": {"then": "goaway"}}]})).is_err());
        assert!(Server::read(&json!({"tls": two, "answers": ["forward"]})).is_err());
        assert!(Server::read(&json!({"answer": []})).is_err());
        assert!(Server::read(&json!({"answers": [{"script": [{"text": "a"}, "close"]}]})).is_ok());
    }
}
