//! Holds the keys of a client: what calls use, what is known of each key, and when the source is worth another look.

use std::slice::from_ref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant, SystemTime};

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::watch;

use super::retired::Retired;
use super::set::{KeySet, KeySlot, Keys, Moment};
use super::source::{Look, Source};
use super::usage::KeyUsage;
use crate::error::{Error, Result};
use crate::events::{Event, Listener};
use crate::redact::Redactor;
use crate::secret::ApiKey;
use crate::sync::{Mutex, RwLock};
use crate::time::Now;

/// How often files are looked at, at most. With the time a changed file must rest, a change is noticed within a second.
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Holds the keys of a client, for every call of it.
#[derive(Debug)]
pub struct KeyRing {
    set: RwLock<Option<Arc<KeySet>>>,
    pub(super) source: Source,
    listener: Listener,
    watch: Mutex<Watch>,
    pub(super) under_way: Mutex<Option<UnderWay>>,
    loads: AtomicU64,
    failovers: AtomicU64,
    replacements: AtomicU64,
    retired: Retired,
}

/// What is known of a reading under way.
#[derive(Debug)]
pub(super) struct UnderWay {
    /// The source must have been asked more often than this before the reading is over.
    pub wanted: Option<u64>,
    pub outcome: watch::Receiver<Option<Result<(), String>>>,
}

/// What is known of the source's files.
#[derive(Debug)]
struct Watch {
    next_look: Instant,
    seen: Look,
    /// The files changed and were not read yet, or could not be.
    failed: Option<Look>,
}

impl KeyRing {
    /// `seen`: what the files looked like when the first keys were read.
    pub(crate) fn new(source: Source, first: Option<Keys>, seen: Look, listener: Listener) -> KeyRing {
        let watch = Watch { next_look: Instant::now() + LOOK_EVERY, seen, failed: None };
        KeyRing {
            set: RwLock::new(first.map(|keys| Arc::new(KeySet::following(None, keys)))),
            watch: Mutex::new(watch),
            source,
            listener,
            under_way: Mutex::new(None),
            loads: AtomicU64::new(0),
            failovers: AtomicU64::new(0),
            replacements: AtomicU64::new(0),
            retired: Retired::default(),
        }
    }

    /// Tells of keys that are retired here from now on.
    pub(crate) fn retirements(&self) -> watch::Receiver<Vec<String>> {
        self.retired.subscribe()
    }

    /// Other processes saw these keys refused, or had them replaced: if one of them is in use, the other key is from now on.
    pub(crate) fn retired_elsewhere(&self, fingerprints: &[String]) {
        let Some(set) = self.current() else { return };
        let is_retired = |slot: &KeySlot| fingerprints.contains(&slot.key.fingerprint());
        let (active, moment) = set.in_use();
        let Some(other) = set.slots().find(|slot| !Arc::ptr_eq(slot, active)) else { return };
        if !is_retired(active) || is_retired(other) || !self.switch(&set, moment) {
            return;
        }
        let (from, to) = (active.key.fingerprint(), other.key.fingerprint());
        self.retired.learn(&from, &to);
        self.listener.tell(&Event::FailoverElsewhere { from, to });
    }

    /// The keys in use at this moment; `None` until a callback has given some.
    pub(crate) fn current(&self) -> Option<Arc<KeySet>> {
        self.set.read().clone()
    }

    /// Replaces both keys at once; the next call uses them. Without a secondary there is none from now on.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`](crate::Code::InvalidArgument) naming `primary` or `secondary`; nothing is replaced then.
    pub fn set(&self, primary: &SecretString, secondary: Option<&SecretString>) -> Result<()> {
        let check = |name, key: &SecretString| {
            ApiKey::new(key.expose_secret()).map_err(|what| Error::argument(name, what))
        };
        let primary = check("primary", primary)?;
        let secondary = secondary.map(|key| check("secondary", key)).transpose()?;
        if secondary.as_ref() == Some(&primary) {
            return Err(Error::argument("secondary", "is the same as `primary`"));
        }
        self.replace(Keys { primary, secondary });
        Ok(())
    }

    /// What was done with the keys so far.
    pub fn usage(&self) -> KeyUsage {
        let set = self.current();
        let report = |slot: &Arc<KeySlot>, set: &KeySet| {
            slot.counters.report(slot.key.fingerprint(), Arc::ptr_eq(slot, set.in_use().0))
        };
        KeyUsage {
            primary: set.as_ref().map(|set| report(&set.primary, set)),
            secondary: set.as_ref().and_then(|set| Some(report(set.secondary.as_ref()?, set))),
            failovers: self.failovers.load(SeqCst),
            replacements: self.replacements.load(SeqCst),
        }
    }

    /// How often the source was read: what a call remembers, to see later whether somebody read it since.
    pub(super) fn loads(&self) -> u64 {
        self.loads.load(SeqCst)
    }

    /// Whether the files should be looked at now. `true` for one caller every half second.
    pub(super) fn is_look_due(&self, now: Instant) -> bool {
        if !self.source.has_files() {
            return false;
        }
        // Whoever holds the lock is looking.
        let Some(mut watch) = self.watch.try_lock() else { return false };
        let due = now >= watch.next_look;
        if due {
            watch.next_look = now + LOOK_EVERY;
        }
        due
    }

    /// Looks at the files and takes what changed. Keys that can't be read leave those in use.
    pub(super) fn look(&self) {
        let look = self.source.look();
        {
            let watch = self.watch.lock();
            let known = watch.seen == look || watch.failed.as_ref() == Some(&look);
            if known || !self.source.is_settled(SystemTime::now()) {
                return;
            }
        }
        let loaded = self.load();
        let mut watch = self.watch.lock();
        match loaded {
            Ok(()) => (watch.seen, watch.failed) = (look, None),
            // Said once for each state of the files, not every half second.
            Err(_) => watch.failed = Some(look),
        }
    }

    /// Asks the source.
    pub(super) fn load(&self) -> Result<(), String> {
        let outcome = match self.source.load() {
            Ok((keys, _)) => {
                self.replace(keys);
                Ok(())
            }
            Err(reason) => {
                // The host's own words may quote a key.
                let set = self.current();
                let known = set.iter().flat_map(|set| set.slots()).map(|slot| slot.key.expose());
                let known = known.chain(self.source.nearby().iter().map(|key| key.expose_secret()));
                let reason = Redactor::new(known).clean(&reason).unwrap_or_default();
                self.listener.tell(&Event::SourceFailed { reason: reason.clone() });
                Err(reason)
            }
        };
        // With the keys in place: whoever counts from here on and finds none has a reason to ask again.
        self.loads.fetch_add(1, SeqCst);
        outcome
    }

    fn replace(&self, keys: Keys) {
        let event = Event::KeysReplaced {
            primary: keys.primary.fingerprint(),
            secondary: keys.secondary.as_ref().map(ApiKey::fingerprint),
        };
        let (old, new) = {
            let mut set = self.set.write();
            if set.as_ref().is_some_and(|set| set.has_same_keys(&keys)) {
                return;
            }
            let next = Arc::new(KeySet::following(set.as_deref(), keys));
            let Some(before) = set.replace(next.clone()) else { return };
            let fingerprints =
                |set: &KeySet| set.slots().map(|slot| slot.key.fingerprint()).collect::<Vec<_>>();
            (fingerprints(&before), fingerprints(&next))
        };
        self.replacements.fetch_add(1, SeqCst);
        self.retired.add(&old, &new);
        self.listener.tell(&event);
    }

    /// A request goes out with this key.
    pub(crate) fn sent(&self, slot: &KeySlot, now: Now) {
        slot.counters.sent(now);
    }

    /// The service refused this key.
    pub(crate) fn refused(&self, slot: &KeySlot) {
        slot.counters.refused();
    }

    /// A call that began with the key in use at `moment` saw it refused and another key of the set work.
    pub(crate) fn works(&self, set: &KeySet, moment: Moment, refused: &KeySlot, working: &KeySlot) {
        if self.switch(set, moment) {
            let (from, to) = (refused.key.fingerprint(), working.key.fingerprint());
            self.retired.add(from_ref(&from), from_ref(&to));
            self.listener.tell(&Event::Failover { from, to });
        }
    }

    /// Makes the other key of the set the one in use, if nobody did since `moment`.
    fn switch(&self, set: &KeySet, moment: Moment) -> bool {
        // Not while they are replaced. A pair that was replaced is nobody's any more.
        let current = self.set.read();
        let switched =
            current.as_deref().is_some_and(|current| std::ptr::eq(current, set)) && set.switch(moment);
        if switched {
            self.failovers.fetch_add(1, SeqCst);
        }
        switched
    }

    /// No key is left to try.
    pub(crate) fn exhausted(&self, fingerprints: Vec<String>) {
        self.listener.tell(&Event::KeysRefused { fingerprints });
    }
}
