//! Users' tokens against the emulator over real sockets: one exchange for everyone, calls as a user, bounded memory.

use std::time::Duration;

use agglestone::{AsyncClient, Client, Code, Config, ConfigBuilder, PageRequest, Request};
use agglestone_emulator::{Emulator, Fault, JournalEntry, Slot};

const ADMIN: &str = "b95816fe-f4ab-49ac-889a-e6a161005339";
const PLAIN: &str = "98685d54-c262-4143-affd-5b6e1d8c5d77";

fn config(emulator: &Emulator) -> ConfigBuilder {
    Config::builder()
        .tenant_id(emulator.tenant_id())
        .api_key(emulator.primary_api_key())
        .secondary_api_key(emulator.secondary_api_key())
        .base_url(emulator.url())
}

fn client(emulator: &Emulator) -> Client {
    Client::new(config(emulator).build().unwrap())
}

fn exchanges(emulator: &Emulator) -> usize {
    emulator.requests().iter().filter(|entry: &&JournalEntry| entry.path.ends_with("/token-exchange")).count()
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

#[test]
fn a_thousand_callers_make_one_exchange_across_both_ways_to_call() {
    let emulator = agglestone_emulator::start();
    emulator.add_fault(Fault::on("*/token-exchange").delay(Duration::from_millis(300)));
    let session = std::sync::Arc::new(client(&emulator));
    std::thread::scope(|scope| {
        for _ in 0..1000 {
            scope.spawn(|| session.exchange_api_key_for_token(ADMIN).unwrap());
        }
    });
    assert_eq!(exchanges(&emulator), 1);
    let stats = session.token_stats().unwrap();
    assert_eq!((stats.size, stats.hits + stats.misses), (1, 1000));
}

#[test]
fn one_of_many_waiting_callers_may_give_up() {
    let emulator = agglestone_emulator::start();
    emulator.add_fault(Fault::on("*/token-exchange").delay(Duration::from_millis(300)));
    let client = AsyncClient::new(config(&emulator).build().unwrap());
    let served = wait(async {
        let mut first = Box::pin(client.exchange_api_key_for_token(ADMIN));
        let gives_up = std::future::poll_fn(|context| {
            assert!(first.as_mut().poll(context).is_pending());
            std::task::Poll::Ready(())
        });
        gives_up.await;
        drop(first);
        let mut served = 0;
        let mut others: Vec<_> =
            (0..99).map(|_| Box::pin(client.exchange_api_key_for_token(ADMIN))).collect();
        for other in &mut others {
            served += usize::from(other.as_mut().await.is_ok());
        }
        served
    });
    assert_eq!((served, exchanges(&emulator)), (99, 1));
}

#[test]
fn a_fresh_token_is_another_one_and_forgetting_asks_anew() {
    let emulator = agglestone_emulator::start();
    let client = client(&emulator);
    let first = client.exchange_api_key_for_token(ADMIN).unwrap();
    assert!(client.exchange_api_key_for_token(ADMIN).unwrap() == first);
    let fresh = client.exchange_api_key_for_fresh_token(ADMIN).unwrap();
    assert!(fresh != first && client.exchange_api_key_for_token(ADMIN).unwrap() == fresh);
    client.forget_token(ADMIN).unwrap();
    assert!(client.exchange_api_key_for_token(ADMIN).unwrap() != fresh);
    client.forget_tokens().unwrap();
    client.exchange_api_key_for_token(ADMIN).unwrap();
    assert_eq!(exchanges(&emulator), 4);
}

#[test]
fn calls_as_a_user_have_the_users_rights_and_no_key() {
    let emulator = agglestone_emulator::start();
    let client = client(&emulator);
    let admin = client.as_user(ADMIN).unwrap();
    assert_eq!(admin.get_users(PageRequest::default()).unwrap().total_records, Some(45));
    assert_eq!(admin.get_user(PLAIN).unwrap().user_id, PLAIN);
    let plain = client.as_user(PLAIN).unwrap();
    assert_eq!(plain.get_user(PLAIN).unwrap().user_id, PLAIN);
    assert_eq!(plain.get_users(PageRequest::default()).unwrap_err().code(), Code::Forbidden);
    let request = Request::new("DELETE", "api/v2.0/Users/nobody").unwrap();
    assert_eq!(plain.request(request).unwrap_err().code(), Code::Forbidden);
    let bearer = emulator.requests().into_iter().filter(|entry| !entry.path.ends_with("/token-exchange"));
    assert!(bearer.into_iter().all(|entry| entry.credential == agglestone_emulator::Credential::Bearer));
    assert_eq!(exchanges(&emulator), 2);
}

#[test]
fn a_refused_token_is_exchanged_once_more() {
    let emulator = agglestone_emulator::start();
    let client = client(&emulator);
    let admin = client.as_user(ADMIN).unwrap();
    admin.get_users(PageRequest::default()).unwrap();
    emulator.add_fault(Fault::on("*/Users").answer(401));
    assert!(admin.get_users(PageRequest::default()).is_ok());
    assert_eq!(exchanges(&emulator), 2);
    emulator.add_fault(Fault::on("*/Users").times(2).answer(401));
    let error = admin.get_users(PageRequest::default()).unwrap_err();
    assert_eq!((error.code(), error.attempts()), (Code::Unauthorized, 2));
    assert_eq!(exchanges(&emulator), 3);
}

#[test]
fn cached_tokens_outlive_a_rotation_and_exchanges_use_the_live_key() {
    let emulator = agglestone_emulator::start();
    let client = client(&emulator);
    let before = client.exchange_api_key_for_token(ADMIN).unwrap();
    emulator.generate_key(Slot::Primary);
    assert!(client.exchange_api_key_for_token(ADMIN).unwrap() == before);
    assert!(client.as_user(ADMIN).unwrap().get_users(PageRequest::default()).is_ok());
    assert!(client.exchange_api_key_for_token(PLAIN).is_ok());
    assert_eq!(client.key_usage().unwrap().failovers, 1);
}

#[test]
fn unusable_tokens_are_an_invalid_response_and_not_kept() {
    let emulator = agglestone_emulator::start();
    let client = client(&emulator);
    // The payloads say {"exp":1} and {"exp":99999999999}.
    for body in [
        "{}",
        r#"{"token":""}"#,
        r#"{"token":"not a jwt"}"#,
        r#"{"token":"e30.eyJleHAiOjF9.c2ln"}"#,
        r#"{"token":"e30.eyJleHAiOjk5OTk5OTk5OTk5fQ.c2ln"}"#,
    ] {
        emulator.add_fault(Fault::on("*/token-exchange").answer(200).body(body));
        let error = client.exchange_api_key_for_token(ADMIN).unwrap_err();
        assert_eq!(error.code(), Code::InvalidResponse, "{body}");
        assert_eq!(client.token_stats().unwrap().size, 0);
    }
    let large = format!(r#"{{"token":"{}"}}"#, "a".repeat(2 << 20));
    emulator.add_fault(Fault::on("*/token-exchange").answer(200).body(large));
    assert_eq!(client.exchange_api_key_for_token(ADMIN).unwrap_err().code(), Code::TooLarge);
}

#[test]
fn a_revoked_token_is_noticed_and_replaced_within_the_call() {
    let emulator = agglestone_emulator::start();
    let client = client(&emulator);
    let admin = client.as_user(ADMIN).unwrap();
    admin.get_users(PageRequest::default()).unwrap();
    emulator.revoke_tokens(ADMIN);
    assert!(admin.get_users(PageRequest::default()).is_ok());
    assert_eq!(exchanges(&emulator), 2);
    let statuses: Vec<_> = emulator.requests().iter().map(|entry| entry.status).collect();
    assert_eq!(statuses, [200, 200, 401, 200, 200].map(Some));
}

#[test]
fn a_token_the_services_clock_has_outrun_is_replaced_within_the_call() {
    let emulator = agglestone_emulator::start();
    let client = client(&emulator);
    let admin = client.as_user(ADMIN).unwrap();
    admin.get_users(PageRequest::default()).unwrap();
    emulator.advance_clock(Duration::from_secs(901));
    assert!(admin.get_users(PageRequest::default()).is_ok());
    // Its life counts from the service's new time, however far this machine's clock is behind.
    assert!(client.exchange_api_key_for_token(ADMIN).is_ok());
    assert_eq!(exchanges(&emulator), 2);
}

#[test]
fn callers_get_the_old_token_while_it_is_renewed_and_one_new_one_when_it_is_over() {
    let emulator =
        agglestone_emulator::Options::new().token_lifetime(Duration::from_secs(4)).start().unwrap();
    let client = client(&emulator);
    let first = client.exchange_api_key_for_token(ADMIN).unwrap();
    // Half of its life is over after 2 s at the latest, all of its use after 3.8 s.
    std::thread::sleep(Duration::from_millis(2500));
    emulator.add_fault(Fault::on("*/token-exchange").delay(Duration::from_millis(300)));
    for _ in 0..100 {
        assert!(client.exchange_api_key_for_token(ADMIN).unwrap() == first);
    }
    let renewed = || client.exchange_api_key_for_token(ADMIN).unwrap() != first;
    while !renewed() {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!((exchanges(&emulator), client.token_stats().unwrap().renewals), (2, 1));

    std::thread::sleep(Duration::from_secs(4));
    std::thread::scope(|scope| {
        for _ in 0..100 {
            scope.spawn(|| client.exchange_api_key_for_token(ADMIN).unwrap());
        }
    });
    assert_eq!(exchanges(&emulator), 3);
}
