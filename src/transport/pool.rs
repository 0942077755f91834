//! The connections of one client: how many, how long each lives, and which one a request gets.
//!
//! Ours, because no pool at hand learns how long a service keeps idle connections, lets them grow old so that a busy client
//! follows DNS, and has callers wait in line. What travels over a connection is hyper's.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::connect::Connector;
use super::connection::{Http1, Http2};
use crate::http::{Failure, FailureKind};
use crate::sync::Mutex;

/// What a client is configured for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub idle: Duration,
    /// `None`: connections are kept as long as they are used.
    pub age: Option<Duration>,
    /// Of HTTP/2: see `Http2::begin`.
    pub silence: Duration,
    /// 0 to 1: spreads the ends of connections that were made together.
    pub random: fn() -> f64,
}

/// What all connections of a client have in common, by whatever way they are used.
pub(super) struct Registry {
    permits: Arc<Semaphore>,
    life: Mutex<Option<Life>>,
}

/// How long the service was seen to keep an idle connection, and when.
#[derive(Clone, Copy)]
struct Life {
    seen: Duration,
    at: Instant,
}

/// A service that ends connections sooner is taken for one that restarts, which says nothing about the next ones.
const SHORTEST_LIFE: Duration = Duration::from_millis(250);
/// After so long twice as much is tried: what ended a connection may have been an accident.
const DOUBLED_AFTER: Duration = Duration::from_secs(300);

/// Connections that one event loop drives.
pub(super) struct Pool {
    limits: Limits,
    registry: Arc<Registry>,
    state: Mutex<State>,
    /// Held by the first to connect while nobody knows whether the service speaks HTTP/2: all others may share what comes.
    first: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    /// The one used last is at the end, and taken first.
    #[allow(clippy::vec_box, reason = "a connection is large, and moved from hand to hand")]
    idle: Vec<Box<Http1>>,
    http2: Option<Http2>,
    http2_used: Option<Instant>,
    /// What the service speaks, once that is known.
    speaks_http2: Option<bool>,
    /// The last connection for all that could not be made.
    failed: Option<(Instant, Failure)>,
    swept: bool,
}

/// A connection for one request.
pub(super) enum Lease {
    /// To be put back.
    One(Box<Http1>),
    Shared(Http2),
}

/// The right to use a connection.
pub(super) type Permit = OwnedSemaphorePermit;

impl Registry {
    pub fn new(connections: usize) -> Registry {
        Registry { permits: Arc::new(Semaphore::new(connections)), life: Mutex::new(None) }
    }

    fn life(&self, configured: Duration, now: Instant) -> Duration {
        self.life.lock().map_or(configured, |life| life.expected(now).min(configured))
    }

    fn learn(&self, seen: Duration, now: Instant) {
        let mut known = self.life.lock();
        let seen = seen.max(SHORTEST_LIFE);
        if known.is_none_or(|life| seen < life.expected(now)) {
            *known = Some(Life { seen, at: now });
        }
    }
}

impl Life {
    fn expected(self, now: Instant) -> Duration {
        let doublings = now.saturating_duration_since(self.at).as_secs() / DOUBLED_AFTER.as_secs();
        self.seen.saturating_mul(2_u32.saturating_pow(doublings.min(32) as u32))
    }
}

impl Pool {
    pub fn new(limits: Limits, registry: Arc<Registry>) -> Arc<Pool> {
        Arc::new(Pool { registry, limits, state: Mutex::default(), first: tokio::sync::Mutex::new(()) })
    }

    /// Waits in line for the right to use a connection, as long as the call has time.
    pub async fn permit(&self, time: Duration) -> Result<Permit, Failure> {
        if let Ok(permit) = self.registry.permits.clone().try_acquire_owned() {
            return Ok(permit);
        }
        let waited = tokio::time::timeout(time, self.registry.permits.clone().acquire_owned()).await;
        waited.ok().and_then(Result::ok).ok_or_else(|| Failure::unsent(FailureKind::Busy))
    }

    /// A connection: one that is there, or a new one. `fresh` wants a new one; `careful` is for a request that must not be sent
    /// twice and so must not meet the end of a connection that has been idle.
    pub async fn lease(
        self: &Arc<Self>,
        connector: &Connector,
        fresh: bool,
        careful: bool,
    ) -> Result<Lease, Failure> {
        if !fresh && let Some(lease) = self.existing(careful) {
            return Ok(lease);
        }
        if !connector.negotiates() || self.state.lock().speaks_http2 == Some(false) {
            return Box::pin(self.connect(connector)).await;
        }
        // One connection will do for all, so one caller makes it, and all fail with it.
        let begun = Instant::now();
        let _first = self.first.lock().await;
        if !fresh && let Some(lease) = self.existing(careful) {
            return Ok(lease);
        }
        if let Some((at, failure)) = &self.state.lock().failed
            && *at > begun
        {
            return Err(failure.clone());
        }
        let lease = Box::pin(self.connect(connector)).await;
        self.state.lock().failed = lease.as_ref().err().map(|failure| (Instant::now(), failure.clone()));
        lease
    }

    /// Takes a connection back for whoever comes next.
    pub fn put(self: &Arc<Self>, mut connection: Box<Http1>) {
        let now = Instant::now();
        if !is_old(connection.old_at, now) {
            connection.idle_since = Some(now);
            self.state.lock().idle.push(connection);
            self.sweep();
        }
    }

    /// A connection ended that had been idle for so long, or the service said how long it keeps one.
    pub fn learn(&self, life: Duration) {
        self.registry.learn(life, Instant::now());
    }

    fn existing(&self, careful: bool) -> Option<Lease> {
        let (mut state, now) = (self.state.lock(), Instant::now());
        if let Some(http2) = &state.http2 {
            if !http2.sender.is_closed() && !is_old(http2.old_at, now) {
                let lease = Lease::Shared(Http2 { is_reused: true, ..http2.clone() });
                state.http2_used = Some(now);
                return Some(lease);
            }
            // Its users go on with it; whoever comes next has a new one.
            state.http2 = None;
        }
        let life = self.registry.life(self.limits.idle, now);
        // Towards the end the service may be closing it at this moment.
        let most = if careful { life / 2 } else { life - life / 10 };
        let is_good = |connection: &Http1| {
            let idle = connection.idle_since.map_or(Duration::ZERO, |since| now - since);
            idle < most && !is_old(connection.old_at, now)
        };
        std::iter::from_fn(|| state.idle.pop()).find(|connection| is_good(connection)).map(Lease::One)
    }

    async fn connect(self: &Arc<Self>, connector: &Connector) -> Result<Lease, Failure> {
        let connected = connector.connect().await?;
        let spread = 0.95 + 0.1 * (self.limits.random)();
        let old_at = self.limits.age.map(|age| Instant::now() + age.mul_f64(spread));
        if !connected.is_http2 {
            self.state.lock().speaks_http2 = Some(false);
            return Ok(Lease::One(Box::new(Http1::begin(connected.stream, old_at).await?)));
        }
        let http2 = Http2::begin(connected.stream, old_at, self.limits.silence).await?;
        {
            let mut state = self.state.lock();
            state.speaks_http2 = Some(true);
            state.http2 = Some(http2.clone());
            state.http2_used = Some(Instant::now());
        }
        self.sweep();
        Ok(Lease::Shared(http2))
    }

    /// Has connections closed that nobody has used for long, as long as there are any.
    fn sweep(self: &Arc<Self>) {
        if std::mem::replace(&mut self.state.lock().swept, true) {
            return;
        }
        let (pool, idle): (Weak<Pool>, _) = (Arc::downgrade(self), self.limits.idle);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(idle / 4).await;
                let Some(pool) = pool.upgrade() else { return };
                if !pool.close_idle(Instant::now()) {
                    return;
                }
            }
        });
    }

    /// Whether any connection is left to look after.
    fn close_idle(&self, now: Instant) -> bool {
        let mut state = self.state.lock();
        let is_used = |since: Instant| now.saturating_duration_since(since) < self.limits.idle;
        state.idle.retain(|connection| connection.idle_since.is_none_or(is_used));
        // Calls under way go on with it.
        if state.http2.as_ref().is_some_and(|http2| http2.sender.is_closed())
            || !state.http2_used.is_some_and(is_used)
        {
            state.http2 = None;
        }
        state.swept = !state.idle.is_empty() || state.http2.is_some();
        state.swept
    }
}

/// Whether a connection is not to be used again, so that a busy client follows DNS.
fn is_old(old_at: Option<Instant>, now: Instant) -> bool {
    old_at.is_some_and(|old_at| now >= old_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIGURED: Duration = Duration::from_secs(55);

    #[test]
    fn the_shortest_life_seen_holds_for_a_while_and_then_more_is_tried() {
        let (registry, now) = (Registry::new(1), Instant::now());
        assert_eq!(registry.life(CONFIGURED, now), CONFIGURED);
        for (seen, expected) in [(5000, 5000), (9000, 5000), (1000, 1000)] {
            registry.learn(Duration::from_millis(seen), now);
            assert_eq!(registry.life(CONFIGURED, now), Duration::from_millis(expected));
        }
        let life =
            |minutes: u64| registry.life(CONFIGURED, now + Duration::from_secs(60 * minutes)).as_secs();
        assert_eq!([4, 5, 10, 25, 30, 60 * 24 * 365].map(life), [1, 2, 4, 32, 55, 55]);
    }

    #[test]
    fn an_end_after_no_time_is_an_accident() {
        let (registry, now) = (Registry::new(1), Instant::now());
        registry.learn(Duration::from_millis(3), now);
        assert_eq!(registry.life(CONFIGURED, now), SHORTEST_LIFE);
    }
}
