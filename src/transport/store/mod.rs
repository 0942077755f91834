//! The way to the token store: one connection for everything, a patience of its own, and a rest when it fails, so that a store
//! that is down, slow or wrong costs calls next to nothing.

mod heard;
#[cfg(not(feature = "token-store"))]
#[path = "no_wire.rs"]
mod wire;
#[cfg(feature = "token-store")]
mod wire;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{Duration, SystemTime};

use http::Uri;
use rustls::ClientConfig;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use self::heard::Heard;
use self::wire::Connection;
use super::connect::{Connector, Tls};
use crate::config::{Config, TokenStore};
use crate::events::{Event, Listener};
use crate::tokens::shared::{Answer, Command, News, Shared};

/// How long anybody waits for the store.
const PATIENCE: Duration = Duration::from_millis(100);
/// How long it is left alone after a failure.
const REST: Duration = Duration::from_secs(5);
/// How long each of Sentinel's servers is waited for.
const SENTINEL_PATIENCE: Duration = Duration::from_secs(1);
/// More words of the server than a slow moment leaves unheard.
const MOST_UNHEARD: usize = 10_000;

/// The store of one client.
pub(crate) struct Store {
    shared: Arc<Shared>,
    address: TokenStore,
    tls: Arc<ClientConfig>,
    connect_timeout: Duration,
    listener: Listener,
    random: fn() -> f64,
    state: watch::Sender<State>,
    /// It was told that the store is lost, and not yet that it is back.
    lost: AtomicBool,
    begun: AtomicBool,
}

/// A connection, the channels it listens to, and what comes over them.
type Connected = (Connection, Vec<String>, mpsc::Receiver<Heard>);

#[derive(Clone)]
enum State {
    /// For the first time: worth waiting for.
    Connecting,
    Up(Connection, u64),
    Down,
}

impl Store {
    pub fn new(
        config: &Config,
        address: &TokenStore,
        shared: &Arc<Shared>,
        tls: &ClientConfig,
        random: fn() -> f64,
    ) -> Store {
        // The server speaks no HTTP.
        let mut tls = tls.clone();
        tls.alpn_protocols.clear();
        Store {
            shared: shared.clone(),
            address: address.clone(),
            tls: Arc::new(tls),
            connect_timeout: config.connect_timeout(),
            listener: config.listener().clone(),
            random,
            state: watch::Sender::new(State::Connecting),
            lost: AtomicBool::new(false),
            begun: AtomicBool::new(false),
        }
    }

    /// Whether somebody has to begin to [keep](Store::keep) the connection; asks once.
    pub fn wants_keeping(&self) -> bool {
        !self.begun.load(SeqCst) && !self.begun.swap(true, SeqCst)
    }

    /// Has the commands run, after whatever there is to tell. `None` when they were not run, or nobody knows: within [`PATIENCE`],
    /// and at once while the store is left alone.
    pub async fn run(&self, commands: &[Command]) -> Option<Vec<Answer>> {
        let end = Instant::now() + PATIENCE;
        let mut state = self.state.subscribe();
        let known = state.wait_for(|state| !matches!(state, State::Connecting));
        let connection = match tokio::time::timeout(PATIENCE / 2, known).await {
            Ok(Ok(state)) => match &*state {
                State::Up(connection, number) => Some((connection.clone(), *number)),
                _ => None,
            },
            _ => None,
        };
        let Some((mut connection, number)) = connection else {
            // Nobody waits for it a second time.
            self.state.send_if_modified(|state| {
                let connecting = matches!(state, State::Connecting);
                if connecting {
                    *state = State::Down;
                }
                connecting
            });
            return None;
        };
        let news = Untold::take(&self.shared);
        let mut all = self.shared.commands(&news.0);
        let told = all.len();
        all.extend_from_slice(commands);
        if all.is_empty() {
            return Some(Vec::new());
        }
        match tokio::time::timeout_at(end, connection.run(&all)).await {
            Ok(Ok(mut answers)) => {
                news.told();
                Some(answers.split_off(told))
            }
            Ok(Err(reason)) => self.fail(number, reason),
            Err(_) => self.fail(number, format!("it gave no answer within {} ms", PATIENCE.as_millis())),
        }
    }

    /// A connection failed: whoever keeps it makes another, after a rest.
    fn fail<T>(&self, number: u64, reason: String) -> Option<T> {
        self.state.send_if_modified(|state| {
            let current = matches!(state, State::Up(_, of) if *of == number);
            if current {
                *state = State::Down;
            }
            current
        });
        self.tell_lost(reason);
        None
    }

    fn tell_lost(&self, reason: String) {
        self.shared.store_is(false);
        if !self.lost.swap(true, SeqCst) {
            self.listener.tell(&Event::TokenStoreLost { reason });
        }
    }

    /// Keeps a connection for as long as it is let, and hands on what others tell.
    pub async fn keep(&self, mut retired: watch::Receiver<Vec<String>>, learn: impl Fn(News) + Sync) {
        // Since then this process may have missed something.
        let mut deaf_since = SystemTime::now();
        for number in 0.. {
            match self.connected().await {
                Ok((connection, channels, unheard)) => {
                    self.state.send_replace(State::Up(connection.clone(), number));
                    self.shared.store_is(true);
                    if self.lost.swap(false, SeqCst) {
                        self.listener.tell(&Event::TokenStoreBack);
                    }
                    let caught_up = self.catch_up(deaf_since, &learn).await;
                    let reason = self.serve(connection, channels, unheard, &mut retired, &learn).await;
                    self.fail::<()>(number, reason);
                    if caught_up {
                        deaf_since = SystemTime::now();
                    }
                }
                Err(reason) => {
                    self.state.send_replace(State::Down);
                    self.tell_lost(reason);
                }
            }
            // Not all processes of a fleet at once.
            tokio::time::sleep(REST.mul_f64(0.8 + 0.4 * (self.random)())).await;
        }
    }

    /// A server that accepts and says nothing is as good as none.
    async fn connected(&self) -> Result<Connected, String> {
        let primary = self.primary().await?;
        let connected = tokio::time::timeout(self.connect_timeout, self.connect(&primary)).await;
        connected.unwrap_or_else(|_| Err("connecting took too long".to_owned()))
    }

    /// Where the primary is, by Sentinel's word where there is one.
    async fn primary(&self) -> Result<Uri, String> {
        let servers = &self.address.servers;
        let Some(name) = &self.address.primary else { return Ok(servers[0].clone()) };
        let mut reason = String::new();
        for sentinel in servers {
            let told = tokio::time::timeout(self.connect_timeout.min(SENTINEL_PATIENCE), async {
                Connection::open(&self.connector(sentinel)?, None, drop).await?.primary(name).await
            });
            match told.await {
                Ok(Ok(primary)) => return Ok(primary),
                Ok(Err(why)) => reason = why,
                Err(_) => reason = "connecting took too long".to_owned(),
            }
        }
        Err(format!("Sentinel does not say where the primary is: {reason}"))
    }

    fn connector(&self, server: &Uri) -> Result<Connector, String> {
        let tls = self.address.tls.then(|| Tls::new(server, self.tls.clone())).transpose()?;
        Ok(Connector::new(server.clone(), tls, None, self.connect_timeout))
    }

    async fn connect(&self, server: &Uri) -> Result<Connected, String> {
        let (heard, unheard) = mpsc::channel(MOST_UNHEARD);
        // What comes faster than it is heard is lost, as in an outage.
        let hand_on = move |said| drop(heard.try_send(said));
        let mut connection = Connection::open(&self.connector(server)?, Some(&self.address), hand_on).await?;
        let channels = self.shared.channels();
        connection.listen(&channels).await?;
        Ok((connection, channels, unheard))
    }

    /// Tells what could not be told, and hears what was told meanwhile. Whether that was possible.
    async fn catch_up(&self, deaf_since: SystemTime, learn: &impl Fn(News)) -> bool {
        let Some(answers) = self.run(&self.shared.asking_for_missed()).await else { return false };
        self.shared.missed(&answers, deaf_since).into_iter().for_each(learn);
        true
    }

    /// Until the connection fails; why.
    async fn serve(
        &self,
        mut connection: Connection,
        mut channels: Vec<String>,
        mut unheard: mpsc::Receiver<Heard>,
        retired: &mut watch::Receiver<Vec<String>>,
        learn: &(impl Fn(News) + Sync),
    ) -> String {
        let mut state = self.state.subscribe();
        loop {
            tokio::select! {
                heard = unheard.recv() => match heard {
                    Some(Heard::Message { channel, message }) => {
                        self.shared.heard(&channel, &message).into_iter().for_each(learn);
                    }
                    Some(Heard::Lost) | None => return "the connection was lost".to_owned(),
                },
                Ok(()) = retired.changed() => {
                    let fingerprints = retired.borrow_and_update().clone();
                    self.shared.tell(News::Retired(fingerprints));
                }
                () = self.shared.woken() => {
                    self.run(&[]).await;
                    let new: Vec<_> =
                        self.shared.channels().into_iter().filter(|channel| !channels.contains(channel)).collect();
                    if let Err(reason) = connection.listen(&new).await {
                        return reason;
                    }
                    channels.extend(new);
                }
                () = is_down(&mut state) => return "it failed".to_owned(),
            }
        }
    }
}

async fn is_down(state: &mut watch::Receiver<State>) {
    let _ = state.wait_for(|state| matches!(state, State::Down)).await;
}

/// News on their way. What is dropped on it has to be told again.
struct Untold<'a>(Vec<News>, &'a Shared);

impl<'a> Untold<'a> {
    fn take(shared: &'a Shared) -> Untold<'a> {
        Untold(shared.take_news(), shared)
    }

    fn told(mut self) {
        self.0.clear();
    }
}

impl Drop for Untold<'_> {
    fn drop(&mut self) {
        if !self.0.is_empty() {
            self.1.put_back(std::mem::take(&mut self.0));
        }
    }
}
