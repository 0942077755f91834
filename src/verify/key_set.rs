//! The service's public keys (RFC 7517), and what each can verify.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::jws::{Algorithm, Jws};
use super::members::Members;
use super::reason::{Reason, Refusal};

/// More are no key set of one tenant.
const MAX_KEYS: usize = 100;

/// The keys of one tenant.
#[derive(Debug)]
pub(super) struct KeySet(Vec<Key>);

#[derive(Debug)]
struct Key {
    id: Option<String>,
    /// The only algorithm it is for, where the set says so.
    algorithm: Option<String>,
    material: Material,
}

#[derive(Debug)]
enum Material {
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    P256(Vec<u8>),
    Ed25519(Vec<u8>),
    /// Of another kind, for another use, or too weak.
    Unusable,
}

impl KeySet {
    /// Reads a key set. The error completes a sentence about it, and quotes nothing.
    pub fn parse(body: &[u8]) -> Result<KeySet, &'static str> {
        let set = Members::read(body).map_err(|_| "is not a JSON object")?;
        #[derive(Deserialize)]
        struct Keys(Vec<Box<RawValue>>);
        let Keys(keys) = set.get("keys").ok_or("has no array of `keys`")?;
        if keys.len() > MAX_KEYS {
            return Err("has more than 100 keys");
        }
        let keys =
            keys.iter().filter_map(|key| Key::read(&Members::read_scanned(key.get().as_bytes()).ok()?));
        Ok(KeySet(keys.collect()))
    }

    /// Checks a token's signature with the key that it names.
    pub fn check(&self, jws: &Jws<'_>) -> Result<(), Refusal> {
        let unknown = Reason::UnknownKey.refusal("is signed by an unknown key");
        let named: Vec<&Key> = match &jws.key_id {
            Some(id) => self.0.iter().filter(|key| key.id.as_ref() == Some(id)).collect(),
            // It can only be the one that fits.
            None => match self.0.iter().filter(|key| key.fits(jws.algorithm)).collect::<Vec<_>>() {
                one if one.len() == 1 => one,
                _ => return Err(unknown),
            },
        };
        if named.is_empty() {
            return Err(unknown);
        }
        let mut fitting = named.iter().filter(|key| key.fits(jws.algorithm)).peekable();
        if fitting.peek().is_none() {
            return Err(Reason::Algorithm.refusal("is signed by an algorithm that its key is not for"));
        }
        if fitting.any(|key| key.has_signed(jws)) {
            return Ok(());
        }
        Err(Reason::BadSignature.refusal("has a signature that is not its key's"))
    }
}

impl Key {
    /// `None` for what is no key at all.
    fn read(jwk: &Members<'_>) -> Option<Key> {
        let kind = jwk.text("kty")?;
        let is_for_signatures = !jwk.has("use") || jwk.text("use").as_deref() == Some("sig");
        let operations: Option<Vec<String>> = jwk.get("key_ops");
        let verifies = operations.is_none_or(|operations| operations.iter().any(|one| one == "verify"));
        let bytes = |name: &str| URL_SAFE_NO_PAD.decode(jwk.text(name)?.as_bytes()).ok();
        let material = match (&*kind, jwk.text("crv").as_deref()) {
            _ if !is_for_signatures || !verifies => None,
            ("RSA", _) => rsa(bytes("n"), bytes("e")),
            ("EC", Some("P-256")) => p256(bytes("x"), bytes("y")),
            ("OKP", Some("Ed25519")) => ed25519(bytes("x")),
            _ => None,
        };
        Some(Key {
            id: jwk.text("kid").map(|id| id.into_owned()),
            algorithm: jwk.text("alg").map(|name| name.into_owned()),
            material: material.unwrap_or(Material::Unusable),
        })
    }

    fn fits(&self, algorithm: Algorithm) -> bool {
        let by_kind = matches!(
            (&self.material, algorithm),
            (Material::Rsa { .. }, Algorithm::Rs256 | Algorithm::Ps256)
                | (Material::P256(_), Algorithm::Es256)
                | (Material::Ed25519(_), Algorithm::EdDsa)
        );
        by_kind && self.algorithm.as_deref().is_none_or(|name| Algorithm::named(name) == Some(algorithm))
    }

    fn has_signed(&self, jws: &Jws<'_>) -> bool {
        let (signed, signature) = (jws.signed, &jws.signature);
        let verified = match &self.material {
            Material::Rsa { n, e } => {
                let rules = match jws.algorithm {
                    Algorithm::Ps256 => &RSA_PSS_2048_8192_SHA256,
                    _ => &RSA_PKCS1_2048_8192_SHA256,
                };
                RsaPublicKeyComponents { n, e }.verify(rules, signed, signature)
            }
            Material::P256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(signed, signature)
            }
            Material::Ed25519(point) => UnparsedPublicKey::new(&ED25519, point).verify(signed, signature),
            Material::Unusable => return false,
        };
        verified.is_ok()
    }
}

/// At least 2048 bits, which ring demands as well.
fn rsa(n: Option<Vec<u8>>, e: Option<Vec<u8>>) -> Option<Material> {
    let n: Vec<u8> = n?.into_iter().skip_while(|byte| *byte == 0).collect();
    (n.len() >= 256).then_some(Material::Rsa { n, e: e? })
}

/// The point uncompressed, as ring takes it; whether it is on the curve, ring checks.
fn p256(x: Option<Vec<u8>>, y: Option<Vec<u8>>) -> Option<Material> {
    let point = [vec![4], x?, y?].concat();
    (point.len() == 65).then_some(Material::P256(point))
}

fn ed25519(point: Option<Vec<u8>>) -> Option<Material> {
    point.filter(|point| point.len() == 32 && !has_small_order(point)).map(Material::Ed25519)
}

/// Points under which anybody can sign anything: ring verifies with them. Of each only the last bit may differ, the sign.
/// (The list is libsodium's.)
fn has_small_order(point: &[u8]) -> bool {
    const ORDER_8: [&str; 2] = [
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    ];
    // 0, 1, p-1, p and p+1, where p is 2^255-19.
    const SMALL: [(u8, u8, u8); 5] =
        [(0, 0, 0), (1, 0, 0), (0xec, 0xff, 0x7f), (0xed, 0xff, 0x7f), (0xee, 0xff, 0x7f)];
    let (last, rest) = (point[31] & 0x7f, &point[..31]);
    let of_order_8 = ORDER_8.iter().any(|hex| {
        let byte = |at: usize| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap_or_default();
        (0..31).all(|at| rest[at] == byte(at)) && last == byte(31)
    });
    of_order_8
        || SMALL.iter().any(|(first, middle, end)| {
            rest[0] == *first && rest[1..].iter().all(|byte| byte == middle) && last == *end
        })
}
