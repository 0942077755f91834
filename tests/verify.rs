//! Tokens verified against the emulator over real sockets: how often the service is asked for keys.

use agglestone::{Client, Code, Config, TokenCheck};
use agglestone_emulator::{Emulator, Fault};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

const USER: &str = "b95816fe-f4ab-49ac-889a-e6a161005339";

fn client(emulator: &Emulator) -> Client {
    let config = Config::builder().tenant_id(emulator.tenant_id()).api_key(emulator.primary_api_key());
    Client::new(config.base_url(emulator.url()).build().unwrap())
}

fn fetches(emulator: &Emulator, what: &str) -> usize {
    emulator.requests().iter().filter(|entry| entry.path.ends_with(what)).count()
}

#[test]
fn ten_thousand_invented_keys_cost_two_fetches() {
    let emulator = agglestone_emulator::start();
    let client = client(&emulator);
    let token = client.exchange_api_key_for_token(USER).unwrap();
    assert_eq!(client.verify_token(token.expose()).unwrap().user_id(), USER);
    let (_, rest) = token.expose().split_once('.').unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let client = &client;
            scope.spawn(move || {
                for number in 0..2500 {
                    let header = format!(r#"{{"alg":"RS256","kid":"{thread}-{number}"}}"#);
                    let invented = format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header));
                    let error = client.verify_token(&invented).unwrap_err();
                    assert_eq!((error.code(), error.reason()), (Code::InvalidToken, Some("unknown_key")));
                }
            });
        }
    });
    assert_eq!((fetches(&emulator, "/openid-configuration"), fetches(&emulator, "/jwks.json")), (1, 2));
    assert!(client.verify_token(token.expose()).is_ok());
}

#[test]
fn everyone_who_comes_first_waits_for_one_fetch() {
    let emulator = agglestone_emulator::start();
    let client = client(&emulator);
    let token = client.exchange_api_key_for_token(USER).unwrap();
    emulator.add_fault(Fault::on("*/openid-configuration").delay(std::time::Duration::from_millis(300)));
    std::thread::scope(|scope| {
        for _ in 0..100 {
            scope.spawn(|| client.verify_token(token.expose()).unwrap());
        }
    });
    assert_eq!((fetches(&emulator, "/openid-configuration"), fetches(&emulator, "/jwks.json")), (1, 1));
}

#[test]
fn everyone_who_comes_first_waits_for_one_answer_about_the_user() {
    let emulator = agglestone_emulator::start();
    let client = client(&emulator);
    let token = client.exchange_api_key_for_token(USER).unwrap();
    emulator.add_fault(Fault::on("*/Users/*").delay(std::time::Duration::from_millis(300)));
    let verify = || client.verify_token_with(token.expose(), TokenCheck::Service);
    std::thread::scope(|scope| {
        for _ in 0..100 {
            scope.spawn(|| verify().unwrap());
        }
    });
    assert_eq!(fetches(&emulator, USER), 1);
    emulator.add_fault(Fault::on("*/Users/*").answer(404));
    assert_eq!(verify().unwrap().user_id(), USER);
    assert_eq!(fetches(&emulator, USER), 1);
}

#[test]
fn closing_the_client_ends_a_wait_for_the_service() {
    let emulator = agglestone_emulator::start();
    let client = client(&emulator);
    let token = client.exchange_api_key_for_token(USER).unwrap();
    client.verify_token(token.expose()).unwrap();
    emulator.add_fault(Fault::on("*/Users/*").delay(std::time::Duration::from_secs(600)));
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| client.verify_token_with(token.expose(), TokenCheck::Service));
        while fetches(&emulator, USER) == 0 {
            std::thread::yield_now();
        }
        client.close();
        assert_eq!(waiting.join().unwrap().unwrap_err().code(), Code::Closed);
    });
}
