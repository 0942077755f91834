//! Tokens made for a case, well-formed or not, with keys that this process makes up.

use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, anyhow};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use ring::{hmac, signature};
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::pkcs8::{EncodePublicKey, LineEnding};
use rsa::rand_core::OsRng;
use rsa::traits::PublicKeyParts;
use rsa::{RsaPrivateKey, RsaPublicKey};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::placeholders::Placeholders;

/// What a token is to be like. A text in place of an object stands for itself, whatever it is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// Whose signature it bears: `ed`, `other_ed`, `ec`, `rsa`, `weak_rsa`, or `rsa_as_secret`, an HMAC under the public key.
    key: String,
    /// Laid over `{"alg", "kid"}` as the key has them; null removes one.
    #[serde(default)]
    header: Value,
    /// Laid over those of a good token.
    #[serde(default)]
    claims: Value,
    /// Claims that are times, in seconds from now.
    #[serde(default)]
    times: Map<String, Value>,
    /// In the signature's place.
    signature: Option<String>,
}

enum Signer {
    Ed25519(Ed25519KeyPair),
    P256(EcdsaKeyPair),
    Rsa(EncodingKey, RsaPublicKey),
}

impl Signer {
    fn ed25519() -> Self {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a key");
        Self::Ed25519(Ed25519KeyPair::from_pkcs8(document.as_ref()).expect("reads back"))
    }

    fn p256() -> Self {
        let (kind, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let document = EcdsaKeyPair::generate_pkcs8(kind, &random).expect("a key");
        Self::P256(EcdsaKeyPair::from_pkcs8(kind, document.as_ref(), &random).expect("reads back"))
    }

    fn rsa(bits: usize) -> Self {
        let key = RsaPrivateKey::new(&mut OsRng, bits).expect("a key");
        let private = EncodingKey::from_rsa_der(key.to_pkcs1_der().expect("encodes").as_bytes());
        Self::Rsa(private, key.to_public_key())
    }

    /// What makes a JWK of it.
    fn public(&self) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match self {
            Self::Ed25519(pair) => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": text(pair.public_key().as_ref())})
            }
            Self::P256(pair) => {
                let point = pair.public_key().as_ref();
                json!({"kty": "EC", "crv": "P-256", "x": text(&point[1..33]), "y": text(&point[33..])})
            }
            Self::Rsa(_, public) => {
                json!({"kty": "RSA", "n": text(&public.n().to_bytes_be()), "e": text(&public.e().to_bytes_be())})
            }
        }
    }

    /// The signature, for the algorithm that a header names where the key has a choice.
    fn sign(&self, signed: &[u8], algorithm: &str) -> Result<String> {
        let text = |signature: signature::Signature| URL_SAFE_NO_PAD.encode(signature);
        Ok(match self {
            Self::Ed25519(pair) => text(pair.sign(signed)),
            Self::P256(pair) => {
                text(pair.sign(&SystemRandom::new(), signed).map_err(|_| anyhow!("unsigned"))?)
            }
            Self::Rsa(private, _) => {
                let padding = if algorithm == "PS256" { Algorithm::PS256 } else { Algorithm::RS256 };
                crypto::sign(signed, private, padding)?
            }
        })
    }
}

static ED: LazyLock<Signer> = LazyLock::new(Signer::ed25519);
static OTHER_ED: LazyLock<Signer> = LazyLock::new(Signer::ed25519);
static EC: LazyLock<Signer> = LazyLock::new(Signer::p256);
static RSA: LazyLock<Signer> = LazyLock::new(|| Signer::rsa(2048));
static WEAK_RSA: LazyLock<Signer> = LazyLock::new(|| Signer::rsa(512));

/// The key, and the algorithm that its tokens name.
fn signer(name: &str) -> Option<(&'static Signer, &'static str)> {
    Some(match name {
        "ed" => (&ED, "EdDSA"),
        "other_ed" => (&OTHER_ED, "EdDSA"),
        "ec" => (&EC, "ES256"),
        "rsa" | "rsa_as_secret" => (&RSA, "RS256"),
        "weak_rsa" => (&WEAK_RSA, "RS256"),
        _ => return None,
    })
}

/// The public half of a key, whose id is its name.
pub fn jwk(name: &str) -> Option<Value> {
    let mut jwk = signer(name)?.0.public();
    jwk["kid"] = name.into();
    Some(jwk)
}

pub fn seconds_from_now(later: i64) -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    now.as_secs().cast_signed() + later
}

impl Order {
    pub fn sign(&self, known: &Placeholders) -> Result<String> {
        let (signer, algorithm) =
            signer(&self.key).with_context(|| format!("no key is called {}", self.key))?;
        let kid = if self.key == "rsa_as_secret" { "rsa" } else { &self.key };
        let header = laid_over(json!({"alg": algorithm, "kid": kid}), &known.fill(&self.header), &Map::new());
        let usual = json!({
            "iss": known.text("${url}/tenant/${tenant}/v2.0/Auth"),
            "tenantId": known.text("${tenant}"),
            "sub": "b95816fe-f4ab-49ac-889a-e6a161005339",
            "exp": seconds_from_now(900),
        });
        let claims = laid_over(usual, &known.fill(&self.claims), &self.times);
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(&header), URL_SAFE_NO_PAD.encode(claims));
        let signature = match (&self.signature, signer) {
            (Some(given), _) => known.text(given),
            (None, Signer::Rsa(_, public)) if self.key == "rsa_as_secret" => {
                let pem = public.to_public_key_pem(LineEnding::LF)?;
                URL_SAFE_NO_PAD
                    .encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, pem.as_bytes()), signed.as_bytes()))
            }
            (None, signer) => {
                let named: Value = serde_json::from_str(&header).unwrap_or_default();
                signer.sign(signed.as_bytes(), named["alg"].as_str().unwrap_or_default())?
            }
        };
        Ok(format!("{signed}.{signature}"))
    }
}

fn laid_over(mut usual: Value, given: &Value, times: &Map<String, Value>) -> String {
    if let Value::String(text) = given {
        return text.clone();
    }
    let members = usual.as_object_mut().expect("an object");
    members.extend(given.as_object().cloned().unwrap_or_default());
    let later = |value: &Value| value.as_i64().map(seconds_from_now).into();
    members.extend(times.iter().map(|(name, value)| (name.clone(), later(value))));
    members.retain(|_, value| !value.is_null());
    usual.to_string()
}
