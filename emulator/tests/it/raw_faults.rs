//! Bytes in place of an answer, and how the connection ends after them.

use std::io::{Read, Write};

use agglestone_emulator::{Close, Fault, start};
use serde_json::json;

use crate::faults::{add, users};
use crate::http::call;

#[test]
fn raw_bytes_arrive_as_given_and_the_connection_closes_or_is_reset() {
    let emulator = start();
    for (raw, bytes) in [
        ("SSH-2.0-OpenSSH_9.2\r\n", &b"SSH-2.0-OpenSSH_9.2\r\n"[..]),
        ("HTTP/1.1 200 OK\r\ncontent-le", b"HTTP/1.1 200 OK\r\ncontent-le"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"),
        ("é\0", b"\xc3\xa9\0"),
        ("", b""),
    ] {
        add(&emulator, json!({"raw": raw}));
        add(&emulator, json!({"raw": raw, "close": "after"}));
        assert_eq!(call(&emulator, "GET", "api/Users").receive(), (bytes.to_vec(), false));
        assert_eq!(call(&emulator, "GET", "api/Users").receive(), (bytes.to_vec(), true));
    }
    add(&emulator, json!({"rawBase64": "AP8="}));
    emulator.add_fault(Fault::on("*").raw(*b"\0\xff").close(Close::After));
    assert_eq!(call(&emulator, "GET", "api/Users").receive(), (b"\0\xff".to_vec(), false));
    assert_eq!(call(&emulator, "GET", "api/Users").receive(), (b"\0\xff".to_vec(), true));
    assert_eq!(users(&emulator).status, 200);
}

#[test]
fn raw_bytes_are_no_answer_and_change_nothing() {
    let emulator = start();
    add(&emulator, json!({"raw": "HTTP/1.1 204 No Content\r\n\r\n"}));
    let post = call(&emulator, "POST", "api/Users").json(&json!({"userId": "u"}));
    assert_eq!(post.send().status, 204);
    call(&emulator, "GET", "api/Users/u").send().problem(404);
    assert_eq!(emulator.requests()[0].status, None);
}

#[test]
fn many_raw_bytes_arrive_whole() {
    let emulator = start();
    emulator.add_fault(Fault::on("*").raw("x".repeat(20 << 20)));
    assert_eq!(call(&emulator, "GET", "api/Users").receive(), ("x".repeat(20 << 20).into_bytes(), false));
    add(&emulator, json!({"raw": "HTTP/1.1 100 Continue\r\n\r\n", "repeat": 10_000}));
    let all = "HTTP/1.1 100 Continue\r\n\r\n".repeat(10_000);
    assert_eq!(call(&emulator, "GET", "api/Users").receive(), (all.into_bytes(), false));
}

#[test]
fn raw_bytes_without_end_go_on_until_nobody_reads() {
    let emulator = start();
    add(&emulator, json!({"raw": "HTTP/1.1 100 Continue\r\n\r\n", "repeat": 0}));
    let mut some = vec![0; 4 << 20];
    call(&emulator, "GET", "api/Users").write().read_exact(&mut some).expect("more");
    assert!(some.starts_with(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP"));
    assert_eq!(users(&emulator).status, 200);
}

#[test]
fn a_request_that_is_still_on_its_way_is_read_to_its_end_after_the_close() {
    let emulator = start();
    add(&emulator, json!({"raw": "enough"}));
    let mut connection = call(&emulator, "POST", "api/Users").header("content-length", "1000000").write();
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).expect("a proper close");
    assert_eq!(answer, b"enough");
    for _ in 0..10 {
        connection.write_all(&[b' '; 100_000]).expect("the emulator reads");
    }
}

#[test]
fn a_kept_connection_can_die_under_the_next_request() {
    let emulator = start();
    let mut connection = std::net::TcpStream::connect(emulator.address()).expect("the emulator listens");
    let request = format!("GET /health HTTP/1.1\r\nhost: {}\r\n\r\n", emulator.address());
    connection.write_all(request.as_bytes()).expect("the emulator reads");
    let (mut answer, mut byte) = (Vec::new(), [0]);
    while !answer.ends_with(b"}") {
        connection.read_exact(&mut byte).expect("more");
        answer.extend(byte);
    }
    assert!(answer.starts_with(b"HTTP/1.1 200"));
    add(&emulator, json!({"path": "/x", "raw": ""}));
    let request = format!("POST /x HTTP/1.1\r\nhost: {}\r\n\r\n", emulator.address());
    connection.write_all(request.as_bytes()).expect("the emulator reads");
    assert_eq!(connection.read(&mut byte).expect("a proper close"), 0);
}
