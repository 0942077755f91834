//! Which key a call uses, and which one next when the service refuses it.

use std::sync::Arc;

use http::HeaderValue;

use crate::keys::{CheckedKey, KeyCheck as KeyCheckReport, KeyRing, KeySet, KeySlot, KeyWork, Moment};
use crate::time::Now;

/// The keys of one call: those it has tried, and the one it uses now. Each key is tried once.
#[derive(Debug)]
pub(super) struct KeyTrial {
    ring: Arc<KeyRing>,
    set: Arc<KeySet>,
    /// The key in use when this call looked at the set, and when that was.
    first: (Arc<KeySlot>, Moment),
    current: Arc<KeySlot>,
    refused: Vec<Arc<KeySlot>>,
    reloaded: bool,
}

/// What follows a refusal.
#[derive(Debug)]
pub(super) enum Next {
    /// Another attempt, with another key.
    Again,
    /// Ask the source of the keys, then [`KeyTrial::next`] again.
    Reload(KeyWork),
    /// Nothing is left to try.
    Exhausted,
}

impl KeyTrial {
    /// Begins with the key in use; `None` while there are no keys.
    pub fn begin(ring: &Arc<KeyRing>) -> Option<KeyTrial> {
        let set = ring.current()?;
        let (slot, moment) = set.in_use();
        let (first, current) = ((slot.clone(), moment), slot.clone());
        Some(KeyTrial { ring: ring.clone(), set, first, current, refused: Vec::new(), reloaded: false })
    }

    pub fn header(&self) -> HeaderValue {
        self.current.key.header()
    }

    pub fn shown(&self) -> (&'static str, Arc<str>) {
        shown(&self.set, &self.current)
    }

    pub fn sent(&self, now: Now) {
        self.ring.sent(&self.current, now);
    }

    /// The service refused the key (401). It did nothing else, so another attempt is safe for every method.
    pub fn refused(&mut self) -> Next {
        self.ring.refused(&self.current);
        self.refused.push(self.current.clone());
        self.next()
    }

    /// The next key of the pair as it is now; each key once, and the source asked once.
    pub fn next(&mut self) -> Next {
        let work = if self.reloaded { None } else { self.ring.reload_work() };
        if let Some(set) = self.ring.current() {
            let untried = set.in_order().find(|slot| !self.was_refused(slot)).cloned();
            if let Some(slot) = untried {
                if !Arc::ptr_eq(&set, &self.set) {
                    let (first, moment) = set.in_use();
                    self.first = (first.clone(), moment);
                    self.set = set;
                }
                self.current = slot;
                return Next::Again;
            }
        }
        self.reloaded = true;
        match work {
            Some(work) => Next::Reload(work),
            None => {
                self.ring.exhausted(self.fingerprints());
                Next::Exhausted
            }
        }
    }

    /// The service took the key: if it is another than the one in use, it is the one in use from now on.
    pub fn worked(&self) {
        let (first, moment) = &self.first;
        if !Arc::ptr_eq(first, &self.current) {
            self.ring.works(&self.set, *moment, first, &self.current);
        }
    }

    /// What to do when every key was refused.
    pub fn advice(&self) -> String {
        match &self.fingerprints()[..] {
            [one] => {
                format!(
                    "The key with fingerprint {one} was refused; check that it is current and belongs to this tenant"
                )
            }
            many => format!(
                "The keys with fingerprints {} were refused; check that they are current and belong to this tenant",
                many.join(", ")
            ),
        }
    }

    /// The fingerprints of the refused keys.
    fn fingerprints(&self) -> Vec<String> {
        self.refused.iter().map(|slot| slot.key.fingerprint()).collect()
    }

    /// Every key this call has to do with: what must not appear in a message.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.refused.iter().chain(self.set.slots()).map(|slot| slot.key.expose())
    }

    fn was_refused(&self, slot: &KeySlot) -> bool {
        self.refused.iter().any(|refused| refused.key == slot.key)
    }
}

fn shown(set: &KeySet, slot: &Arc<KeySlot>) -> (&'static str, Arc<str>) {
    (set.slot_of(slot).name(), slot.key.shared_fingerprint())
}

/// Asking the service about each key, in order, with no failover.
#[derive(Debug)]
pub(super) struct KeyCheck {
    ring: Arc<KeyRing>,
    set: Arc<KeySet>,
    statuses: Vec<u16>,
}

impl KeyCheck {
    pub fn begin(ring: &Arc<KeyRing>) -> Option<KeyCheck> {
        Some(KeyCheck { ring: ring.clone(), set: ring.current()?, statuses: Vec::new() })
    }

    pub fn shown(&self) -> (&'static str, Arc<str>) {
        shown(&self.set, self.current())
    }

    fn current(&self) -> &Arc<KeySlot> {
        self.set.slots().nth(self.statuses.len()).expect("a check ends with its last key")
    }

    pub fn header(&self) -> HeaderValue {
        self.current().key.header()
    }

    pub fn sent(&self, now: Now) {
        self.ring.sent(self.current(), now);
    }

    /// Notes the answer for the current key; the report when it was the last.
    pub fn answered(&mut self, status: u16) -> Option<Vec<u8>> {
        if status == 401 {
            self.ring.refused(self.current());
        }
        self.statuses.push(status);
        (self.statuses.len() == self.set.slots().count()).then(|| self.report())
    }

    fn report(&self) -> Vec<u8> {
        let mut checked = self.set.slots().zip(&self.statuses).map(|(slot, status)| CheckedKey {
            fingerprint: slot.key.fingerprint(),
            accepted: *status != 401,
            status: *status,
        });
        let report = KeyCheckReport { primary: checked.next(), secondary: checked.next() };
        serde_json::to_vec(&report).expect("numbers and texts are always JSON")
    }

    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.set.slots().map(|slot| slot.key.expose())
    }
}
