//! The RSA key that a tenant signs tokens with.
//! Making one takes longer than everything else at start, so it happens in the background.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, OnceLock};

use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use rsa::RsaPrivateKey;
use rsa::pkcs1::{DecodeRsaPrivateKey, EncodeRsaPrivateKey};
use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding};
use rsa::rand_core::OsRng;
use rsa::traits::PublicKeyParts;
use serde::Serialize;

use crate::sync::locked;

/// A tenant's signing key, which may still be in the making.
#[derive(Default)]
pub(crate) struct SigningKey(OnceLock<KeyPair>);

pub(crate) struct KeyPair {
    /// The private key, PKCS #8.
    pub(crate) pem: String,
    pub(crate) kid: String,
    pub(crate) private: EncodingKey,
    pub(crate) public: DecodingKey,
    pub(crate) set: JwkSet,
}

/// One key a tenant and process: a test program starts many emulators, and they need not pay for a key each.
static KEYS: LazyLock<Mutex<HashMap<String, Arc<SigningKey>>>> = LazyLock::new(Mutex::default);

impl SigningKey {
    /// The key of a tenant. Returns at once; the key itself is made in the background.
    pub(crate) fn of_tenant(tenant: &str) -> Arc<Self> {
        let mut keys = locked(&KEYS);
        keys.entry(tenant.to_owned())
            .or_insert_with(|| {
                let key = Arc::new(Self::default());
                let maker = Arc::clone(&key);
                // If no thread can be had, the first request that needs the key makes it.
                let _ =
                    std::thread::Builder::new().name("signing-key".into()).spawn(move || _ = maker.pair());
                key
            })
            .clone()
    }

    /// A key from a PEM file's text, PKCS #8 or PKCS #1, or what is wrong with it.
    pub(crate) fn from_pem(pem: &str) -> Result<Self, &'static str> {
        let key = RsaPrivateKey::from_pkcs8_pem(pem).or_else(|_| RsaPrivateKey::from_pkcs1_pem(pem));
        let key = key.map_err(|_| "not an RSA private key in PEM")?;
        if key.size() < 256 {
            return Err("the RSA key must have at least 2048 bits");
        }
        Ok(Self(OnceLock::from(KeyPair::new(&key))))
    }

    pub(crate) fn pair(&self) -> &KeyPair {
        self.0.get_or_init(KeyPair::generate)
    }
}

impl KeyPair {
    fn generate() -> Self {
        Self::new(&RsaPrivateKey::new(&mut OsRng, 2048).expect("2048 bits are a valid size"))
    }

    fn new(key: &RsaPrivateKey) -> Self {
        let pem = key.to_pkcs8_pem(LineEnding::LF).expect("a valid key encodes");
        let der = key.to_pkcs1_der().expect("a valid key encodes");
        let private = EncodingKey::from_rsa_der(der.as_bytes());
        let mut jwk = Jwk::from_encoding_key(&private, Algorithm::RS256).expect("an RSA key has a JWK");
        let kid = jwk.thumbprint(ThumbprintHash::SHA256).expect("an RSA key has a thumbprint");
        jwk.common.key_id = Some(kid.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        Self {
            pem: pem.to_string(),
            kid,
            private,
            public: DecodingKey::from_jwk(&jwk).expect("its own JWK reads back"),
            set: JwkSet { keys: vec![jwk] },
        }
    }

    pub(crate) fn sign(&self, claims: &impl Serialize) -> String {
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, claims, &self.private).expect("an RSA key signs RS256")
    }
}
