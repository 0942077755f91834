//! Clients that mean harm, or only behave so: they are cut short, and what is kept of them stays small.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use agglestone_emulator::{Emulator, Fault, Options, StartError, start};

use crate::http::{anonymous, call, control, raw};

/// Sends bytes as they are, and returns all that comes back until the connection ends.
fn exchange(emulator: &Emulator, bytes: &str) -> String {
    let mut connection = TcpStream::connect(emulator.address()).expect("it listens");
    connection.write_all(bytes.as_bytes()).expect("sent");
    let mut answer = Vec::new();
    // A reset is an end, too.
    let _ = connection.read_to_end(&mut answer);
    String::from_utf8(answer).expect("text")
}

fn impatient() -> Emulator {
    Options::new().request_timeout(Duration::from_millis(300)).start().expect("a start")
}

#[test]
fn a_head_that_never_ends_is_not_waited_for() {
    let emulator = impatient();
    assert_eq!(exchange(&emulator, "GET /health HTTP/1.1\r\nhost: a\r\nx-mo"), "");
    assert_eq!(exchange(&emulator, ""), "", "nor is one that never begins");
    assert_eq!(raw(emulator.url(), "GET", "/health").send().status, 200);
}

#[test]
fn a_body_that_never_ends_is_answered_408() {
    let emulator = impatient();
    let path = format!("/tenant/{}/api/Users", emulator.tenant_id());
    let key = emulator.primary_api_key();
    let head =
        format!("POST {path} HTTP/1.1\r\nhost: a\r\nx-api-key: {key}\r\ncontent-type: application/json\r\n");
    let answer = exchange(&emulator, &format!("{head}content-length: 100\r\n\r\n{{\"userId\":"));
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    let answer = exchange(&emulator, &format!("{head}transfer-encoding: chunked\r\n\r\n5\r\n{{\"a\":\r\n"));
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    let error = Options::new().request_timeout(Duration::ZERO).start().expect_err("no time at all");
    assert!(matches!(error, StartError::RequestTimeout), "{error}");
}

#[test]
fn a_client_that_asks_and_never_reads_is_cut() {
    let emulator = impatient();
    emulator.add_fault(Fault::on("/endless").body(" ").repeat(0));
    emulator.add_fault(Fault::on("/raw").raw(" ").repeat(0));
    let many = "GET /swagger/swagger-ui-bundle.js HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(100);
    let endless = ["/endless", "/raw"].map(|path| format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n"));
    for requests in [&many, &endless[0], &endless[1]] {
        let mut connection = TcpStream::connect(emulator.address()).expect("it listens");
        connection.set_write_timeout(Some(Duration::from_secs(20))).expect("a timeout");
        connection.write_all(requests.as_bytes()).expect("sent");
        // More than fits on the way, of which nothing is taken until the connection has ended.
        let error = loop {
            if let Err(error) = connection.write_all(&[b' '; 64 << 10]) {
                break error;
            }
        };
        assert!(matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), "{error}");
    }
    assert_eq!(raw(emulator.url(), "GET", "/health").send().status, 200);
}

#[test]
fn a_body_that_is_broken_off_is_no_body() {
    let emulator = start();
    let path = format!("/tenant/{}/api/Users", emulator.tenant_id());
    let key = emulator.primary_api_key();
    let mut connection = TcpStream::connect(emulator.address()).expect("it listens");
    let head =
        format!("POST {path} HTTP/1.1\r\nhost: a\r\nx-api-key: {key}\r\ncontent-type: application/json\r\n");
    // What came is a whole user, but not all that was promised.
    write!(connection, "{head}content-length: 100\r\n\r\n{{\"userId\":\"half\"}}").expect("sent");
    connection.shutdown(std::net::Shutdown::Write).expect("shut");
    let _ = connection.read_to_end(&mut Vec::new());
    call(&emulator, "GET", "api/Users/half").send().problem(404);
}

#[test]
fn a_second_request_is_not_smuggled_in_the_body_of_the_first() {
    let emulator = start();
    let smuggled = "GET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n";
    for lengths in
        ["content-length: 5\r\ntransfer-encoding: chunked", "transfer-encoding: chunked\r\ncontent-length: 5"]
    {
        let answer = exchange(
            &emulator,
            &format!("POST /x HTTP/1.1\r\nhost: a\r\n{lengths}\r\n\r\n0\r\n\r\n{smuggled}"),
        );
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
    }
    let twice =
        format!("POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\ncontent-length: 5\r\n\r\n{smuggled}");
    assert!(exchange(&emulator, &twice).starts_with("HTTP/1.1 400 "));
    assert!(emulator.requests().iter().all(|entry| entry.path != "/smuggled"), "{:?}", emulator.requests());
}

#[test]
fn a_head_of_many_kilobytes_is_refused() {
    let emulator = start();
    let head = format!("GET /x HTTP/1.1\r\nhost: a\r\nx-more: {}\r\n\r\n", "x".repeat(200 << 10));
    let answer = exchange(&emulator, &head);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431 "), "{answer}");
    assert_eq!(emulator.requests(), []);
}

#[test]
fn what_is_kept_of_a_request_is_short_however_long_it_was() {
    let emulator = start();
    let long = "é".repeat(8_000);
    // One as long as an id may be is kept whole.
    let id = "i".repeat(1_024);
    call(&emulator, "GET", &format!("api/Users/{id}")).send();
    assert!(emulator.requests()[0].path.ends_with(&id));
    emulator.reset();
    for _ in 0..20 {
        let path = format!("api/Users/{}?q={}", "a".repeat(16_000), "b".repeat(16_000));
        anonymous(&emulator, "GET", &path)
            .header("user-agent", &long)
            .header("x-api-key", "k".repeat(8_000))
            .send();
    }
    let journal = control(&emulator, "GET", "requests").send();
    assert!(journal.body.len() < 20 * 4_000, "{} bytes", journal.body.len());
    let entry = &emulator.requests()[0];
    assert!(entry.path.ends_with('…') && entry.user_agent.as_ref().is_some_and(|agent| agent.ends_with('…')));
    let report = control(&emulator, "GET", "keys").send();
    assert!(report.body.len() < 4_000, "{} bytes", report.body.len());
}
