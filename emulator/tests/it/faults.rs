//! Faults of every kind, given over HTTP and through Rust.

use std::time::{Duration, Instant};

use agglestone_emulator::{Close, Emulator, Fault, start};
use serde_json::{Value, json};

use crate::http::{Reply, anonymous, call, control, raw, wait_for_a_request};

pub fn add(emulator: &Emulator, fault: Value) {
    let reply = control(emulator, "POST", "faults").body(fault.to_string()).send();
    assert_eq!(reply.status, 200, "{}", reply.text());
}

pub fn users(emulator: &Emulator) -> Reply {
    call(emulator, "GET", "api/Users").send()
}

#[test]
fn a_fault_answers_its_status_headers_and_body_once() {
    let emulator = start();
    add(
        &emulator,
        json!({
            "path": "*/Users", "method": "GET", "status": 429,
            "headers": {"Retry-After": 7, "X-Twice": ["a", "b"]}, "body": "slow down",
        }),
    );
    let reply = users(&emulator);
    assert_eq!((reply.status, reply.text()), (429, "slow down"));
    assert_eq!(reply.header("retry-after"), "7");
    assert_eq!(reply.headers("x-twice"), ["a", "b"]);
    assert_eq!(reply.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(users(&emulator).status, 200);
}

#[test]
fn any_json_is_a_body_and_is_sent_in_the_spelling_it_was_given_in() {
    let emulator = start();
    for (body, content_type) in [
        (r#"{"b":1.0, "a":[]}"#, "application/json"),
        ("12345678901234567890.0", "application/json"),
        ("[null]", "application/json"),
    ] {
        let fault = format!(r#"{{"body":{body}}}"#);
        control(&emulator, "POST", "faults").body(fault).send();
        let reply = users(&emulator);
        assert_eq!((reply.status, reply.text()), (200, body));
        assert_eq!(reply.header("content-type"), content_type);
    }
    add(&emulator, json!({"status": 500, "body": {"a": 1}, "headers": {"content-type": "text/odd"}}));
    assert_eq!(users(&emulator).header("content-type"), "text/odd");
    add(&emulator, json!({"status": 500}));
    assert_eq!(users(&emulator).headers("content-type"), [""; 0]);
}

#[test]
fn a_redirect_can_be_answered_and_shows_in_the_journal_when_followed() {
    let emulator = start();
    add(&emulator, json!({"status": 302, "headers": {"location": "http://elsewhere/x"}}));
    let reply = users(&emulator);
    assert_eq!((reply.status, reply.header("location")), (302, "http://elsewhere/x"));
    raw(emulator.url(), "GET", "/elsewhere").send().problem(404);
    let paths: Vec<_> = emulator.requests().into_iter().map(|entry| entry.path).collect();
    assert_eq!(paths[1], "/elsewhere");
}

#[test]
fn a_fault_lasts_as_often_as_it_says_and_until_cleared_for_zero() {
    let emulator = start();
    add(&emulator, json!({"status": 500, "times": 2}));
    assert_eq!([0; 3].map(|_| users(&emulator).status), [500, 500, 200]);
    add(&emulator, json!({"status": 500, "times": 0}));
    assert_eq!([0; 3].map(|_| users(&emulator).status), [500; 3]);
    assert_eq!(control(&emulator, "DELETE", "faults").send().json(), json!({"faults": 0}));
    assert_eq!(users(&emulator).status, 200);
    emulator.add_fault(Fault::on("*").times(0).answer(500));
    emulator.clear_faults();
    assert_eq!(users(&emulator).status, 200);
}

#[test]
fn the_oldest_fault_that_fits_goes_first_and_others_wait() {
    let emulator = start();
    add(&emulator, json!({"method": "post", "status": 501}));
    add(&emulator, json!({"path": "/TENANT/*/api/users", "status": 502}));
    add(&emulator, json!({"status": 503}));
    assert_eq!(call(&emulator, "GET", "api/users/x?api/users").send().status, 503);
    assert_eq!(users(&emulator).status, 502);
    assert_eq!(users(&emulator).status, 200);
    assert_eq!(call(&emulator, "POST", "api/Users").send().status, 501);
}

#[test]
fn a_fault_looks_at_no_credential_and_changes_nothing() {
    let emulator = start();
    add(&emulator, json!({"status": 200, "body": {"data": []}}));
    assert_eq!(anonymous(&emulator, "GET", "api/Users").send().text(), r#"{"data":[]}"#);
    add(&emulator, json!({"status": 503}));
    assert_eq!(call(&emulator, "POST", "api/Users").json(&json!({"userId": "u"})).send().status, 503);
    call(&emulator, "GET", "api/Users/u").send().problem(404);
}

#[test]
fn a_delay_alone_answers_as_usual_but_later() {
    let emulator = start();
    add(&emulator, json!({"delayMs": 50}));
    let begun = Instant::now();
    assert_eq!(users(&emulator).json()["totalRecords"], 45);
    assert!(begun.elapsed() >= Duration::from_millis(50));
}

#[test]
fn a_delayed_request_holds_up_nobody_else() {
    let emulator = start();
    add(&emulator, json!({"path": "*/slow", "delayMs": 3_600_000}));
    let _waiting = call(&emulator, "GET", "slow").write();
    wait_for_a_request(&emulator);
    assert_eq!(users(&emulator).status, 200);
}

#[test]
fn close_before_resets_the_connection_without_a_byte_and_without_effect() {
    let emulator = start();
    add(&emulator, json!({"close": "before"}));
    let post = call(&emulator, "POST", "api/Users").json(&json!({"userId": "u"}));
    let reset = post.try_send().expect_err("no answer");
    assert!(reset);
    call(&emulator, "GET", "api/Users/u").send().problem(404);
    assert_eq!(emulator.requests()[0].status, None);
}

#[test]
fn close_mid_body_sends_the_head_and_half_of_the_body_and_resets() {
    let emulator = start();
    let whole = users(&emulator);
    add(&emulator, json!({"close": "mid-body"}));
    let half = users(&emulator);
    assert_eq!(half.status, 200);
    assert_eq!(half.header("content-length"), whole.header("content-length"));
    assert_eq!(half.body, whole.body[..whole.body.len() / 2]);
    assert!(half.reset);

    add(&emulator, json!({"close": "mid-body", "status": 500, "body": "0123456789"}));
    let half = users(&emulator);
    assert_eq!((half.status, half.header("content-length"), half.text()), (500, "10", "01234"));
    assert!(half.reset);
    assert_eq!(emulator.requests()[2].status, Some(500));
}

#[test]
fn a_body_shorter_than_its_declared_length_breaks_off() {
    let emulator = start();
    add(&emulator, json!({"status": 200, "headers": {"content-length": "99999999999"}, "body": "short"}));
    let reply = users(&emulator);
    assert_eq!((reply.header("content-length"), reply.text()), ("99999999999", "short"));
    assert!(reply.reset);
}

#[test]
fn a_large_body_arrives_whole() {
    let emulator = start();
    emulator.add_fault(Fault::on("*").answer(200).body("x".repeat(20 << 20)));
    assert_eq!(users(&emulator).body.len(), 20 << 20);
    add(&emulator, json!({"body": "x".repeat(20 << 20)}));
    assert_eq!(users(&emulator).body.len(), 20 << 20);
}

#[test]
fn a_fault_may_set_the_request_id_and_the_journal_has_the_one_that_was_sent() {
    let emulator = start();
    add(&emulator, json!({"status": 500, "headers": {"x-request-id": "from-afar", "date": "today"}}));
    let reply = users(&emulator);
    assert_eq!((reply.header("x-request-id"), reply.header("date")), ("from-afar", "today"));
    assert_eq!(emulator.requests()[0].request_id, "from-afar");
}

#[test]
fn faults_spare_health_checks_and_control_calls() {
    let emulator = start();
    emulator.add_fault(Fault::on("*").times(0).close(Close::Before));
    assert_eq!(raw(emulator.url(), "GET", "/health").send().status, 200);
    assert_eq!(control(&emulator, "GET", "requests").send().status, 200);
}

#[test]
fn a_fault_that_could_not_do_what_it_says_is_refused_with_the_reason() {
    let emulator = start();
    for (fault, reason) in [
        (json!({"path": "*", "statis": 500}), "statis"),
        (json!({"path": "*"}), "no effect"),
        (json!({"status": 199}), "between 200 and 999"),
        (json!({"status": 1000}), "between 200 and 999"),
        (json!({"status": "500"}), "u16"),
        (json!({"times": -1, "status": 500}), "u32"),
        (json!({"close": "later"}), "later"),
        (json!({"close": "after"}), "close 'after' requires raw"),
        (json!({"close": "after", "status": 500}), "close 'after' requires raw"),
        (json!({"close": "after", "raw": "x", "repeat": 0}), "never ends"),
        (json!({"close": "before", "status": 500}), "sends nothing"),
        (json!({"close": "before", "raw": "x"}), "sends nothing"),
        (json!({"close": "before", "gzip": true}), "sends nothing"),
        (json!({"close": "before", "dripMs": 1}), "sends nothing"),
        (json!({"close": "mid-body", "body": "x", "repeat": 2}), "cannot be combined with repeat"),
        (json!({"close": "mid-body", "raw": "x"}), "raw replaces the whole response"),
        (json!({"raw": "x", "status": 200}), "raw replaces the whole response"),
        (json!({"raw": "x", "headers": {"a": "b"}}), "raw replaces the whole response"),
        (json!({"raw": "x", "body": "y"}), "raw replaces the whole response"),
        (json!({"raw": "x", "gzip": true}), "raw replaces the whole response"),
        (json!({"raw": "x", "rawBase64": "eA=="}), "mutually exclusive"),
        (json!({"rawBase64": "x"}), "rawBase64 is not valid base64"),
        (json!({"body": "x", "bodyBase64": "eA=="}), "mutually exclusive"),
        (json!({"bodyBase64": "eA"}), "bodyBase64 is not valid base64"),
        (json!({"repeat": 0}), "repeat requires body or raw"),
        (json!({"repeat": 2, "status": 500}), "repeat requires body or raw"),
        (json!({"repeat": 0, "raw": ""}), "repeat requires body or raw"),
        (json!({"repeat": -1, "body": "x"}), "u32"),
        (json!({"dripMs": 0}), "no effect"),
        (json!({"gzip": false}), "no effect"),
        (json!({"rateLimit": {"requests": 1}}), "perSeconds"),
        (json!({"rateLimit": {"requests": 1, "perSeconds": 0}}), "longer than zero"),
        (json!({"rateLimit": {"requests": 1, "perSeconds": 1, "per": 1}}), "per"),
        (json!({"rateLimit": {"requests": 1, "perSeconds": 1}, "times": 1}), "until the faults are cleared"),
        (
            json!({"rateLimit": {"requests": 1, "perSeconds": 1}, "status": 503}),
            "only be combined with path and method",
        ),
        (
            json!({"rateLimit": {"requests": 1, "perSeconds": 1}, "delayMs": 1}),
            "only be combined with path and method",
        ),
        (
            json!({"rateLimit": {"requests": 1, "perSeconds": 1}, "close": "before"}),
            "only be combined with path and method",
        ),
        (json!({"headers": {"a b": "c"}}), "a b"),
        (json!({"headers": {"a": "b\nc"}}), "\"a\""),
        (json!({"headers": {"a": {}}}), "a header is"),
        (json!([]), "invalid"),
    ] {
        let reply = control(&emulator, "POST", "faults").body(fault.to_string()).send();
        let detail = reply.problem(400);
        assert!(detail.contains(reason), "{fault}: {detail}");
    }
    assert_eq!(users(&emulator).status, 200);
}

#[test]
#[should_panic(expected = "raw replaces the whole response")]
fn a_contradiction_in_rust_panics_with_the_reason() {
    start().add_fault(Fault::on("*").raw("x").answer(200));
}

#[test]
fn the_bad_servers_of_the_readme_are_faults() {
    let emulator = start();
    let rows = include_str!("../../README.md").lines().filter_map(|line| line.strip_prefix("| `{\""));
    let faults: Vec<_> = rows.filter_map(|row| row.split_once("}` |")).collect();
    assert_eq!(faults.len(), 10);
    for (fault, _) in faults {
        let reply = control(&emulator, "POST", "faults").body(format!("{{\"{fault}}}")).send();
        assert_eq!(reply.status, 200, "{}", reply.text());
    }
}
