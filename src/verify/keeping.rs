//! What is held: the keys with their age, tokens that were believed, and the fetch under way with those who wait for it.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use http::header::CACHE_CONTROL;
use lru::LruCache;

use super::claims::Claims;
use super::discovery::Discovered;
use super::key_set::KeySet;
use crate::error::Result;
use crate::time::Now;

/// Where `Cache-Control` says nothing.
const USUAL_LIFE: Duration = Duration::from_secs(3600);
const SHORTEST_LIFE: Duration = Duration::from_secs(5 * 60);
const LONGEST_LIFE: Duration = Duration::from_secs(24 * 3600);
/// How long keys serve beyond their life, while there are no others to be had.
const STALE_LIFE: Duration = Duration::from_secs(24 * 3600);
/// The least time between two fetches for keys that are not known, or to renew keys after a fetch failed.
const PAUSE: Duration = Duration::from_secs(30);

/// The keys of the service, as they were fetched.
#[derive(Debug)]
pub(super) struct Keys {
    pub discovered: Discovered,
    pub set: KeySet,
    /// The set as it was sent: what was believed under another is looked at again.
    pub sent: Vec<u8>,
    pub life: Duration,
    pub since: Now,
}

/// How far the keys' life is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Use,
    /// They serve, and are renewed in the background.
    Renewal,
    /// They serve only while there are no others to be had.
    Stale,
    Over,
}

impl Keys {
    pub fn phase(&self, now: Now) -> Phase {
        match now.since(self.since) {
            age if age < self.life.mul_f64(0.8) => Phase::Use,
            age if age < self.life => Phase::Renewal,
            age if age < self.life + STALE_LIFE => Phase::Stale,
            _ => Phase::Over,
        }
    }
}

/// How long a key set may be used.
pub(super) fn life(headers: &HeaderMap) -> Duration {
    let directives = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let mut life = USUAL_LIFE;
    for directive in directives.flat_map(|value| value.split(',')) {
        let directive = directive.trim().to_ascii_lowercase();
        match directive.split_once('=') {
            _ if directive.starts_with("no-") => return SHORTEST_LIFE,
            Some(("max-age", seconds)) => {
                life = seconds.trim_matches('"').parse().map_or(SHORTEST_LIFE, Duration::from_secs);
            }
            _ => {}
        }
    }
    life.clamp(SHORTEST_LIFE, LONGEST_LIFE)
}

/// The SHA-256 of a token.
pub(super) type Digest = [u8; 32];

/// Is told when keys were fetched, or why not.
pub(crate) type Deliver = Box<dyn FnOnce(Result<()>) + Send>;

pub(super) struct Held {
    pub keys: Option<Arc<Keys>>,
    /// Counts the fetches that brought keys, so that a question is about those of a moment.
    pub generation: u64,
    seen: LruCache<Digest, Claims>,
    pub waiting: Option<Vec<Deliver>>,
    /// When the last fetches began, and the last one for a key that was not known.
    begun: VecDeque<Now>,
    for_unknown: Option<Now>,
}

impl Held {
    pub fn new(capacity: usize) -> Held {
        // Unbounded for the crate, which would otherwise reserve memory for all of it now.
        let mut seen = LruCache::unbounded();
        seen.resize(NonZeroUsize::new(capacity).unwrap_or(NonZeroUsize::MIN));
        Held { keys: None, generation: 0, seen, waiting: None, begun: VecDeque::new(), for_unknown: None }
    }

    pub fn seen(&mut self, digest: &Digest) -> Option<&Claims> {
        self.seen.get(digest)
    }

    pub fn remember(&mut self, digest: Digest, claims: Claims) {
        self.seen.put(digest, claims);
    }

    pub fn forget(&mut self, digest: &Digest) {
        self.seen.pop(digest);
    }

    /// Takes keys that were fetched.
    pub fn take(&mut self, keys: Keys) {
        let same = |old: &Arc<Keys>| old.sent == keys.sent && old.discovered == keys.discovered;
        if !self.keys.as_ref().is_some_and(same) {
            self.seen.clear();
        }
        self.generation += 1;
        self.keys = Some(Arc::new(keys));
    }

    /// A fetch begins.
    pub fn begin(&mut self, now: Now, for_unknown: bool) {
        self.waiting.get_or_insert_default();
        self.begun.push_front(now);
        self.begun.truncate(2);
        if for_unknown {
            self.for_unknown = Some(now);
        }
    }

    /// Whether keys may be fetched again that there are already. Whoever invents key ids must not make the service busy: one
    /// fetch in 30 s for all of them, and two in a minute for whatever reason.
    pub fn may_fetch_for_unknown(&self, now: Now) -> bool {
        let long_ago = |then: Option<&Now>, pause| then.is_none_or(|then| now.since(*then) >= pause);
        long_ago(self.for_unknown.as_ref(), PAUSE) && long_ago(self.begun.get(1), 2 * PAUSE)
    }

    pub fn may_renew(&self, now: Now) -> bool {
        self.waiting.is_none() && self.begun.front().is_none_or(|then| now.since(*then) >= PAUSE)
    }
}
