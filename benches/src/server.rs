//! A server whose answers are made before the first request comes, so that what is measured is the client.
//! `bench-server [--delay-ms N]` prints its address as a line of JSON and serves until it is killed; `bench-server --page` prints
//! the page of ten users, for another server to give out.

#![forbid(unsafe_code)]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, anyhow};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::signature::{Ed25519KeyPair, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// A day: no token is renewed while something is measured.
const TOKEN_LIFE: Duration = Duration::from_secs(24 * 3600);
/// Whose server it plays; `cargo xtask bench` gives its clients the same.
const TENANT: &str = "00000000-0000-4000-8000-000000000001";
/// No request here is longer.
const BUFFER: usize = 16 * 1024;
const BACKLOG: u32 = 4096;

/// Whole answers, head and body.
struct Answers {
    ten_users: Vec<u8>,
    hundred_users: Vec<u8>,
    token: Vec<u8>,
    discovery: Vec<u8>,
    keys: Vec<u8>,
    unknown: Vec<u8>,
}

// One thread: it has one core, and answers faster than any client asks.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let delay = match std::env::args().skip(1).collect::<Vec<_>>().as_slice() {
        [] => Duration::ZERO,
        [flag] if flag == "--page" => {
            print!("{}", page(10));
            return Ok(());
        }
        [flag, value] if flag == "--delay-ms" => {
            Duration::from_millis(value.parse().context("--delay-ms needs a number")?)
        }
        _ => anyhow::bail!("usage: bench-server [--delay-ms N | --page]"),
    };
    let listener = listen()?;
    let url = format!("http://{}", listener.local_addr()?);
    // They live as long as the process.
    let answers: &'static Answers = Box::leak(Box::new(Answers::make(&url)?));
    println!("{{\"url\":\"{url}\"}}");
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(async move {
            // A client may go at any time; that ends its connection and nothing else.
            let _ = serve(stream, answers, delay).await;
        });
    }
}

/// The default backlog is too short for a thousand clients that connect at once.
fn listen() -> Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.bind("127.0.0.1:0".parse().expect("it is an address"))?;
    Ok(socket.listen(BACKLOG)?)
}

async fn serve(mut stream: TcpStream, answers: &Answers, delay: Duration) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; BUFFER];
    let mut filled = 0;
    loop {
        while let Some((length, answer)) = request(&buffer[..filled], answers) {
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            stream.write_all(answer).await?;
            buffer.copy_within(length..filled, 0);
            filled -= length;
        }
        match stream.read(&mut buffer[filled..]).await? {
            0 => return Ok(()),
            read => filled += read,
        }
    }
}

/// The length of the first request if it is complete, and what answers it.
fn request<'a>(bytes: &[u8], answers: &'a Answers) -> Option<(usize, &'a [u8])> {
    let head = find(bytes, b"\r\n\r\n")? + 4;
    let length = head + content_length(&bytes[..head]);
    let line = &bytes[..find(bytes, b"\r\n")?];
    let answer = if find(line, b"token-exchange").is_some() {
        &answers.token
    } else if find(line, b"openid-configuration").is_some() {
        &answers.discovery
    } else if find(line, b"jwks.json").is_some() {
        &answers.keys
    } else if find(line, b"pageSize=100 ").is_some() {
        &answers.hundred_users
    } else if find(line, b"/Users").is_some() {
        &answers.ten_users
    } else {
        &answers.unknown
    };
    (length <= bytes.len()).then_some((length, answer))
}

fn content_length(head: &[u8]) -> usize {
    const NAME: &[u8] = b"content-length:";
    let lines = head.split(|byte| *byte == b'\n');
    let mut lengths = lines
        .filter(|line| line.get(..NAME.len()).is_some_and(|name| name.eq_ignore_ascii_case(NAME)))
        .filter_map(|line| std::str::from_utf8(&line[NAME.len()..]).ok()?.trim().parse().ok());
    lengths.next().unwrap_or(0)
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

impl Answers {
    fn make(url: &str) -> Result<Self> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?;
        let claims = serde_json::json!({
            "iss": format!("{url}/tenant/{TENANT}/v2.0/Auth"),
            "tenantId": TENANT,
            "sub": user_id(0),
            "iat": now.as_secs(),
            "exp": (now + TOKEN_LIFE).as_secs(),
        });
        let part = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let signer =
            Ed25519KeyPair::from_seed_unchecked(&[7; 32]).map_err(|_| anyhow!("32 bytes are a seed"))?;
        let signed =
            format!("{}.{}", part(br#"{"alg":"EdDSA","typ":"JWT"}"#), part(claims.to_string().as_bytes()));
        let token = format!("{signed}.{}", part(signer.sign(signed.as_bytes()).as_ref()));
        let key =
            serde_json::json!({"kty": "OKP", "crv": "Ed25519", "x": part(signer.public_key().as_ref())});
        let discovery = serde_json::json!({
            "issuer": claims["iss"],
            "jwks_uri": format!("{url}/tenant/{TENANT}/v2.0/Auth/.well-known/jwks.json"),
        });
        Ok(Self {
            ten_users: answer("200 OK", &page(10)),
            hundred_users: answer("200 OK", &page(100)),
            token: answer("200 OK", &serde_json::json!({ "token": token }).to_string()),
            discovery: answer("200 OK", &discovery.to_string()),
            keys: answer("200 OK", &serde_json::json!({ "keys": [key] }).to_string()),
            unknown: answer("404 Not Found", "{}"),
        })
    }
}

fn answer(status: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json; charset=utf-8\r\n\
         date: Thu, 01 Jan 2026 00:00:00 GMT\r\nx-request-id: 4bf92f3577b34da6a3ce929d0e0e4736\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A page in the service's shape; ten users are 2.7 KB.
fn page(users: usize) -> String {
    let users: Vec<String> = (0..users)
        .map(|number| {
            format!(
                "{{\"userId\":\"{}\",\"email\":\"user{number:03}@example.com\",\"displayName\":\"User Number {number:03}\",\
                 \"userType\":\"Standard\",\"enabled\":true,\"lastLoggedIn\":\"2026-05-04T12:34:56.789Z\",\
                 \"lastTokenRefresh\":\"2026-05-04T12:34:56.789Z\",\"owner\":false,\"requirePasswordReset\":false}}",
                user_id(number)
            )
        })
        .collect();
    let size = users.len();
    format!("{{\"data\":[{}],\"pageNumber\":1,\"pageSize\":{size},\"totalRecords\":1000}}", users.join(","))
}

fn user_id(number: usize) -> String {
    format!("6f9619ff-8b86-4011-b42d-00c04f{number:06x}")
}
