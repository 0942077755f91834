//! Bodies that are no text, too long, compressed, or slow.

use std::io::{ErrorKind, Read, copy, sink};
use std::time::{Duration, Instant};

use agglestone_emulator::{Emulator, Fault, start};
use flate2::read::GzDecoder;
use serde_json::json;

use crate::faults::{add, users};
use crate::http::{Reply, call, wait_for_a_request};

fn unzipped(compressed: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    GzDecoder::new(compressed).read_to_end(&mut whole).expect("gzip");
    whole
}

#[test]
fn a_body_in_base64_is_sent_as_the_bytes_it_stands_for() {
    let emulator = start();
    // A byte-order mark, and what is in no UTF-8.
    add(&emulator, json!({"bodyBase64": "77u/e30A//79", "headers": {"content-type": "application/json"}}));
    let reply = users(&emulator);
    assert_eq!((reply.status, &reply.body[..]), (200, &b"\xef\xbb\xbf{}\0\xff\xfe\xfd"[..]));
    assert_eq!((reply.header("content-type"), reply.header("content-length")), ("application/json", "9"));
    add(&emulator, json!({"bodyBase64": ""}));
    assert_eq!(users(&emulator).body, b"");
}

#[test]
fn a_body_is_repeated_as_often_as_it_says() {
    let emulator = start();
    add(&emulator, json!({"body": "abc", "repeat": 3}));
    let reply = users(&emulator);
    assert_eq!((reply.header("content-length"), reply.text()), ("9", "abcabcabc"));
    // More than one block of copies, and a rest.
    emulator.add_fault(Fault::on("*").body("abc").repeat(100_000));
    assert_eq!(users(&emulator).text(), "abc".repeat(100_000));
    add(&emulator, json!({"body": "abc", "repeat": 4, "headers": {"content-length": "10"}}));
    assert_eq!(users(&emulator).text(), "abcabcabca");
}

#[test]
fn a_body_is_compressed_and_says_so() {
    let emulator = start();
    let usual = users(&emulator);
    for fault in [json!({"gzip": true}), json!({"gzip": true, "bodyBase64": "/w==", "repeat": 1000})] {
        add(&emulator, fault);
    }
    let reply = users(&emulator);
    assert_eq!((reply.status, reply.header("content-encoding")), (200, "gzip"));
    assert_eq!(reply.header("content-type"), "application/json");
    assert_eq!(unzipped(&reply.unchunked()), usual.body);
    assert_eq!(unzipped(&users(&emulator).unchunked()), [0xff; 1000]);
    // Bytes that are compressed already, and compression that lies.
    let headers = json!({"content-encoding": "gzip"});
    add(&emulator, json!({"body": "{}", "headers": headers}));
    let reply = users(&emulator);
    assert_eq!((reply.header("content-encoding"), reply.text()), ("gzip", "{}"));
}

#[test]
fn a_compressed_body_can_break_off() {
    let emulator = start();
    add(&emulator, json!({"gzip": true, "body": "0123456789", "close": "mid-body"}));
    let half = users(&emulator);
    let declared: usize = half.header("content-length").parse().expect("a length");
    assert_eq!((half.body.len(), half.header("content-encoding"), half.reset), (declared / 2, "gzip", true));
    assert!(half.body.starts_with(b"\x1f\x8b"));
}

#[test]
fn a_gzip_bomb_is_small_on_its_way() {
    let emulator = start();
    emulator.add_fault(Fault::on("*").body(" ").repeat(64 << 20).gzip());
    let compressed = users(&emulator).unchunked();
    assert!(compressed.len() < 1 << 20, "{}", compressed.len());
    let whole = unzipped(&compressed);
    assert_eq!(whole.len(), 64 << 20);
    assert!(whole.iter().all(|byte| *byte == b' '));
}

/// Reads 4 MiB of an answer and gives up; then others are served as before.
fn read_some(emulator: &Emulator) -> Vec<u8> {
    let mut some = vec![0; 4 << 20];
    call(emulator, "GET", "api/Users").write().read_exact(&mut some).expect("more");
    assert_eq!(users(emulator).status, 200);
    some
}

#[test]
fn a_body_without_end_goes_on_until_nobody_reads() {
    let emulator = start();
    add(&emulator, json!({"body": "abc", "repeat": 0}));
    let some = String::from_utf8(read_some(&emulator)).expect("text");
    let (head, body) = some.split_once("\r\n\r\n").expect("a head");
    assert!(head.contains("\r\ntransfer-encoding: chunked"), "{head}");
    let (size, body) = body.split_once("\r\n").expect("a chunk");
    let size = usize::from_str_radix(size, 16).expect("a size");
    assert_eq!(body[..size], "abc".repeat(size / 3));
}

#[test]
fn a_body_without_end_ends_with_the_emulator() {
    let emulator = start();
    for fault in [
        Fault::on("*").body("x").repeat(0),
        Fault::on("*").body("x").repeat(0).gzip(),
        Fault::on("*").raw("x").repeat(0),
    ] {
        emulator.add_fault(fault);
    }
    let readers = [0; 3].map(|_| {
        let mut connection = call(&emulator, "GET", "api/Users").write();
        std::thread::spawn(move || copy(&mut connection, &mut sink()))
    });
    wait_for_a_request(&emulator);
    emulator.stop();
    for reader in readers {
        // How much that was, and whether it ended by a close or a reset, is chance.
        let _ = reader.join().expect("no panic");
    }
}

#[test]
fn a_dripping_body_begins_and_does_not_go_on() {
    let emulator = start();
    for (fault, end) in [
        (json!({"dripMs": 3_600_000}), "\r\n\r\n{"),
        (json!({"dripMs": 3_600_000, "raw": "SSH-2.0"}), "S"),
        // Even after its last byte.
        (
            json!({"dripMs": 3_600_000, "body": "x", "headers": {"content-length": 2_147_483_648_u64}}),
            "\r\n\r\nx",
        ),
    ] {
        add(&emulator, fault);
        let mut connection = call(&emulator, "GET", "api/Users").write();
        let (mut bytes, mut byte) = (Vec::new(), [0]);
        while !bytes.ends_with(end.as_bytes()) {
            connection.read_exact(&mut byte).expect("more");
            bytes.extend(byte);
        }
        connection.set_read_timeout(Some(Duration::from_millis(50))).expect("a timeout");
        let error = connection.read(&mut byte).expect_err("silence");
        assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
    }
}

#[test]
fn a_dripping_body_arrives_whole_in_the_end() {
    let emulator = start();
    let whole = |reply: Reply| (reply.header("content-length").to_owned(), reply.text().to_owned());
    let begun = Instant::now();
    add(&emulator, json!({"dripMs": 2, "body": "0123456789"}));
    assert_eq!(whole(users(&emulator)), ("10".into(), "0123456789".into()));
    assert!(begun.elapsed() >= Duration::from_millis(18));
    // From copy to copy, and with the end of the compressed form.
    emulator.add_fault(Fault::on("*").body("ab").repeat(2).drip(Duration::from_millis(1)));
    assert_eq!(whole(users(&emulator)), ("4".into(), "abab".into()));
    emulator.add_fault(Fault::on("*").body("ab").gzip().drip(Duration::from_millis(1)));
    assert_eq!(unzipped(&users(&emulator).unchunked()), b"ab");
}
