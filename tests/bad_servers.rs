//! Servers that misbehave, played over raw sockets: each ends in its code, in both ways to call, and none hangs.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use agglestone::{AsyncClient, Client, Code, Config, Error, Operation, PageRequest, Reply};

/// A server that handles every connection with `play`, after having read the request's head.
fn server(play: impl Fn(TcpStream) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let play = std::sync::Arc::new(play);
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let (mut connection, play) = (connection.unwrap(), play.clone());
            std::thread::spawn(move || {
                let mut head = Vec::new();
                let mut byte = [0];
                while !head.ends_with(b"\r\n\r\n") && connection.read(&mut byte).is_ok_and(|read| read == 1) {
                    head.push(byte[0]);
                }
                play(connection);
            });
        }
    });
    url
}

/// A server that sends these bytes and closes.
fn says(answer: impl Into<Vec<u8>>) -> String {
    let answer = answer.into();
    server(move |mut connection| {
        let _ = connection.write_all(&answer);
    })
}

fn config(url: &str) -> agglestone::ConfigBuilder {
    // No retries: each case is about one answer.
    Config::builder().tenant_id("t").api_key("planted-key").base_url(url).timeout(5.0).max_retries(0)
}

/// One page of users, asked for both ways; both must agree.
fn ask(url: &str) -> Result<Reply, Error> {
    let operation = || Operation::GetUsers(PageRequest::default());
    let one = Client::new(config(url).build().unwrap()).call(operation());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let client = AsyncClient::new(config(url).build().unwrap());
    let other = runtime.block_on(client.call(operation()));
    let code = |result: &Result<Reply, Error>| result.as_ref().err().map(Error::code);
    assert_eq!(code(&one), code(&other), "{one:?} {other:?}");
    one
}

fn code(url: &str) -> Code {
    let error = ask(url).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("planted"), "{error:?}");
    error.code()
}

fn ok(headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut answer =
        format!("HTTP/1.1 200 OK\r\n{headers}content-length: {}\r\n\r\n", body.len()).into_bytes();
    answer.extend_from_slice(body);
    answer
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

const PAGE: &str = r#"{"data":[]}"#;
const GZIP: &str = "content-encoding: gzip\r\n";

#[test]
fn a_good_answer_is_a_good_answer_also_compressed() {
    assert_eq!(ask(&says(ok("", PAGE))).unwrap().body(), PAGE.as_bytes());
    assert_eq!(ask(&says(ok(GZIP, gzip(PAGE.as_bytes())))).unwrap().body(), PAGE.as_bytes());
}

#[test]
fn a_connection_that_ends_early_is_connect() {
    assert_eq!(code(&says("")), Code::Connect);
    assert_eq!(code(&says("HTTP/1.1 200 OK\r\ncontent-le")), Code::Connect);
    assert_eq!(code(&says("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"data\"")), Code::Connect);
    let chunks = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"dat\r\n";
    assert_eq!(code(&says(chunks)), Code::Connect);
}

#[test]
fn nobody_there_is_connect() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(code(&url), Code::Connect);
}

#[test]
fn what_is_not_http_is_an_invalid_response() {
    assert_eq!(code(&says("SSH-2.0-OpenSSH_9.2\r\n\r\n")), Code::InvalidResponse);
    assert_eq!(code(&says("HTTP/1.1 abc OK\r\n\r\n")), Code::InvalidResponse);
}

#[test]
fn what_is_not_a_page_is_an_invalid_response() {
    let utf16: Vec<u8> = PAGE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let deep = format!(r#"{{"data":[{}{}]}}"#, "[".repeat(100_000), "]".repeat(100_000));
    for body in [
        b"".to_vec(),
        b"<html>It works!</html>".to_vec(),
        utf16,
        [b"\xef\xbb\xbf", PAGE.as_bytes()].concat(),
        deep.into_bytes(),
        br#"{"data":[{"userId":"a","userId":"b"}]}"#.to_vec(),
        br#"{"data":[]} {"data":[]}"#.to_vec(),
        b"\xff\xfe\xfd".to_vec(),
    ] {
        assert_eq!(code(&says(ok("content-type: application/json\r\n", &body))), Code::InvalidResponse);
    }
    assert_eq!(code(&says("HTTP/1.1 204 No Content\r\n\r\n")), Code::InvalidResponse);
}

#[test]
fn compression_that_lies_is_an_invalid_response() {
    assert_eq!(code(&says(ok(GZIP, PAGE))), Code::InvalidResponse);
}

#[test]
fn numbers_beyond_what_a_double_holds_arrive_as_sent() {
    let body = r#"{"data":[{"userId":"u","n":12345678901234567890123}]}"#;
    assert_eq!(ask(&says(ok("", body))).unwrap().body(), body.as_bytes());
}

#[test]
fn bodies_over_the_cap_are_too_large_however_they_come() {
    // Promised, and not even begun.
    let promised = server(|mut connection| {
        let _ = connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2147483648\r\n\r\n");
        let _ = connection.read(&mut [0]);
    });
    assert_eq!(code(&promised), Code::TooLarge);
    // Chunk after chunk, for as long as anybody reads.
    let endless = server(|mut connection| {
        let _ = connection.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
        let chunk = [b"10000\r\n".to_vec(), vec![b' '; 0x10000], b"\r\n".to_vec()].concat();
        while connection.write_all(&chunk).is_ok() {}
    });
    assert_eq!(code(&endless), Code::TooLarge);
    // 64 MiB of blanks in 64 KiB.
    assert_eq!(code(&says(ok(GZIP, gzip(&vec![b' '; 64 << 20])))), Code::TooLarge);
}

#[test]
fn silence_and_dripping_end_in_a_timeout() {
    let deadline = |url: &str| {
        let config = config(url).timeout(0.3).build().unwrap();
        let error = Client::new(config).call(Operation::GetUsers(PageRequest::default())).unwrap_err();
        error.code()
    };
    let silent = server(|mut connection| drop(connection.read(&mut [0])));
    assert_eq!(deadline(&silent), Code::Timeout);
    // Each byte comes in time, all of them never.
    let dripping = server(|mut connection| {
        let _ = connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n");
        while connection.write_all(b" ").is_ok() {
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    assert_eq!(deadline(&dripping), Code::Timeout);
}

#[test]
fn a_connection_that_died_while_idle_is_replaced_at_once() {
    // Answers one request a connection and closes it, without having said so.
    let url = says(ok("", PAGE));
    let config = Config::builder().tenant_id("t").api_key("k").base_url(url).build().unwrap();
    let client = Client::new(config);
    for _ in 0..20 {
        client.get_users(PageRequest::default()).unwrap();
    }
}

#[test]
fn a_post_is_not_repeated_on_a_connection_that_died_under_it() {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    static REQUESTS: AtomicUsize = AtomicUsize::new(0);
    let url = server(|_| {
        REQUESTS.fetch_add(1, SeqCst);
    });
    let config = Config::builder().tenant_id("t").api_key("k").base_url(url).build().unwrap();
    let request = agglestone::Request::new("POST", "a").unwrap().json("{}").unwrap();
    let error = Client::new(config).request(request).unwrap_err();
    assert_eq!((error.code(), error.attempts(), REQUESTS.load(SeqCst)), (Code::Connect, 1, 1));
}
