//! Tokens to verify: what is believed is what others read, again and again, and nothing without the signature.
#![no_main]

use std::sync::{Arc, LazyLock};
use std::time::{SystemTime, UNIX_EPOCH};

use agglestone::binding::{Call, Context, HttpResponse, Now, Step, fetch_signing_keys};
use agglestone::{Code, Config, Error, Operation, Reply};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use libfuzzer_sys::fuzz_target;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Map, Value, json};

const ISSUER: &str = "https://auth.agglestone.com/t";
/// How far apart clocks may be, and what is lost of it in a double.
const TOLERANCE: f64 = 5.001;
/// What is shorter, or has other characters in it, could be words of a message.
const LONG: usize = 16;

static SIGNER: LazyLock<Ed25519KeyPair> =
    LazyLock::new(|| Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a seed"));
/// One that remembers tokens, and one that does not.
static CONTEXTS: LazyLock<[Arc<Context>; 2]> = LazyLock::new(|| [100, 0].map(context));

fn context(cache: i64) -> Arc<Context> {
    let config = Config::builder().tenant_id("t").api_key("k").verify_cache_size(cache).build_with(|_| None);
    let (context, now) = (Context::new(config.expect("a good configuration")), Now::read());
    let answer = |body: Value| HttpResponse {
        status: 200,
        headers: HeaderMap::new(),
        body: body.to_string().into_bytes(),
    };
    let key = json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(SIGNER.public_key())});
    let discovery = json!({"issuer": ISSUER, "jwks_uri": format!("{ISSUER}/keys")});
    fetch_signing_keys(&context, answer(discovery), answer(json!({"keys": [key]})), now).1.expect("keys");
    context
}

/// The verdict; an unknown key is one more that refuses.
fn verdict(context: &Arc<Context>, token: &str, now: Now) -> Option<Result<Reply, Error>> {
    let operation = Operation::VerifyToken { token: token.into(), check: None };
    match Call::new(operation, context, now).step(now) {
        Step::Done(verdict) => Some(verdict),
        Step::SigningKeys(_) => None,
        step => panic!("{step:?}"),
    }
}

fn refused(error: &Error, token: &str) {
    let text = error.to_string();
    assert_eq!(error.code(), Code::InvalidToken, "{text}");
    assert!(error.reason().is_some());
    assert!(text.len() < 200 && !text.contains(|c: char| c.is_control() || !c.is_ascii()), "{text:?}");
    let is_part = |part: &&str| {
        let plain = part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        plain && part.len() >= LONG
    };
    assert!(token.split('.').filter(is_part).all(|part| !text.contains(part)), "{text}");
}

/// What is believed is what it says to others.
fn believed(reply: &Reply, header: &str, payload: &[u8], now: Now) {
    let header: Map<String, Value> = serde_json::from_str(header).expect("a header");
    let payload: Map<String, Value> = serde_json::from_slice(payload).expect("claims");
    let mut claims: Map<String, Value> = serde_json::from_slice(reply.body()).expect("claims as JSON");
    assert_eq!(header["alg"], "EdDSA");
    assert!(!header.contains_key("crit") && !header.contains_key("b64"));
    assert_eq!(payload["iss"], ISSUER);
    assert!(payload["tenantId"].as_str().expect("a text").eq_ignore_ascii_case("t"));
    let now = now.system.duration_since(UNIX_EPOCH).expect("after 1970").as_secs_f64();
    assert!(payload["exp"].as_f64().expect("a number") + TOLERANCE > now);
    assert!(payload.get("nbf").is_none_or(|nbf| nbf.as_f64().expect("a number") <= now + TOLERANCE));
    let user =
        ["userId", "sub"].iter().find_map(|name| payload.get(*name)?.as_str().filter(|id| !id.is_empty()));
    assert_eq!(claims.remove("userId").as_ref().and_then(Value::as_str), user);
    let groups = claims.remove("groups").expect("groups");
    assert!(groups.as_array().expect("a list").iter().all(Value::is_string));
    let others = payload.into_iter().filter(|(name, _)| !matches!(name.as_str(), "userId" | "groups"));
    assert_eq!(claims, others.collect());
}

// A whole text; or, where the first line is a header, that and the claims, to be signed. `$` in them is a time in the future.
fuzz_target!(|input: &[u8]| {
    let now = Now::read();
    let split = input.iter().position(|byte| *byte == b'\n');
    let parts = split.map(|at| (std::str::from_utf8(&input[..at]), &input[at + 1..]));
    // A name that means something to serde_json alone.
    if input.windows(13).any(|name| name == b"$serde_json::") {
        return;
    }
    let Some((Ok(header), payload)) = parts else {
        let text = String::from_utf8_lossy(input);
        for verdict in CONTEXTS.iter().filter_map(|context| verdict(context, &text, now)) {
            refused(&verdict.expect_err("nobody has signed it"), &text);
        }
        return;
    };
    let later = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs() + 600;
    let payload: Vec<u8> = payload
        .iter()
        .flat_map(|byte| if *byte == b'$' { later.to_string().into_bytes() } else { vec![*byte] })
        .collect();
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(&payload));
    let mut signature = SIGNER.sign(signed.as_bytes()).as_ref().to_vec();
    let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(&signature));
    let first = verdict(&CONTEXTS[0], &token, now);
    // Known now, if it was believed; and where nothing is remembered.
    for again in [&CONTEXTS[0], &CONTEXTS[1]].map(|context| verdict(context, &token, now)) {
        let text = |verdict: &Option<Result<Reply, Error>>| match verdict {
            Some(Ok(reply)) => Ok(reply.body().to_vec()),
            Some(Err(error)) => Err(Some(error.to_string())),
            None => Err(None),
        };
        assert_eq!(text(&again), text(&first));
    }
    match first {
        Some(Ok(reply)) => believed(&reply, header, &payload, now),
        Some(Err(error)) => refused(&error, &token),
        None => {}
    }
    signature[usize::from(input[0]) % 64] ^= 1;
    let other = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(&signature));
    if let Some(verdict) = verdict(&CONTEXTS[0], &other, now) {
        refused(&verdict.expect_err("nobody has signed it so"), &other);
    }
});
