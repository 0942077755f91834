//! Key sources that do not answer: they hold up no call beyond its deadline, and no thread but one.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, RwLock};
use std::time::Duration;

use agglestone::GivenKeys;
use agglestone::{
    AsyncClient, CallOptions, Client, Code, Config, ConfigBuilder, Error, Invocation, Operation, PageRequest,
    Reply,
};
use agglestone_emulator::Emulator;

/// Asks for users, with a deadline of its own.
type Caller = Box<dyn Fn(Duration) -> Result<Reply, Error> + Send + Sync>;

const SHORT: Duration = Duration::from_millis(200);
const LONG: Duration = Duration::from_secs(60);

fn users(deadline: Duration) -> Invocation {
    Operation::GetUsers(PageRequest::default()).with(CallOptions::new().deadline(deadline).unwrap())
}

/// The two ways to call.
fn ways() -> [fn(&ConfigBuilder) -> Caller; 2] {
    let blocking = |config: &ConfigBuilder| -> Caller {
        let client = Client::new(config.clone().build().unwrap());
        Box::new(move |deadline| client.call(users(deadline)))
    };
    let nonblocking = |config: &ConfigBuilder| -> Caller {
        let client = AsyncClient::new(config.clone().build().unwrap());
        Box::new(move |deadline| {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(client.call(users(deadline)))
        })
    };
    [blocking, nonblocking]
}

fn config(emulator: &Emulator) -> ConfigBuilder {
    Config::builder().tenant_id(emulator.tenant_id()).base_url(emulator.url())
}

/// A source that knows the emulator's keys and gives them while nobody holds the lock, and how often it was asked.
fn source(emulator: &Emulator) -> (ConfigBuilder, Arc<RwLock<()>>, Arc<AtomicUsize>) {
    let (gate, asked) = (Arc::new(RwLock::new(())), Arc::new(AtomicUsize::new(0)));
    let (entry, count, primary) = (gate.clone(), asked.clone(), emulator.primary_api_key());
    let builder = config(emulator).key_source(move || {
        count.fetch_add(1, SeqCst);
        let _open = entry.read().unwrap();
        Ok(GivenKeys { primary: primary.clone().into(), secondary: None })
    });
    (builder, gate, asked)
}

#[test]
fn a_source_that_hangs_ends_every_call_in_time_and_is_asked_by_one_of_them() {
    for client in ways() {
        let emulator = agglestone_emulator::start();
        let (builder, gate, asked) = source(&emulator);
        // With a key that is refused, and with none to begin with.
        for (builder, requests) in [(builder.clone().api_key("revoked"), 1), (builder, 0)] {
            let call = client(&builder);
            let closed = gate.write().unwrap();
            let before = (asked.load(SeqCst), emulator.requests().len());
            for _ in 0..3 {
                let error = call(SHORT).unwrap_err();
                assert_eq!((error.code(), error.attempts()), (Code::Timeout, requests), "{error}");
                assert!(error.message().contains("source of the API keys"), "{error}");
            }
            std::thread::scope(|scope| {
                for _ in 0..20 {
                    scope.spawn(|| assert_eq!(call(SHORT).unwrap_err().code(), Code::Timeout));
                }
            });
            assert_eq!(asked.load(SeqCst), before.0 + 1);
            assert_eq!(emulator.requests().len(), before.1 + 23 * requests as usize);
            drop(closed);
            // The reading that was waited for in vain is over by the time its keys are asked for, or shared.
            call(LONG).unwrap();
        }
    }
}

#[test]
fn a_panic_in_a_source_is_an_error_of_the_call() {
    for client in ways() {
        let emulator = agglestone_emulator::start();
        let call = client(&config(&emulator).key_source(|| panic!("on purpose")));
        for _ in 0..2 {
            let error = call(LONG).unwrap_err();
            assert_eq!(error.code(), Code::InvalidConfig, "{error}");
            assert!(error.message().contains("panicked"), "{error}");
        }
    }
}

/// Whoever opens a pipe takes what somebody else may be meant to read, or waits.
#[cfg(unix)]
#[test]
fn a_key_file_that_becomes_a_pipe_is_not_opened_and_read_when_it_is_a_file_again() {
    std::thread::scope(|scope| {
        for client in ways() {
            scope.spawn(move || {
                let emulator = agglestone_emulator::start();
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join("key");
                std::fs::write(&path, emulator.primary_api_key()).unwrap();
                let call = client(&config(&emulator).api_key_file(&path));
                call(LONG).unwrap();
                std::fs::remove_file(&path).unwrap();
                assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
                // Until it is looked at, and no longer counts as just being written.
                std::thread::sleep(Duration::from_millis(700));
                for _ in 0..3 {
                    call(LONG).unwrap();
                }
                let next = folder.path().join("next");
                std::fs::write(&next, emulator.secondary_api_key()).unwrap();
                std::fs::rename(&next, &path).unwrap();
                let uses_secondary = || {
                    call(LONG).unwrap();
                    emulator.requests().last().unwrap().key_slot == Some(agglestone_emulator::Slot::Secondary)
                };
                while !uses_secondary() {
                    std::thread::sleep(Duration::from_millis(10));
                }
            });
        }
    });
}
