//! Which keys are no good any more, by fingerprint, as far as this process knows: what it tells others.

use tokio::sync::watch;

/// More than any rotation leaves behind in a minute.
const MOST: usize = 8;

/// The keys that were refused or replaced here.
#[derive(Debug, Default)]
pub(super) struct Retired(watch::Sender<Vec<String>>);

impl Retired {
    /// Hears of every change that others should know.
    pub fn subscribe(&self) -> watch::Receiver<Vec<String>> {
        self.0.subscribe()
    }

    /// `keys` are no good, and `good` are.
    pub fn add(&self, keys: &[String], good: &[String]) {
        self.0.send_modify(|known| update(known, keys, good));
    }

    /// The same, known from others: nobody has to be told.
    pub fn learn(&self, key: &str, good: &str) {
        self.0.send_if_modified(|known| {
            update(known, &[key.to_owned()], &[good.to_owned()]);
            false
        });
    }
}

/// Each key once, the newest last.
fn update(known: &mut Vec<String>, keys: &[String], good: &[String]) {
    known.retain(|key| !keys.contains(key) && !good.contains(key));
    known.extend(keys.iter().filter(|key| !good.contains(key)).cloned());
    known.drain(..known.len().saturating_sub(MOST));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_key_that_works_again_is_no_longer_among_them() {
        let retired = Retired::default();
        let mut told = retired.subscribe();
        retired.add(&texts(&["a", "b"]), &texts(&["b", "c"]));
        assert_eq!(*told.borrow_and_update(), ["a"]);
        retired.learn("c", "a");
        assert!(!told.has_changed().unwrap(), "others told it");
        retired.add(&texts(&["b"]), &[]);
        assert_eq!(*told.borrow_and_update(), ["c", "b"]);
    }

    #[test]
    fn only_the_latest_are_kept() {
        let retired = Retired::default();
        (0..20).for_each(|key: u32| retired.add(&[key.to_string()], &[]));
        assert_eq!(*retired.subscribe().borrow(), (12..20).map(|key| key.to_string()).collect::<Vec<_>>());
    }
}
