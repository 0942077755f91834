//! Processes that share their users' tokens and what they learn of keys, over a real server. A client is as good as a process:
//! nothing but the store is common to two of them.

#![cfg(feature = "token-store")]

#[path = "support/redis.rs"]
mod redis_server;
#[path = "support/store_server.rs"]
mod store_server;
#[allow(dead_code, reason = "other tests use the rest")]
mod support;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use agglestone::{
    CallOptions, Client, Code, Config, ConfigBuilder, Event, Observation, Operation, PageRequest,
    TraceContext, UserId,
};
use agglestone_emulator::{Emulator, Fault, JournalEntry, Slot};
use redis_server::Redis;

const ADMIN: &str = "b95816fe-f4ab-49ac-889a-e6a161005339";
const PLAIN: &str = "98685d54-c262-4143-affd-5b6e1d8c5d77";
const KEY: &str = "0123456789abcdef0123456789abcdef";

type Events = Arc<Mutex<Vec<Event>>>;

fn config(emulator: &Emulator, store: &str) -> ConfigBuilder {
    Config::builder()
        .tenant_id(emulator.tenant_id())
        .api_key(emulator.primary_api_key())
        .secondary_api_key(emulator.secondary_api_key())
        .base_url(emulator.url())
        .token_store(store)
}

fn client(emulator: &Emulator, store: &Redis) -> Client {
    joined(store, config(emulator, &store.url()).token_store_key(KEY)).0
}

/// A client that is connected already. One that still connects waits for the store for a part of its time, and then goes on alone.
fn joined(store: &Redis, config: ConfigBuilder) -> (Client, Events) {
    let before = store.listeners();
    let (client, events) = watched(config);
    client.get_users(PageRequest::default()).unwrap();
    until("joined", || store.listeners() > before);
    (client, events)
}

/// A client whose events are kept.
fn watched(config: ConfigBuilder) -> (Client, Events) {
    let events = Events::default();
    let told = events.clone();
    let config = config.on_event(move |event| told.lock().unwrap().push(event.clone()));
    (Client::new(config.build().unwrap()), events)
}

fn names(events: &Events) -> Vec<&'static str> {
    events.lock().unwrap().iter().map(Event::name).collect()
}

fn exchanges(emulator: &Emulator) -> usize {
    emulator.requests().iter().filter(|entry: &&JournalEntry| entry.path.ends_with("/token-exchange")).count()
}

/// Waits for something that others do.
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_fleet_makes_one_exchange_a_user() {
    let (emulator, store) = (agglestone_emulator::start(), Redis::start(&[]));
    emulator.add_fault(Fault::on("*/token-exchange").delay(Duration::from_millis(300)));
    let fleet: Vec<Client> = (0..20).map(|_| client(&emulator, &store)).collect();
    let tokens: Vec<_> = std::thread::scope(|scope| {
        let asked =
            fleet.iter().map(|client| scope.spawn(|| client.exchange_api_key_for_token(ADMIN).unwrap()));
        asked.collect::<Vec<_>>().into_iter().map(|asked| asked.join().unwrap()).collect()
    });
    assert_eq!(exchanges(&emulator), 1);
    assert!(tokens.iter().all(|token| *token == tokens[0]));
    let from_others: u64 = fleet.iter().map(|client| client.token_stats().unwrap().from_others).sum();
    assert_eq!(from_others, 19);
    let late = client(&emulator, &store);
    assert!(late.exchange_api_key_for_token(ADMIN).unwrap() == tokens[0]);
    assert!(late.exchange_api_key_for_fresh_token(ADMIN).unwrap() != tokens[0]);
    assert_eq!(exchanges(&emulator), 2);
}

#[test]
fn the_store_learns_neither_users_nor_tokens_nor_keys() {
    let (emulator, store) = (agglestone_emulator::start(), Redis::start(&[]));
    let client = client(&emulator, &store);
    let token = client.exchange_api_key_for_token(ADMIN).unwrap();
    until("written", || !store.ask::<Vec<String>>(&["KEYS", "*"]).is_empty());
    for name in store.ask::<Vec<String>>(&["KEYS", "*"]) {
        let value: Vec<u8> = store.ask(&["GET", &name]);
        let text = name + &String::from_utf8_lossy(&value);
        let key = emulator.primary_api_key();
        let parts = token.expose().split('.').chain([ADMIN, &key, KEY, emulator.tenant_id()]);
        for secret in parts {
            assert!(!text.contains(secret));
        }
    }
}

#[test]
fn an_entry_that_was_moved_or_altered_is_none() {
    let (emulator, store) = (agglestone_emulator::start(), Redis::start(&[]));
    let writer = client(&emulator, &store);
    writer.exchange_api_key_for_token(ADMIN).unwrap();
    let named = || store.ask::<Vec<String>>(&["KEYS", "*"]).into_iter().find(|name| !name.ends_with("lock"));
    until("written", || named().is_some());
    let admins = named().unwrap();
    store.ask::<i64>(&["COPY", &admins, "aside"]);
    store.ask::<()>(&["DEL", &admins]);
    writer.exchange_api_key_for_token(PLAIN).unwrap();
    let plains = || {
        store.ask::<Vec<String>>(&["KEYS", "agglestone:*"]).into_iter().find(|name| !name.ends_with("lock"))
    };
    until("written", || plains().is_some());
    store.ask::<i64>(&["COPY", "aside", &plains().unwrap(), "REPLACE"]);
    let reader = client(&emulator, &store);
    let got = reader.exchange_api_key_for_token(PLAIN).unwrap();
    assert_eq!(exchanges(&emulator), 3, "another user's entry");
    assert!(got.expose() != writer.exchange_api_key_for_token(ADMIN).unwrap().expose());
    // It mends the store on its way.
    let third = client(&emulator, &store);
    assert!(third.exchange_api_key_for_token(PLAIN).unwrap() == got);
    assert_eq!(exchanges(&emulator), 3);
}

#[test]
fn what_one_forgets_or_is_refused_all_learn() {
    let (emulator, store) = (agglestone_emulator::start(), Redis::start(&[]));
    let (one, other) = (client(&emulator, &store), client(&emulator, &store));
    let first = one.exchange_api_key_for_token(ADMIN).unwrap();
    assert!(other.exchange_api_key_for_token(ADMIN).unwrap() == first);
    one.forget_token(ADMIN).unwrap();
    until("forgotten", || other.token_stats().unwrap().size == 0);
    let second = one.exchange_api_key_for_token(ADMIN).unwrap();
    assert!(second != first && other.exchange_api_key_for_token(ADMIN).unwrap() == second);
    one.forget_tokens().unwrap();
    until("all forgotten", || other.token_stats().unwrap().size == 0);
    let third = other.exchange_api_key_for_token(ADMIN).unwrap();
    assert!(third != second && one.exchange_api_key_for_token(ADMIN).unwrap() == third);
    assert_eq!(exchanges(&emulator), 3);

    emulator.add_fault(Fault::on("*/token-exchange").answer(404));
    let refused = one.exchange_api_key_for_fresh_token(ADMIN).unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    until("refused", || other.exchange_api_key_for_token(ADMIN).is_err());
    let learnt = other.exchange_api_key_for_token(ADMIN).unwrap_err();
    assert_eq!((learnt.code(), learnt.attempts(), exchanges(&emulator)), (Code::NotFound, 0, 4));
}

#[test]
fn a_key_that_was_refused_once_is_used_by_nobody() {
    let (emulator, store) = (agglestone_emulator::start(), Redis::start(&[]));
    let (one, _) = joined(&store, config(&emulator, &store.url()));
    let (other, events) = joined(&store, config(&emulator, &store.url()));
    emulator.generate_key(Slot::Primary);
    one.get_users(PageRequest::default()).unwrap();
    until("told", || names(&events).contains(&"failover_elsewhere"));
    let before = emulator.requests().len();
    other.get_users(PageRequest::default()).unwrap();
    assert_eq!(emulator.requests().len(), before + 1, "no refusal");
}

#[test]
fn a_rotation_of_one_key_at_a_time_loses_nothing() {
    let (emulator, store) = (agglestone_emulator::start(), Redis::start(&[]));
    let mut fleet = vec![joined(&store, config(&emulator, &store.url())).0];
    let token = fleet[0].exchange_api_key_for_token(ADMIN).unwrap();
    until("written twice", || store.ask::<Vec<String>>(&["KEYS", "*"]).len() == 2);
    for slot in [Slot::Primary, Slot::Secondary] {
        emulator.generate_key(slot);
        fleet.push(joined(&store, config(&emulator, &store.url())).0);
        assert!(fleet.last().unwrap().exchange_api_key_for_token(ADMIN).unwrap() == token, "{slot:?}");
        until("written under the new key", || {
            store.ask::<Vec<String>>(&["KEYS", "*"]).len() == if slot == Slot::Primary { 3 } else { 4 }
        });
    }
    assert_eq!(exchanges(&emulator), 1);
}

/// The state of the store in the account of a call.
fn state_seen_by(client: &Client) -> Option<&'static str> {
    let observation = Observation::new(TraceContext::default());
    let operation = Operation::GetUsers(PageRequest::default()).as_user(UserId::new(ADMIN).unwrap());
    client.call(operation.unwrap().with(CallOptions::new()).observed(observation.clone())).unwrap();
    observation.account().token_store
}

#[test]
fn a_store_that_is_killed_and_comes_back_costs_no_call() {
    let (emulator, mut store) = (agglestone_emulator::start(), Redis::start(&[]));
    let (client, events) = joined(&store, config(&emulator, &store.url()).token_store_key(KEY));
    client.exchange_api_key_for_token(ADMIN).unwrap();
    assert_eq!(state_seen_by(&client), Some("up"));
    store.kill();
    until("lost", || {
        client.exchange_api_key_for_fresh_token(ADMIN).unwrap();
        names(&events).contains(&"token_store_lost")
    });
    client.forget_token(ADMIN).unwrap();
    client.exchange_api_key_for_token(ADMIN).unwrap();
    assert_eq!(state_seen_by(&client), Some("down"));
    store.restart();
    until("back", || names(&events).contains(&"token_store_back"));
    assert_eq!(state_seen_by(&client), Some("up"));
    assert_eq!(names(&events), ["token_store_lost", "token_store_back"]);
    let token = client.exchange_api_key_for_fresh_token(ADMIN).unwrap();
    let other = self::client(&emulator, &store);
    assert!(other.exchange_api_key_for_token(ADMIN).unwrap() == token);
}

#[test]
fn a_store_that_is_of_no_use_is_told_once_and_costs_no_call() {
    let emulator = agglestone_emulator::start();
    let guarded = Redis::start(&["requirepass secret"]);
    let full = Redis::start(&["maxmemory 1", "maxmemory-policy noeviction"]);
    let replica = Redis::start(&["replicaof 127.0.0.1 1", "replica-serve-stale-data yes"]);
    let stores = [
        ("redis://127.0.0.1:1".to_owned(), "connected"),
        (format!("redis://:wrong@127.0.0.1:{}", guarded.port), "WRONGPASS"),
        (guarded.url(), "NOAUTH"),
        (full.url(), "OOM"),
        (replica.url(), "READONLY"),
    ];
    for (store, reason) in stores {
        let (client, events) = watched(config(&emulator, &store).token_store_key(KEY));
        let before = exchanges(&emulator);
        for user in [ADMIN, PLAIN] {
            client.exchange_api_key_for_token(user).unwrap();
        }
        assert_eq!(exchanges(&emulator), before + 2);
        until(&store, || !events.lock().unwrap().is_empty());
        let told = events.lock().unwrap().clone();
        let [Event::TokenStoreLost { reason: told }] = &told[..] else { panic!("{store}: {told:?}") };
        assert!(told.contains(reason) && !told.contains("wrong"), "{store}: {told}");
    }
}

#[test]
fn a_store_speaks_tls_and_its_certificate_is_checked() {
    let emulator = agglestone_emulator::start();
    let (issuer, authority) = support::authority();
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = certificate.signed_by(&key, &issuer).unwrap().pem();
    let port = store_server::free_port();
    let store = Redis::start_with_tls(port, &certificate, &key.serialize_pem());
    let url = format!("rediss://localhost:{port}");
    let trusting = || config(&emulator, &url).token_store_key(KEY).ca_pem(authority.clone());
    let (one, told) = joined(&store, trusting());
    let token = one.exchange_api_key_for_token(ADMIN).unwrap();
    until("written", || !store.ask::<Vec<String>>(&["KEYS", "*"]).is_empty());
    let (other, _) = joined(&store, trusting());
    assert!(other.exchange_api_key_for_token(ADMIN).unwrap() == token);
    assert_eq!(names(&told), [""; 0]);

    let (doubting, told) = watched(config(&emulator, &url).token_store_key(KEY));
    doubting.exchange_api_key_for_token(ADMIN).unwrap();
    until("refused", || names(&told) == ["token_store_lost"]);
    assert_eq!(exchanges(&emulator), 2);
}

#[test]
fn the_user_that_the_manual_describes_may_do_enough() {
    let (emulator, store) = (agglestone_emulator::start(), Redis::start(&[]));
    let manual = include_str!("../docs/fleet.md");
    let line = manual.lines().find(|line| line.starts_with("ACL SETUSER ")).unwrap();
    store.ask::<()>(&line.split(' ').collect::<Vec<_>>());
    let url = format!("redis://agglestone:password@127.0.0.1:{}", store.port);
    let (one, events) = joined(&store, config(&emulator, &url));
    let token = one.exchange_api_key_for_token(ADMIN).unwrap();
    until("written", || store.ask::<Vec<String>>(&["KEYS", "*"]).len() == 2);
    let (other, _) = joined(&store, config(&emulator, &url));
    assert!(other.exchange_api_key_for_token(ADMIN).unwrap() == token);
    one.forget_tokens().unwrap();
    until("forgotten", || other.token_stats().unwrap().size == 0);
    other.exchange_api_key_for_token(ADMIN).unwrap();
    assert_eq!(names(&events), [""; 0]);
}

#[test]
fn a_store_that_was_flushed_has_tokens_exchanged_again() {
    let (emulator, store) = (agglestone_emulator::start(), Redis::start(&[]));
    let (one, events) = joined(&store, config(&emulator, &store.url()).token_store_key(KEY));
    one.exchange_api_key_for_token(ADMIN).unwrap();
    until("written", || !store.ask::<Vec<String>>(&["KEYS", "*"]).is_empty());
    store.ask::<()>(&["FLUSHALL"]);
    let other = client(&emulator, &store);
    other.exchange_api_key_for_token(ADMIN).unwrap();
    one.exchange_api_key_for_token(ADMIN).unwrap();
    assert_eq!((exchanges(&emulator), names(&events)), (2, vec![]));
}

#[test]
fn sentinel_says_where_the_primary_is() {
    let (emulator, store) = (agglestone_emulator::start(), Redis::start(&[]));
    let sentinel = store.sentinel();
    let at = |name: &str| format!("redis-sentinel://127.0.0.1:1,127.0.0.1:{}/#{name}", sentinel.port);
    let (one, events) = joined(&store, config(&emulator, &at("main")).token_store_key(KEY));
    let token = one.exchange_api_key_for_token(ADMIN).unwrap();
    until("written", || !store.ask::<Vec<String>>(&["KEYS", "*"]).is_empty());
    let (other, _) = joined(&store, config(&emulator, &at("main")).token_store_key(KEY));
    assert!(other.exchange_api_key_for_token(ADMIN).unwrap() == token);
    assert_eq!((exchanges(&emulator), names(&events)), (1, vec![]));

    let (lost, events) = watched(config(&emulator, &at("other")).token_store_key(KEY));
    lost.exchange_api_key_for_token(ADMIN).unwrap();
    until("told", || !events.lock().unwrap().is_empty());
    assert!(events.lock().unwrap()[0].to_string().contains("no such name"));
}

#[test]
fn who_lost_the_lock_meanwhile_writes_nothing() {
    let (emulator, store) = (agglestone_emulator::start(), Redis::start(&[]));
    emulator.add_fault(Fault::on("*/token-exchange").delay(Duration::from_secs(1)));
    let locks = || store.ask::<Vec<String>>(&["KEYS", "*:lock"]);
    let slow = client(&emulator, &store);
    let token = std::thread::scope(|scope| {
        let exchanging = scope.spawn(|| slow.exchange_api_key_for_token(ADMIN).unwrap());
        until("locked", || !locks().is_empty());
        store.ask::<i64>(&["DEL", &locks()[0]]);
        exchanging.join().unwrap()
    });
    let other = client(&emulator, &store);
    assert!(other.exchange_api_key_for_token(ADMIN).unwrap() != token);
    until("written", || store.ask::<Vec<String>>(&["KEYS", "*"]).len() == 1);
    assert!(client(&emulator, &store).exchange_api_key_for_token(ADMIN).unwrap() != token);
    assert_eq!(exchanges(&emulator), 2);
}

/// Greets, lets itself be listened to, and says nothing more.
fn server_that_falls_silent() -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut heard = [0; 4096];
        while let Ok(length @ 1..) = stream.read(&mut heard) {
            let said = String::from_utf8_lossy(&heard[..length]).into_owned();
            if said.contains("HELLO") {
                stream.write_all(b"%1\r\n$5\r\nproto\r\n:3\r\n").unwrap();
            } else if let Some(channel) = said.split("\r\n").find(|word| word.ends_with(":news")) {
                let answer = format!(">3\r\n$9\r\nsubscribe\r\n${}\r\n{channel}\r\n:1\r\n", channel.len());
                stream.write_all(answer.as_bytes()).unwrap();
            }
        }
    });
    url
}

#[test]
fn a_store_that_falls_silent_is_waited_for_no_longer_than_its_own_time() {
    let emulator = agglestone_emulator::start();
    let (client, events) = watched(config(&emulator, &server_that_falls_silent()).token_store_key(KEY));
    client.exchange_api_key_for_token(ADMIN).unwrap();
    let told = events.lock().unwrap().clone();
    let [Event::TokenStoreLost { reason }] = &told[..] else { panic!("{told:?}") };
    assert_eq!(reason, "it gave no answer within 100 ms");
}

#[test]
fn what_was_forgotten_in_an_outage_reaches_everybody_in_whatever_order_they_come_back() {
    let (emulator, mut store) = (agglestone_emulator::start(), Redis::start(&["appendonly yes"]));
    let fleet: Vec<_> =
        (0..6).map(|_| joined(&store, config(&emulator, &store.url()).token_store_key(KEY))).collect();
    let token = fleet[0].0.exchange_api_key_for_token(ADMIN).unwrap();
    fleet.iter().for_each(|(client, _)| assert!(client.exchange_api_key_for_token(ADMIN).unwrap() == token));
    let all = |event: &str| fleet.iter().all(|(_, events)| names(events).contains(&event));
    store.kill();
    until("lost", || all("token_store_lost"));
    // One that was not there before has missed nothing yet, and will.
    let (late, told) = watched(config(&emulator, &store.url()).token_store_key(KEY));
    let own = late.exchange_api_key_for_token(ADMIN).unwrap();
    assert!(own != token);
    fleet[3].0.forget_token(ADMIN).unwrap();
    store.restart();
    until("back", || all("token_store_back") && names(&told).contains(&"token_store_back"));
    until("forgotten by the late one", || late.token_stats().unwrap().size == 0);
    until("forgotten", || fleet.iter().all(|(client, _)| client.token_stats().unwrap().size == 0));
    let new = fleet[5].0.exchange_api_key_for_token(ADMIN).unwrap();
    assert!(new != token && fleet[1].0.exchange_api_key_for_token(ADMIN).unwrap() == new);
    assert_eq!(exchanges(&emulator), 3);
}
