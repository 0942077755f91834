//! How entries are named and sealed, so that the store learns neither users nor tokens and can make up neither.
//!
//! From one secret come, by HKDF, a key for names (HMAC) and, for each user, a key for entries (AES-256-GCM). The tenant is part of
//! both: what is moved to another user or tenant, or altered, does not open.

use std::fmt;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce};
use ring::hkdf::{HKDF_SHA256, KeyType, Okm, Prk, Salt};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

/// Is part of everything derived, so that a later format and this one never read each other's.
const FORMAT: &[u8] = b"agglestone token store 1";

/// Names and seals, from one secret for one tenant.
pub(crate) struct Seal {
    names: hmac::Key,
    keys: Prk,
    tenant: String,
    /// Where news is told.
    pub channel: String,
    /// Counts how often everything was forgotten.
    pub epoch: String,
}

/// Where an entry is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Name(String);

/// What is sealed: an entry of a user, or news.
#[derive(Clone, Copy)]
enum Purpose<'a> {
    Entry(&'a str),
    News,
}

impl Seal {
    pub fn new(secret: &[u8], tenant: &str) -> Seal {
        let keys = Salt::new(HKDF_SHA256, FORMAT).extract(secret);
        let names: hmac::Key = expand(&keys, &[b"names", tenant.as_bytes()], hmac::HMAC_SHA256);
        let place = hex(hmac::sign(&names, b"place").as_ref());
        let (channel, epoch) = (format!("agglestone:{place}:news"), format!("agglestone:{place}:epoch"));
        Seal { names, keys, tenant: tenant.to_owned(), channel, epoch }
    }

    /// The name of a user's entry. Braces, because an entry and its lock must be on one node of a cluster.
    pub fn name(&self, user_id: &str) -> Name {
        let tag = hmac::sign(&self.names, &[b"user ", user_id.as_bytes()].concat());
        Name(format!("agglestone:{{{}}}", hex(tag.as_ref())))
    }

    pub fn seal_entry(&self, user_id: &str, entry: &[u8]) -> Vec<u8> {
        self.seal(Purpose::Entry(user_id), entry)
    }

    /// What was sealed, or `None` for anything that this fleet did not write for this user.
    pub fn open_entry(&self, user_id: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        self.open(Purpose::Entry(user_id), sealed)
    }

    pub fn seal_news(&self, news: &[u8]) -> Vec<u8> {
        self.seal(Purpose::News, news)
    }

    pub fn open_news(&self, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        self.open(Purpose::News, sealed)
    }

    fn seal(&self, purpose: Purpose<'_>, plain: &[u8]) -> Vec<u8> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).expect("the system gives random bytes");
        // With room for the tag: what grows leaves a copy of itself behind that nobody wipes.
        let mut text = Vec::with_capacity(plain.len() + AES_256_GCM.tag_len());
        text.extend_from_slice(plain);
        let key = self.key(purpose);
        let sealed =
            key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut text);
        sealed.expect("an entry is shorter than 64 GiB");
        [&nonce[..], &text].concat()
    }

    fn open(&self, purpose: Purpose<'_>, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, text) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut text = Zeroizing::new(text.to_vec());
        let length = self.key(purpose).open_in_place(nonce, Aad::empty(), &mut text).ok()?.len();
        text.truncate(length);
        Some(text)
    }

    /// One key for each user of each tenant: so an entry opens for nobody else, and random nonces don't meet after some billions of
    /// entries.
    fn key(&self, purpose: Purpose<'_>) -> LessSafeKey {
        let info: &[&[u8]] = match purpose {
            Purpose::Entry(user_id) => &[b"entry", self.tenant.as_bytes(), b"\0", user_id.as_bytes()],
            Purpose::News => &[b"news", self.tenant.as_bytes()],
        };
        LessSafeKey::new(expand(&self.keys, info, &AES_256_GCM))
    }
}

impl Name {
    pub fn entry(&self) -> &str {
        &self.0
    }

    pub fn lock(&self) -> String {
        format!("{}:lock", self.0)
    }
}

fn expand<K: for<'a> From<Okm<'a, L>>, L: KeyType>(keys: &Prk, info: &[&[u8]], length: L) -> K {
    keys.expand(info, length).expect("a key is shorter than HKDF's limit").into()
}

/// 128 bits of it: enough for no two users ever to meet.
fn hex(tag: &[u8]) -> String {
    tag[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seal").field("channel", &self.channel).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(secret: &str) -> Seal {
        Seal::new(secret.as_bytes(), "https://a.example/tenant/t/")
    }

    #[test]
    fn what_was_sealed_opens_for_the_same_secret_tenant_and_user() {
        let sealed = seal("s").seal_entry("u", b"token");
        assert_eq!(seal("s").open_entry("u", &sealed).unwrap().as_slice(), b"token");
        assert_ne!(sealed, seal("s").seal_entry("u", b"token"), "a nonce of its own");
    }

    #[test]
    fn nothing_else_opens() {
        let own = seal("s");
        let sealed = own.seal_entry("u", b"token");
        let elsewhere = Seal::new(b"s", "https://a.example/tenant/other/");
        assert!(own.open_entry("v", &sealed).is_none(), "of another user");
        assert!(elsewhere.open_entry("u", &sealed).is_none(), "of another tenant");
        assert!(seal("other").open_entry("u", &sealed).is_none(), "by another secret");
        assert!(own.open_news(&sealed).is_none(), "no news");
        for bit in 0..sealed.len() * 8 {
            let mut altered = sealed.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert!(own.open_entry("u", &altered).is_none(), "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert!(own.open_entry("u", &sealed[..length]).is_none(), "{length} bytes");
        }
    }

    #[test]
    fn names_tell_nothing_and_differ_by_user_tenant_and_secret() {
        let name = seal("s").name("alice");
        assert!(!name.entry().contains("alice"));
        assert_eq!(name, seal("s").name("alice"));
        assert_eq!(name.lock(), format!("{}:lock", name.entry()));
        let others = [seal("s").name("bob"), seal("t").name("alice"), Seal::new(b"s", "x").name("alice")];
        assert!(others.iter().all(|other| *other != name));
    }
}
