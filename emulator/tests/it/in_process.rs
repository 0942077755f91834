//! The emulator as a value in a Rust program.

use std::net::TcpStream;
use std::time::Duration;

use agglestone_emulator::{DEFAULT_TENANT, Fault, Options, Slot, StartError, start};

use crate::http::{call, raw, wait_for_a_request};

#[test]
fn emulators_live_side_by_side_with_keys_of_their_own() {
    let (one, two) = (start(), start());
    assert_ne!(one.url(), two.url());
    assert_ne!(one.primary_api_key(), two.primary_api_key());
    assert_ne!(one.primary_api_key(), one.secondary_api_key());
    assert_ne!(one.control_token(), two.control_token());
    assert_eq!(one.tenant_id(), DEFAULT_TENANT);
}

#[test]
fn a_dropped_emulator_has_freed_its_port_and_cut_its_connections() {
    let emulator = start();
    let address = emulator.address();
    emulator.add_fault(Fault::on("*").delay(Duration::from_secs(3600)));
    let waiting = call(&emulator, "GET", "api/Users");
    let waiting = std::thread::spawn(move || waiting.try_send());
    wait_for_a_request(&emulator);
    drop(emulator);
    assert!(TcpStream::connect(address).is_err());
    assert!(waiting.join().expect("no panic").is_err(), "no answer");
    Options::new().port(address.port()).start().expect("the port is free again");
}

#[test]
fn a_stop_lets_a_request_under_way_end() {
    let emulator = start();
    emulator.add_fault(Fault::on("*").delay(Duration::from_millis(50)));
    let waiting = call(&emulator, "GET", "api/Users");
    let waiting = std::thread::spawn(move || waiting.send());
    wait_for_a_request(&emulator);
    emulator.stop();
    assert_eq!(waiting.join().expect("no panic").status, 200);
}

#[test]
fn an_emulator_starts_and_stops_inside_an_asynchronous_test() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let emulator = start();
        assert_eq!(call(&emulator, "GET", "api/Users").send().status, 200);
    });
}

#[test]
fn it_is_reached_by_the_name_localhost_too() {
    let emulator = start();
    let url = emulator.url().replace("127.0.0.1", "localhost");
    assert_eq!(raw(&url, "GET", "/health").send().status, 200);
}

#[test]
fn a_name_of_this_machine_can_be_listened_on() {
    let emulator = Options::new().host("localhost").start().expect("a start");
    assert!(emulator.address().ip().is_loopback());
    assert_eq!(raw(emulator.url(), "GET", "/health").send().status, 200);
}

#[test]
fn a_tenant_of_ones_own_is_served() {
    let emulator = Options::new().tenant("your-tenant-id").start().expect("a start");
    assert_eq!(call(&emulator, "GET", "api/Users").send().status, 200);
    assert!(emulator.requests()[0].path.starts_with("/tenant/your-tenant-id/"));
}

#[test]
fn options_that_cannot_work_are_refused_with_the_reason() {
    for tenant in ["", ".", "..", "a/b", "a b", "ü", "%41"] {
        let error = Options::new().tenant(tenant).start().expect_err("no tenant");
        assert!(matches!(error, StartError::Tenant(_)), "{error}");
    }
    let error = Options::new().token_lifetime(Duration::from_millis(999)).start().expect_err("too short");
    assert!(matches!(error, StartError::TokenLifetime), "{error}");
    for host in ["0.0.0.0", "::", "[::]"] {
        let error = Options::new().host(host).start().expect_err("reachable");
        assert!(matches!(error, StartError::Remote(_)), "{error}");
    }
    let taken = start();
    let error = Options::new().port(taken.address().port()).start().expect_err("taken");
    assert!(matches!(error, StartError::PortTaken(..)), "{error}");
}

#[test]
fn given_keys_and_token_are_used_and_come_back_with_a_reset() {
    let options = Options::new().primary_api_key("first-key").secondary_api_key("second-key");
    let emulator = options.control_token("the-token").start().expect("a start");
    let ready = emulator.ready();
    assert_eq!((&*ready.primary_api_key, &*ready.secondary_api_key), ("first-key", "second-key"));
    assert_eq!(emulator.control_token(), "the-token");
    emulator.generate_key(Slot::Primary);
    emulator.reset();
    assert_eq!(emulator.primary_api_key(), "first-key");
}

#[test]
fn given_keys_that_cannot_work_are_refused_and_not_shown() {
    for options in [
        Options::new().primary_api_key("se cret"),
        Options::new().secondary_api_key("sécret"),
        Options::new().control_token("x"),
        Options::new().primary_api_key("secret").secondary_api_key("secret"),
    ] {
        assert!(!format!("{options:?}").contains("secret"));
        let error = options.start().expect_err("flawed");
        assert!(matches!(error, StartError::Secret(..)), "{error}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}

#[test]
fn a_seed_that_cannot_be_read_is_refused_with_the_place_and_the_reason() {
    for (seed, reason) in [
        ("", "seed: expected {\"users\":[..]}"),
        ("[]", "seed: expected {\"users\":[..]}"),
        ("{\"users\":[],\n\"more\":1}", "line 2"),
        (r#"{"users":[{"userId":"a"},7]}"#, "user 2: is not a JSON object"),
        (r#"{"users":[{}]}"#, "user 1: has no userId"),
        (r#"{"users":[{"userId":null}]}"#, "user 1: has a userId that is not a non-empty string"),
        (r#"{"users":[{"userId":"a"},{"userId":"a"}]}"#, "user 2: userId \"a\" is a duplicate"),
        (r#"{"users":[{"userId":"a","groups":{}}]}"#, "user 1: has groups"),
    ] {
        let error = Options::new().seed(seed).start().expect_err("no seed").to_string();
        assert!(error.contains(reason), "{seed}: {error}");
    }
    let error = Options::new().seed_file("/no/such/file").start().expect_err("no file").to_string();
    assert!(error.starts_with("seed file /no/such/file: "), "{error}");
}

#[test]
fn no_key_is_in_the_debug_text() {
    let emulator = start();
    let text = format!("{emulator:?}");
    for secret in [emulator.primary_api_key(), emulator.secondary_api_key(), emulator.control_token().into()]
    {
        assert!(!text.contains(&secret), "{text}");
    }
    assert!(text.contains(emulator.url()));
}
