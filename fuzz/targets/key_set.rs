//! Key sets: a key verifies what it signed, if it is one, and nothing else does.
#![no_main]

use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

use agglestone::binding::{Call, Context, HttpResponse, Now, Step, fetch_signing_keys};
use agglestone::{Config, Operation};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use libfuzzer_sys::fuzz_target;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};

const ISSUER: &str = "https://auth.agglestone.com/t";
/// What is shorter, or has other characters in it, could be words of a message.
const LONG: usize = 16;

static SIGNER: LazyLock<Ed25519KeyPair> =
    LazyLock::new(|| Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a seed"));

/// Signed by a key that is called `k`.
static TOKEN: LazyLock<String> = LazyLock::new(|| {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let claims = json!({"iss": ISSUER, "tenantId": "t", "sub": "u", "exp": now + 1_000_000});
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(json!({"alg": "EdDSA", "kid": "k"})), part(claims));
    let signature = URL_SAFE_NO_PAD.encode(SIGNER.sign(signed.as_bytes()));
    format!("{signed}.{signature}")
});

fn answer(body: Vec<u8>) -> HttpResponse {
    HttpResponse { status: 200, headers: HeaderMap::new(), body }
}

/// Whether a key, as serde_json reads it, is the signer's.
fn is_the_signers(key: &Value) -> bool {
    let point = key["x"].as_str().and_then(|x| URL_SAFE_NO_PAD.decode(x).ok());
    (key["kid"] == "k" && key["kty"] == "OKP" && key["crv"] == "Ed25519")
        && point.as_deref() == Some(SIGNER.public_key().as_ref())
}

// `$` stands for the signer's public key, which nothing comes upon by itself.
fuzz_target!(|input: &str| {
    let key_set = input.replace('$', &URL_SAFE_NO_PAD.encode(SIGNER.public_key()));
    let config = Config::builder().tenant_id("t").api_key("k").build_with(|_| None);
    let (context, now) = (Context::new(config.expect("a good configuration")), Now::read());
    let discovery = json!({"issuer": ISSUER, "jwks_uri": format!("{ISSUER}/keys")}).to_string();
    let fetched =
        fetch_signing_keys(&context, answer(discovery.into()), answer(key_set.clone().into()), now).1;
    let read: Result<Value, _> = serde_json::from_str(&key_set);
    let keys = read.as_ref().ok().and_then(|set| set["keys"].as_array());
    if let Err(error) = fetched {
        let text = error.to_string();
        let named = keys.into_iter().flatten().filter_map(|key| key["kid"].as_str());
        let mut ids =
            named.filter(|id| id.len() >= LONG && id.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert!(ids.all(|id| !text.contains(id)), "{text}");
        assert!(text.len() < 200 && !text.contains(|c: char| c.is_control() || !c.is_ascii()), "{text:?}");
        return;
    }
    let keys = keys.expect("serde_json reads an array of keys");
    assert!(keys.len() <= 100);
    let operation = Operation::VerifyToken { token: TOKEN.as_str().into(), check: None };
    match Call::new(operation, &context, now).step(now) {
        Step::Done(Ok(_)) => assert!(keys.iter().any(is_the_signers)),
        Step::Done(Err(_)) | Step::SigningKeys(_) => {
            // Of what makes a key unusable, only the least is repeated here: a key with nothing else in it is good.
            let plain = |key: &&Value| key.as_object().is_some_and(|members| members.len() == 4);
            let signers = keys.iter().filter(|key| is_the_signers(key));
            assert!(!signers.filter(plain).any(|_| true), "a good key does not verify");
        }
        step => panic!("{step:?}"),
    }
});
