//! The tenant's two API keys: which slot a presented key belongs to, and replacing one of them.

use std::collections::VecDeque;
use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rsa::rand_core::{OsRng, RngCore};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use utoipa::ToSchema;

/// What every key of the emulator begins with.
pub(crate) const KEY_PREFIX: &str = "agk_";

/// Replaced keys that are remembered, by fingerprint.
const REPLACED: usize = 20;

/// One of the two keys a tenant has.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Slot {
    /// The primary key.
    Primary,
    /// The secondary key.
    Secondary,
}

impl Slot {
    /// Both, in the order people name them.
    pub(crate) const ALL: [Self; 2] = [Self::Primary, Self::Secondary];

    /// The slot called `name` (`primary` or `secondary`), as paths and bodies spell it.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "primary" => Some(Self::Primary),
            "secondary" => Some(Self::Secondary),
            _ => None,
        }
    }
}

/// The keys that are accepted now, and which were before. Has no `Debug`, so that no log can show one.
#[derive(Clone)]
pub(crate) struct Keys {
    primary: Key,
    secondary: Key,
    replaced: VecDeque<Replaced>,
}

#[derive(Clone)]
struct Key {
    text: String,
    fingerprint: String,
    since: SystemTime,
}

/// A key that was accepted once. The key itself is forgotten.
#[derive(Clone)]
pub(crate) struct Replaced {
    pub(crate) fingerprint: String,
    pub(crate) slot: Slot,
    pub(crate) since: SystemTime,
    pub(crate) at: SystemTime,
}

impl Key {
    fn random(now: SystemTime) -> Self {
        Self::new(format!("{KEY_PREFIX}{}", random_secret()), now)
    }

    fn new(text: String, now: SystemTime) -> Self {
        Self { fingerprint: fingerprint(text.as_bytes()), text, since: now }
    }
}

impl Keys {
    /// The keys given, and fresh ones for those that are not.
    pub(crate) fn new(primary: Option<String>, secondary: Option<String>, now: SystemTime) -> Self {
        let key = |given: Option<String>| match given {
            Some(text) => Key::new(text, now),
            None => Key::random(now),
        };
        Self { primary: key(primary), secondary: key(secondary), replaced: VecDeque::new() }
    }

    fn key(&self, slot: Slot) -> &Key {
        match slot {
            Slot::Primary => &self.primary,
            Slot::Secondary => &self.secondary,
        }
    }

    /// The key in `slot`.
    pub(crate) fn get(&self, slot: Slot) -> &str {
        &self.key(slot).text
    }

    /// The fingerprint of the key in `slot`.
    pub(crate) fn fingerprint(&self, slot: Slot) -> &str {
        &self.key(slot).fingerprint
    }

    /// Since when the key in `slot` is accepted.
    pub(crate) fn since(&self, slot: Slot) -> SystemTime {
        self.key(slot).since
    }

    /// Keys that are no longer accepted, the last one first; only so many.
    pub(crate) fn replaced(&self) -> impl Iterator<Item = &Replaced> {
        self.replaced.iter()
    }

    /// Replaces the key in `slot` and returns the new one; the old one is worthless from here on.
    pub(crate) fn generate(&mut self, slot: Slot, now: SystemTime) -> String {
        let new = Key::random(now);
        let text = new.text.clone();
        self.replace(slot, new, now);
        text
    }

    /// Makes `text` the key in `slot`, or says what is wrong with it. Setting the key that is there changes nothing.
    pub(crate) fn set(&mut self, slot: Slot, text: String, now: SystemTime) -> Result<(), &'static str> {
        if let Some(why) = flaw(&text) {
            return Err(why);
        }
        match self.slot_of(text.as_bytes()) {
            Some(same) if same == slot => return Ok(()),
            Some(_) => return Err("is the key in the other slot"),
            None => {}
        }
        let new = Key::new(text, now);
        // A key that comes back is no longer one that was replaced.
        self.replaced.retain(|old| old.fingerprint != new.fingerprint);
        self.replace(slot, new, now);
        Ok(())
    }

    /// Makes these the keys, whose form has been checked. A key that stays is not replaced.
    pub(crate) fn set_both(&mut self, primary: String, secondary: String, now: SystemTime) {
        for (slot, text) in [(Slot::Primary, primary), (Slot::Secondary, secondary)] {
            if self.get(slot) != text {
                self.replace(slot, Key::new(text, now), now);
            }
        }
        let accepted = [&self.primary, &self.secondary].map(|key| key.fingerprint.clone());
        self.replaced.retain(|old| !accepted.contains(&old.fingerprint));
    }

    fn replace(&mut self, slot: Slot, new: Key, now: SystemTime) {
        let place = match slot {
            Slot::Primary => &mut self.primary,
            Slot::Secondary => &mut self.secondary,
        };
        let old = std::mem::replace(place, new);
        self.replaced.truncate(REPLACED - 1);
        self.replaced.push_front(Replaced { fingerprint: old.fingerprint, slot, since: old.since, at: now });
    }

    /// The slot whose key equals `presented` exactly. Takes the same time whichever slot matches, or none.
    pub(crate) fn slot_of(&self, presented: &[u8]) -> Option<Slot> {
        let primary: bool = self.primary.text.as_bytes().ct_eq(presented).into();
        let secondary: bool = self.secondary.text.as_bytes().ct_eq(presented).into();
        match (primary, secondary) {
            (true, _) => Some(Slot::Primary),
            (_, true) => Some(Slot::Secondary),
            _ => None,
        }
    }
}

/// What is wrong with a key or token that somebody made up. One that a header can't carry exactly would never be accepted.
pub(crate) fn flaw(secret: &str) -> Option<&'static str> {
    if !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Some("must consist of visible ASCII characters without spaces");
    }
    (!(4..=256).contains(&secret.len())).then_some("must be 4 to 256 characters long")
}

/// First 8 hex digits of the SHA-256 of a key: enough to tell keys apart, useless for calling the service.
pub fn fingerprint(key: &[u8]) -> String {
    Sha256::digest(key)[..4].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// 32 random bytes as base64url, for keys and the control token.
pub(crate) fn random_secret() -> String {
    let mut bytes = [0; 32];
    OsRng.fill_bytes(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A random GUID, for request ids, token ids and users created without an id.
pub(crate) fn random_guid() -> String {
    let mut bytes = [0; 16];
    OsRng.fill_bytes(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn only_the_exact_key_has_a_slot() {
        let keys = Keys::new(None, None, UNIX_EPOCH);
        let primary = keys.get(Slot::Primary).to_owned();
        assert_eq!(keys.slot_of(primary.as_bytes()), Some(Slot::Primary));
        assert_eq!(keys.slot_of(keys.get(Slot::Secondary).as_bytes()), Some(Slot::Secondary));
        for wrong in [
            format!("{primary} "),
            primary[..primary.len() - 1].to_owned(),
            primary.to_uppercase(),
            String::new(),
        ] {
            assert_eq!(keys.slot_of(wrong.as_bytes()), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_fingerprint_is_the_start_of_the_sha256() {
        assert_eq!(fingerprint(b"abc"), "ba7816bf");
    }

    #[test]
    fn a_key_is_the_prefix_and_43_base64url_characters() {
        let key = Key::random(UNIX_EPOCH).text;
        let secret = key.strip_prefix(KEY_PREFIX).expect("the prefix");
        assert_eq!(secret.len(), 43);
        assert!(secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
    }

    #[test]
    fn replaced_keys_are_remembered_last_first_and_only_so_many() {
        let mut keys = Keys::new(None, None, UNIX_EPOCH);
        let first = keys.fingerprint(Slot::Secondary).to_owned();
        let second = |number: u64| UNIX_EPOCH + Duration::from_secs(number);
        for number in 1..=REPLACED as u64 {
            keys.generate(Slot::Secondary, second(number));
        }
        let oldest = keys.replaced().last().expect("one");
        assert_eq!((&oldest.fingerprint, oldest.since, oldest.at), (&first, UNIX_EPOCH, second(1)));
        keys.generate(Slot::Primary, second(99));
        let newest = keys.replaced().next().expect("one");
        assert_eq!((newest.slot, newest.at), (Slot::Primary, second(99)));
        assert_eq!(keys.replaced().count(), REPLACED);
        assert!(keys.replaced().all(|key| key.fingerprint != first));
    }
}
