//! Just enough HTTP for the emulator's control API on this machine, so that this tool needs no HTTP library.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

const LIMIT: Duration = Duration::from_secs(5);

/// Sends a request without a body to `url`, which is plain `http://`; gives the JSON of a successful answer.
pub fn call(method: &str, url: &str, bearer: &str) -> Result<Value> {
    let rest = url.strip_prefix("http://").with_context(|| format!("{url} is not plain http"))?;
    let (host, path) = rest.split_once('/').with_context(|| format!("{url} has no path"))?;
    let mut stream = TcpStream::connect(host).with_context(|| format!("cannot connect to {host}"))?;
    stream.set_read_timeout(Some(LIMIT))?;
    stream.set_write_timeout(Some(LIMIT))?;
    // Of HTTP/1.0 an answer has no chunks and ends with the connection.
    write!(
        stream,
        "{method} /{path} HTTP/1.0\r\nHost: {host}\r\nAuthorization: Bearer {bearer}\r\nContent-Length: 0\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).with_context(|| format!("no answer to {method} {path}"))?;
    let (head, body) = answer.split_once("\r\n\r\n").context("the answer has no end of its head")?;
    let status = head.split(' ').nth(1).unwrap_or_default();
    if !status.starts_with('2') {
        bail!("the answer to {method} /{path} is {status}: {body}");
    }
    serde_json::from_str(body).with_context(|| format!("the answer to {method} /{path} is not JSON"))
}

#[cfg(test)]
mod tests {
    use std::io::BufRead;
    use std::net::TcpListener;

    use super::*;

    fn answered(answer: &'static str) -> Result<Value> {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}/a/b", listener.local_addr().expect("it has one"));
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("the call comes");
            let lines = std::io::BufReader::new(stream.try_clone().expect("a second handle")).lines();
            let head: Vec<String> =
                lines.map_while(std::io::Result::ok).take_while(|line| !line.is_empty()).collect();
            stream.write_all(answer.as_bytes()).expect("the caller reads");
            head
        });
        let value = call("POST", &url, "secret");
        let head = server.join().expect("the server ends");
        assert_eq!(head[0], "POST /a/b HTTP/1.0");
        assert!(head.contains(&"Authorization: Bearer secret".to_string()));
        value
    }

    #[test]
    fn the_json_of_a_success_is_given_and_anything_else_is_an_error() {
        let ok = answered("HTTP/1.0 200 OK\r\ncontent-length: 9\r\n\r\n{\"n\": 12}").expect("a success");
        assert_eq!(ok["n"], 12);
        let refused = answered("HTTP/1.0 401 Unauthorized\r\n\r\nno").expect_err("a refusal");
        assert!(refused.to_string().contains("401: no"), "{refused}");
        assert!(answered("HTTP/1.0 200 OK\r\n\r\n<html>").is_err());
    }
}
