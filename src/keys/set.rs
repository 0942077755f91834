//! One pair of keys, never changed, with the memory of which of the two is in use.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use super::usage::Counters;
use crate::secret::ApiKey;

/// A primary key and, optionally, the tenant's secondary (`service.md`, "API keys").
#[derive(Clone, Debug)]
pub struct Keys {
    /// The key that is used first.
    pub primary: ApiKey,
    /// The tenant's other key.
    pub secondary: Option<ApiKey>,
}

/// Which of the tenant's two keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    /// The primary key.
    Primary,
    /// The secondary key.
    Secondary,
}

/// A key with its counters, shared by the sets that hold it, so that replacing one key keeps the other's counts.
#[derive(Debug)]
pub(crate) struct KeySlot {
    pub key: ApiKey,
    pub(super) counters: Counters,
}

/// The keys as calls see them.
#[derive(Debug)]
pub(crate) struct KeySet {
    pub(super) primary: Arc<KeySlot>,
    pub(super) secondary: Option<Arc<KeySlot>>,
    /// How often the key in use changed; odd while the secondary is in use.
    switches: AtomicU64,
}

/// The key in use at one moment of a set: what a later switch must start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment(u64);

impl KeySet {
    /// A set that follows `before`: a key that stays keeps its counters, and stays in use if it was, unless the primary
    /// is new, because a new primary is how an operator says which key to use.
    pub fn following(before: Option<&KeySet>, keys: Keys) -> KeySet {
        let slot = |key: ApiKey| {
            let known = before.and_then(|set| set.slots().find(|slot| slot.key == key)).cloned();
            known.unwrap_or_else(|| Arc::new(KeySlot { key, counters: Counters::new() }))
        };
        let primary = slot(keys.primary);
        // The same key twice is one key: there is nothing to fail over to.
        let secondary = keys.secondary.map(slot).filter(|secondary| secondary.key != primary.key);
        let secondary_in_use = before.is_some_and(|before| {
            before.primary.key == primary.key
                && secondary.as_ref().is_some_and(|secondary| secondary.key == before.in_use().0.key)
        });
        KeySet { primary, secondary, switches: AtomicU64::new(secondary_in_use.into()) }
    }

    pub fn slots(&self) -> impl Iterator<Item = &Arc<KeySlot>> {
        std::iter::once(&self.primary).chain(&self.secondary)
    }

    pub fn has_same_keys(&self, keys: &Keys) -> bool {
        let secondary = keys.secondary.as_ref().filter(|secondary| **secondary != keys.primary);
        self.primary.key == keys.primary && self.secondary.as_ref().map(|slot| &slot.key) == secondary
    }

    /// The key in use, and the moment to hand to [`switch`](KeySet::switch).
    pub fn in_use(&self) -> (&Arc<KeySlot>, Moment) {
        let moment = Moment(self.switches.load(SeqCst));
        let slot = match (&self.secondary, moment.slot()) {
            (Some(secondary), Slot::Secondary) => secondary,
            _ => &self.primary,
        };
        (slot, moment)
    }

    /// Which of the two a key is, or was when this set was made.
    pub fn slot_of(&self, slot: &Arc<KeySlot>) -> Slot {
        if Arc::ptr_eq(slot, &self.primary) { Slot::Primary } else { Slot::Secondary }
    }

    /// The keys in the order to try them: the one in use, then the other.
    pub fn in_order(&self) -> impl Iterator<Item = &Arc<KeySlot>> {
        let first = self.in_use().0;
        let other = self.slots().find(|slot| !Arc::ptr_eq(slot, first));
        std::iter::once(first).chain(other)
    }

    /// Makes the other key the one in use, unless somebody switched since `moment`: a call that began earlier never
    /// takes everybody back to the key it began with.
    pub fn switch(&self, moment: Moment) -> bool {
        let next = moment.0 + 1;
        self.secondary.is_some() && self.switches.compare_exchange(moment.0, next, SeqCst, SeqCst).is_ok()
    }
}

impl Slot {
    pub fn name(self) -> &'static str {
        match self {
            Slot::Primary => "primary",
            Slot::Secondary => "secondary",
        }
    }
}

impl Moment {
    fn slot(self) -> Slot {
        if self.0 % 2 == 1 { Slot::Secondary } else { Slot::Primary }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(primary: &str, secondary: Option<&str>) -> Keys {
        let key = |text: &str| ApiKey::new(text).unwrap();
        Keys { primary: key(primary), secondary: secondary.map(key) }
    }

    fn in_use(set: &KeySet) -> &str {
        set.in_use().0.key.expose()
    }

    #[test]
    fn a_switch_goes_to_the_other_key_and_back_only_by_a_newer_call() {
        let set = KeySet::following(None, keys("p", Some("s")));
        let (_, early) = set.in_use();
        assert!(set.switch(early));
        assert_eq!(in_use(&set), "s");
        assert!(!set.switch(early), "a call from before the switch");
        let (_, later) = set.in_use();
        assert!(set.switch(later));
        assert_eq!(in_use(&set), "p");
        assert!(!set.switch(early) && !set.switch(later));
    }

    #[test]
    fn one_key_has_nothing_to_switch_to() {
        let set = KeySet::following(None, keys("p", None));
        assert!(!set.switch(set.in_use().1));
        let same = KeySet::following(None, keys("p", Some("p")));
        assert_eq!(same.slots().count(), 1);
    }

    #[test]
    fn the_key_in_use_stays_in_use_unless_the_primary_is_new() {
        let before = KeySet::following(None, keys("p", Some("s")));
        before.switch(before.in_use().1);
        assert_eq!(in_use(&KeySet::following(Some(&before), keys("p", Some("s")))), "s");
        assert_eq!(in_use(&KeySet::following(Some(&before), keys("p2", Some("s")))), "p2");
        assert_eq!(in_use(&KeySet::following(Some(&before), keys("p", Some("s2")))), "p");
        assert_eq!(in_use(&KeySet::following(Some(&before), keys("p", None))), "p");
    }

    #[test]
    fn a_key_that_stays_keeps_its_counters() {
        let before = KeySet::following(None, keys("p", Some("s")));
        let after = KeySet::following(Some(&before), keys("p2", Some("s")));
        assert!(Arc::ptr_eq(before.secondary.as_ref().unwrap(), after.secondary.as_ref().unwrap()));
        assert!(!Arc::ptr_eq(&before.primary, &after.primary));
    }
}
