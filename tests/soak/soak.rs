//! Calls until it is told to end, also as a user and cancelled, with clients that are made and dropped.
//!
//! A line of JSON a second says how it goes, failures by the number of their code.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use agglestone::{AsyncClient, CallOptions, Config, Error, PageRequest};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{sleep, timeout};

const CALLS_OF_A_CLIENT: u64 = 100;
const BETWEEN_CALLS: Duration = Duration::from_millis(50);

#[derive(Default)]
struct Service {
    calls: AtomicU64,
    clients: AtomicU64,
    failures: Mutex<BTreeMap<String, u64>>,
    ending: AtomicBool,
}

impl Service {
    fn is_running(&self) -> bool {
        !self.ending.load(Relaxed)
    }

    async fn work(&self) {
        let mut user_id = None;
        while self.is_running() {
            self.clients.fetch_add(1, Relaxed);
            let config = Config::from_env().expect("the environment has what it takes");
            let options = CallOptions::new().timeout(5.0).expect("a good time");
            let client = AsyncClient::new(config).with_options(options);
            for number in 0..CALLS_OF_A_CLIENT {
                if !self.is_running() {
                    break;
                }
                if let Err(error) = one(&client, number, &mut user_id).await {
                    let code = error.code().number().to_string();
                    *self.failures.lock().unwrap().entry(code).or_default() += 1;
                }
                self.calls.fetch_add(1, Relaxed);
                sleep(BETWEEN_CALLS).await;
            }
        }
    }

    async fn report(&self) {
        while self.is_running() {
            sleep(Duration::from_secs(1)).await;
            let (calls, clients) = (self.calls.load(Relaxed), self.clients.load(Relaxed));
            let failures = &*self.failures.lock().unwrap();
            println!("{}", json!({ "calls": calls, "clients": clients, "failures": failures }));
        }
    }

    async fn end(&self) {
        signal(SignalKind::terminate()).expect("signals can be had").recv().await;
        self.ending.store(true, Relaxed);
    }
}

/// One call, of another kind each time.
async fn one(client: &AsyncClient, number: u64, known: &mut Option<String>) -> Result<(), Error> {
    let user_id = match known {
        Some(user_id) => user_id.clone(),
        None => {
            let page = client.get_users(PageRequest::default()).await?;
            known.insert(page.data[0].user_id.clone()).clone()
        }
    };
    match number % 4 {
        0 => drop(client.exchange_api_key_for_fresh_token(user_id).await?),
        1 => drop(client.as_user(user_id.clone())?.get_user(user_id).await?),
        2 => {
            // Who stops waiting has cancelled.
            let soon = Duration::from_millis(1);
            if let Ok(result) = timeout(soon, client.get_users(PageRequest::default())).await {
                result?;
            }
        }
        _ => drop(client.get_users(PageRequest::default()).await?),
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let service = Service::default();
    let work = async { tokio::join!(service.work(), service.work(), service.work(), service.work()) };
    tokio::join!(work, service.report(), service.end());
}
