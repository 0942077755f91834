//! A small HTTP client that sends exactly what a test says: paths are not normalized, headers may repeat,
//! and what arrived before a connection broke is kept.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use agglestone_emulator::Emulator;
use serde_json::Value;

/// A request in the making.
#[must_use]
pub struct Request {
    address: String,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Whether the connection ended by a reset.
    pub reset: bool,
}

/// A request to any path of the emulator at `url`.
pub fn raw(url: &str, method: &str, target: &str) -> Request {
    Request {
        address: url.strip_prefix("http://").expect("an http URL").to_owned(),
        method: method.to_owned(),
        target: target.to_owned(),
        headers: vec![],
        body: vec![],
    }
}

/// A request with the primary key to a path of the tenant.
pub fn call(emulator: &Emulator, method: &str, path: &str) -> Request {
    anonymous(emulator, method, path).header("x-api-key", emulator.primary_api_key())
}

/// A request without credentials to a path of the tenant.
pub fn anonymous(emulator: &Emulator, method: &str, path: &str) -> Request {
    raw(emulator.url(), method, &format!("/tenant/{}/{path}", emulator.tenant_id()))
}

/// A request as a user.
pub fn as_user(emulator: &Emulator, token: &str, method: &str, path: &str) -> Request {
    anonymous(emulator, method, path).header("authorization", format!("Bearer {token}"))
}

/// A control call.
pub fn control(emulator: &Emulator, method: &str, path: &str) -> Request {
    raw(emulator.url(), method, &format!("/_emulator/{path}"))
        .header("authorization", format!("Bearer {}", emulator.control_token()))
}

/// The token of a user, by exchange.
pub fn token(emulator: &Emulator, user_id: &str) -> String {
    let body = serde_json::json!({"userId": user_id});
    let reply = call(emulator, "POST", "v2.0/Auth/token-exchange").json(&body).send();
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()["token"].as_str().expect("a token").to_owned()
}

/// The id of the demo user at this place in the list; the first is an administrator.
pub fn demo_user(emulator: &Emulator, index: usize) -> String {
    let list = call(emulator, "GET", "api/v2.0/Users?pageSize=100").send().json();
    list["data"][index]["userId"].as_str().expect("an id").to_owned()
}

/// Waits until a request has arrived.
pub fn wait_for_a_request(emulator: &Emulator) {
    let begun = Instant::now();
    while emulator.requests().is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(20), "no request arrived");
        std::thread::yield_now();
    }
}

impl Request {
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// A body of this JSON, said to be JSON.
    pub fn json(self, value: &Value) -> Self {
        self.json_text(&value.to_string())
    }

    /// A body of this text, said to be JSON.
    pub fn json_text(self, text: &str) -> Self {
        self.header("content-type", "application/json").body(text)
    }

    /// The reply; a test that expects none uses [`try_send`](Self::try_send).
    pub fn send(self) -> Reply {
        self.try_send().expect("an answer")
    }

    /// The reply, or none if not a byte of it came; then whether the connection was reset.
    pub fn try_send(self) -> Result<Reply, bool> {
        let (bytes, reset) = self.receive();
        if bytes.is_empty() { Err(reset) } else { Ok(parse(&bytes, reset)) }
    }

    /// Every byte that came, whatever it means, and whether the connection was reset then.
    pub fn receive(self) -> (Vec<u8>, bool) {
        let mut bytes = Vec::new();
        let reset = match self.write().read_to_end(&mut bytes) {
            Ok(_) => false,
            Err(error) if error.kind() == ErrorKind::ConnectionReset => true,
            Err(error) => panic!("{error}"),
        };
        (bytes, reset)
    }

    /// Sends the request and leaves the answer to the caller, who gives up on it by dropping the connection.
    pub fn write(self) -> TcpStream {
        let mut bytes = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        bytes.push_str("connection: close\r\n");
        if !self.headers.iter().any(|(name, _)| name == "host") {
            bytes.push_str(&format!("host: {}\r\n", self.address));
        }
        if !self.body.is_empty() {
            bytes.push_str(&format!("content-length: {}\r\n", self.body.len()));
        }
        for (name, value) in &self.headers {
            bytes.push_str(&format!("{name}: {value}\r\n"));
        }
        bytes.push_str("\r\n");
        let mut bytes = bytes.into_bytes();
        bytes.extend(self.body);
        let mut connection = TcpStream::connect(&self.address).expect("the emulator listens");
        // In one piece: a connection that is cut after the head would make a second write fail.
        connection.write_all(&bytes).expect("the emulator reads");
        connection
    }
}

fn parse(bytes: &[u8], reset: bool) -> Reply {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a whole head");
    let head = std::str::from_utf8(&bytes[..end]).expect("a head in ASCII");
    let mut lines = head.split("\r\n");
    let status_line = lines.next().expect("a status line");
    Reply {
        status: status_line[9..12].parse().expect("a status"),
        headers: lines
            .map(|line| line.split_once(": ").expect("a header"))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect(),
        body: bytes[end + 4..].to_vec(),
        reset,
    }
}

impl Reply {
    /// The value of a header that is there once.
    pub fn header(&self, name: &str) -> &str {
        match self.headers(name)[..] {
            [value] => value,
            _ => panic!("no single {name} in {self:?}"),
        }
    }

    pub fn headers(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(header, _)| header == name);
        named.map(|(_, value)| value.as_str()).collect()
    }

    /// The body of an answer that came in chunks.
    pub fn unchunked(&self) -> Vec<u8> {
        assert_eq!(self.header("transfer-encoding"), "chunked");
        let (mut rest, mut whole) = (&self.body[..], Vec::new());
        loop {
            let end = rest.windows(2).position(|two| two == b"\r\n").expect("a chunk's size");
            let size = std::str::from_utf8(&rest[..end]).expect("hex digits");
            let size = usize::from_str_radix(size, 16).expect("hex digits");
            let (chunk, after) = rest[end + 2..].split_at(size);
            whole.extend(chunk);
            rest = after.strip_prefix(b"\r\n").expect("a chunk's end");
            if size == 0 {
                assert!(rest.is_empty(), "more after the last chunk");
                return whole;
            }
        }
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("a body in UTF-8")
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// Checks that this is a well-formed refusal with this status, and returns its detail.
    #[track_caller]
    pub fn problem(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), "application/problem+json");
        let body = self.json();
        assert_eq!(body["status"], status);
        assert_eq!(body["type"], "about:blank");
        assert!(body["title"].is_string(), "{body}");
        body["detail"].as_str().expect("a detail").to_owned()
    }
}
