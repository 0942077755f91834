//! The tenant's two API keys: which slot a presented key belongs to, and replacing one of them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rsa::rand_core::{OsRng, RngCore};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// What every key of the emulator begins with.
pub(crate) const KEY_PREFIX: &str = "agk_";

/// One of the two keys a tenant has.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Slot {
    /// The primary key.
    Primary,
    /// The secondary key.
    Secondary,
}

impl Slot {
    /// The slot called `name` (`primary` or `secondary`), as paths and bodies spell it.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "primary" => Some(Self::Primary),
            "secondary" => Some(Self::Secondary),
            _ => None,
        }
    }
}

/// The keys that are accepted now. Has no `Debug`, so that no log can show one.
#[derive(Clone)]
pub(crate) struct Keys {
    primary: String,
    secondary: String,
}

impl Keys {
    /// Two fresh keys.
    pub(crate) fn random() -> Self {
        Self { primary: random_key(), secondary: random_key() }
    }

    /// The key in `slot`.
    pub(crate) fn get(&self, slot: Slot) -> &str {
        match slot {
            Slot::Primary => &self.primary,
            Slot::Secondary => &self.secondary,
        }
    }

    /// Replaces the key in `slot` and returns the new one; the old one is worthless from here on.
    pub(crate) fn generate(&mut self, slot: Slot) -> String {
        let key = random_key();
        match slot {
            Slot::Primary => self.primary.clone_from(&key),
            Slot::Secondary => self.secondary.clone_from(&key),
        }
        key
    }

    /// The slot whose key equals `presented` exactly. Takes the same time whichever slot matches, or none.
    pub(crate) fn slot_of(&self, presented: &[u8]) -> Option<Slot> {
        let primary: bool = self.primary.as_bytes().ct_eq(presented).into();
        let secondary: bool = self.secondary.as_bytes().ct_eq(presented).into();
        match (primary, secondary) {
            (true, _) => Some(Slot::Primary),
            (_, true) => Some(Slot::Secondary),
            _ => None,
        }
    }
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

fn random_key() -> String {
    format!("{KEY_PREFIX}{}", random_secret())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_key_has_a_slot() {
        let keys = Keys::random();
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
        let key = random_key();
        let secret = key.strip_prefix(KEY_PREFIX).expect("the prefix");
        assert_eq!(secret.len(), 43);
        assert!(secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
    }
}
