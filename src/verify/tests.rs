//! The verifier, driven by hand: tokens signed here, keys handed in, time as told.

use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use http::header::{CACHE_CONTROL, HeaderValue};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};

use super::*;
use crate::error::Code;
use crate::http::HttpResponse;
use crate::operation::Answer;
use crate::reply::Reply;

const ISSUER: &str = "https://auth.agglestone.com/tenant/t/v2.0/Auth";
/// The form is right; more is not looked at without keys.
const FORMED: &str = "eyJhbGciOiJFZERTQSJ9.e30.AA";
const NOW: u64 = 1_800_000_000;

fn now(seconds: u64) -> Now {
    let start = Now::read();
    Now {
        instant: start.instant + Duration::from_secs(seconds),
        system: UNIX_EPOCH + Duration::from_secs(NOW + seconds),
    }
}

fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

struct Signer(Ed25519KeyPair, &'static str);

impl Signer {
    fn new(kid: &'static str) -> Signer {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Signer(Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap(), kid)
    }

    fn jwk(&self) -> Value {
        let x = URL_SAFE_NO_PAD.encode(self.0.public_key());
        json!({"kty": "OKP", "crv": "Ed25519", "kid": self.1, "use": "sig", "x": x})
    }

    fn sign(&self, claims: &Value) -> String {
        let signed = format!("{}.{}", encode(&json!({"alg": "EdDSA", "kid": self.1})), encode(claims));
        let signature = URL_SAFE_NO_PAD.encode(self.0.sign(signed.as_bytes()));
        format!("{signed}.{signature}")
    }
}

fn claims() -> Value {
    json!({"iss": ISSUER, "tenantId": "t", "sub": "u", "exp": NOW + 900})
}

fn changed(name: &str, value: Value) -> Value {
    let mut claims = claims();
    match value {
        Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
        value => claims[name] = value,
    }
    claims
}

fn verifier_with(build: impl FnOnce(crate::ConfigBuilder) -> crate::ConfigBuilder) -> Arc<Verifier> {
    let config = build(Config::builder().tenant_id("t").api_key("k")).build_with(|_| None).unwrap();
    Verifier::new(&config)
}

fn reply(body: &Value, cache_control: &'static str) -> Reply {
    let mut headers = HeaderMap::new();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache_control));
    let response = HttpResponse { status: 200, headers, body: body.to_string().into_bytes() };
    Reply::read(&Answer::Document, response, 1, UNIX_EPOCH, false).unwrap()
}

fn keys_of(signers: &[&Signer]) -> Value {
    json!({"keys": signers.iter().map(|signer| signer.jwk()).collect::<Vec<_>>()})
}

/// Runs a fetch to its end; how many requests it took.
fn land(fetch: KeyFetch, set: &Value, cache_control: &'static str, at: Now) -> u32 {
    let (mut fetch, mut requests) = (Some(fetch), 0);
    while let Some(under_way) = fetch {
        requests += 1;
        let discovery = json!({"issuer": ISSUER, "jwks_uri": format!("{ISSUER}/jwks")});
        let body = if under_way.endpoint().target.starts_with('/') { set } else { &discovery };
        fetch = under_way.took(Ok(reply(body, cache_control)), at);
    }
    requests
}

fn fail(fetch: KeyFetch, at: Now) {
    assert!(fetch.took(Err(Error::new(Code::Connect, "nobody there")), at).is_none());
}

/// Asks for what a verdict wanted; the fetch to run, if any.
fn ask(verifier: &Arc<Verifier>, verdict: Verdict, at: Now) -> (Option<KeyFetch>, Receiver<Result<()>>) {
    let Verdict::KeysWanted(question) = verdict else { panic!("no keys are wanted") };
    let (sender, receiver) = channel();
    (verifier.ask(question, at, Box::new(move |result| sender.send(result).unwrap())), receiver)
}

/// A verifier that has the keys.
fn ready(verifier: Arc<Verifier>, set: &Value) -> Arc<Verifier> {
    let (fetch, _told) = ask(&verifier, verifier.judge(FORMED, now(0)).0, now(0));
    assert_eq!(land(fetch.unwrap(), set, "", now(0)), 2);
    verifier
}

fn known(verifier: &Arc<Verifier>, token: &str, at: Now) -> Result<Claims> {
    match verifier.judge(token, at).0 {
        Verdict::Known(result) => result,
        Verdict::KeysWanted(_) => verifier.settle(token, at),
    }
}

fn reason(verifier: &Arc<Verifier>, token: &str) -> &'static str {
    let error = known(verifier, token, now(0)).unwrap_err();
    assert_eq!(error.code(), Code::InvalidToken);
    error.reason().unwrap()
}

#[test]
fn claims_say_the_user_and_the_groups_and_keep_the_rest_as_it_stands() {
    let signer = Signer::new("a");
    let verifier = ready(verifier_with(|config| config), &keys_of(&[&signer]));
    for (groups, read) in [
        (json!("Admin"), vec!["Admin"]),
        (json!(["Admin", "b"]), vec!["Admin", "b"]),
        (json!([{"name": "Admin"}, 7]), vec![]),
        (json!(7), vec![]),
        (Value::Null, vec![]),
    ] {
        let token = signer.sign(&changed("groups", groups));
        assert_eq!(known(&verifier, &token, now(0)).unwrap().groups(), read);
    }
    let mut all = claims();
    all["userId"] = json!("the user");
    all["big"] = json!(18_446_744_073_709_551_615_u64);
    let claims = known(&verifier, &signer.sign(&all), now(0)).unwrap();
    assert_eq!((claims.user_id(), claims.get::<String>("sub").as_deref()), ("the user", Some("u")));
    assert_eq!(claims.get::<u64>("big"), Some(u64::MAX));
    assert_eq!(claims.expires_at(), UNIX_EPOCH + Duration::from_secs(NOW + 900));
    assert!(claims.json().contains("\"groups\":[]") && claims.json().contains(ISSUER));
    assert!(!format!("{claims:?}").contains(ISSUER));
    let again = Claims::from_reply(Reply::made(claims.json().as_bytes().to_vec(), 0)).unwrap();
    assert_eq!((again.user_id(), again.expires_at()), (claims.user_id(), claims.expires_at()));
}

#[test]
fn each_claim_that_is_wrong_has_its_reason() {
    let signer = Signer::new("a");
    let verifier = ready(verifier_with(|config| config.audience("mine")), &keys_of(&[&signer]));
    for (name, value, expected) in [
        ("iss", json!(&ISSUER[..ISSUER.len() - 1]), "wrong_issuer"),
        ("iss", json!(format!("{ISSUER}/")), "wrong_issuer"),
        ("iss", Value::Null, "wrong_issuer"),
        ("tenantId", json!("another"), "wrong_tenant"),
        ("tenantId", Value::Null, "wrong_tenant"),
        ("aud", json!("tt"), "wrong_audience"),
        ("aud", json!(["min", "mine2"]), "wrong_audience"),
        ("aud", json!([]), "wrong_audience"),
        ("aud", json!({"t": "t"}), "wrong_audience"),
        ("exp", json!(NOW - 5), "expired"),
        ("exp", json!(-1e300), "expired"),
        ("exp", json!((NOW + 900).to_string()), "malformed"),
        ("exp", json!(1e300), "malformed"),
        ("exp", Value::Null, "malformed"),
        ("nbf", json!(NOW + 6), "not_yet_valid"),
        ("nbf", json!("0"), "malformed"),
        ("sub", Value::Null, "malformed"),
        ("sub", json!(7), "malformed"),
    ] {
        assert_eq!(
            reason(&verifier, &signer.sign(&changed(name, value.clone()))),
            expected,
            "{name} {value}"
        );
    }
    for (name, value) in [
        ("aud", json!("t")),
        ("aud", json!(["other", "mine"])),
        ("aud", Value::Null),
        ("tenantId", json!("T")),
        ("exp", json!(NOW as f64 + 0.5)),
        ("exp", json!(NOW - 4)),
        ("nbf", json!(NOW + 5)),
    ] {
        assert!(
            known(&verifier, &signer.sign(&changed(name, value.clone())), now(0)).is_ok(),
            "{name} {value}"
        );
    }
}

#[test]
fn a_signature_counts_by_the_key_that_the_token_names_alone() {
    let (a, b) = (Signer::new("a"), Signer::new("b"));
    let verifier = ready(verifier_with(|config| config), &keys_of(&[&a, &b]));
    let token = a.sign(&claims());
    assert!(known(&verifier, &token, now(0)).is_ok());
    let by_b = Signer::new("b").sign(&claims());
    assert_eq!(reason(&verifier, &by_b), "bad_signature");
    let (rest, _) = token.rsplit_once('.').unwrap();
    assert_eq!(reason(&verifier, &format!("{rest}.")), "bad_signature");
    assert_eq!(reason(&verifier, &format!("{rest}.{}", "A".repeat(86))), "bad_signature");
    let header = encode(&json!({"alg": "RS256", "kid": "a"}));
    assert_eq!(reason(&verifier, &format!("{header}.{}.AA", encode(&claims()))), "algorithm");
    // Without a name it has to be clear which.
    let header = encode(&json!({"alg": "EdDSA"}));
    assert_eq!(reason(&verifier, &format!("{header}.{}.AA", encode(&claims()))), "unknown_key");
    let alone = ready(verifier_with(|config| config), &keys_of(&[&a]));
    let signed = format!("{header}.{}", encode(&claims()));
    let signature = URL_SAFE_NO_PAD.encode(a.0.sign(signed.as_bytes()));
    assert!(known(&alone, &format!("{signed}.{signature}"), now(0)).is_ok());
    // Nested too deeply, and a claim that comes twice.
    for payload in ["[".repeat(20_000), r#"{"exp":1,"exp":2}"#.to_owned()] {
        let signed =
            format!("{}.{}", encode(&json!({"alg": "EdDSA", "kid": "a"})), URL_SAFE_NO_PAD.encode(payload));
        let signature = URL_SAFE_NO_PAD.encode(a.0.sign(signed.as_bytes()));
        assert_eq!(reason(&verifier, &format!("{signed}.{signature}")), "malformed");
    }
}

#[test]
fn es256_is_verified_on_its_own_curve_and_weak_keys_verify_nothing() {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    let pair =
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random).unwrap();
    let half = |range| URL_SAFE_NO_PAD.encode(&pair.public_key().as_ref()[range]);
    let jwk = json!({"kty": "EC", "crv": "P-256", "kid": "e", "x": half(1..33), "y": half(33..65)});
    let with = |name: &str, value: Value| {
        let mut jwk = jwk.clone();
        jwk[name] = value;
        ready(verifier_with(|config| config), &json!({"keys": [jwk]}))
    };
    let signed = format!("{}.{}", encode(&json!({"alg": "ES256", "kid": "e"})), encode(&claims()));
    let signature = URL_SAFE_NO_PAD.encode(pair.sign(&random, signed.as_bytes()).unwrap());
    let token = format!("{signed}.{signature}");
    assert!(known(&with("alg", json!("ES256")), &token, now(0)).is_ok());
    assert_eq!(reason(&with("use", json!("sig")), &format!("{signed}.{}", "A".repeat(86))), "bad_signature");
    for (name, value) in [
        ("crv", json!("P-384")),
        ("crv", json!("secp256k1")),
        ("use", json!("enc")),
        ("key_ops", json!(["encrypt"])),
        ("alg", json!("RS256")),
        ("kty", json!("oct")),
        ("x", json!("AA")),
    ] {
        assert_eq!(reason(&with(name, value.clone()), &token), "algorithm", "{name} {value}");
    }
    // The neutral element: with it as the key, this signature is right for every message.
    let (mut one, mut signature) = ([0; 32], [0; 64]);
    (one[0], signature[0]) = (1, 1);
    for sign in [0, 0x80] {
        one[31] = sign;
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "kid": "o", "x": URL_SAFE_NO_PAD.encode(one)});
        let small = ready(verifier_with(|config| config), &json!({"keys": [jwk]}));
        let signed = format!("{}.{}", encode(&json!({"alg": "EdDSA", "kid": "o"})), encode(&claims()));
        assert_eq!(reason(&small, &format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))), "algorithm");
    }
    let rsa = json!({"kty": "RSA", "kid": "r", "n": URL_SAFE_NO_PAD.encode([0xff; 64]), "e": "AQAB"});
    let weak = ready(verifier_with(|config| config), &json!({"keys": [rsa]}));
    let token = format!("{}.{}.AA", encode(&json!({"alg": "RS256", "kid": "r"})), encode(&claims()));
    assert_eq!(reason(&weak, &token), "algorithm");
}

#[test]
fn one_fetch_serves_everyone_and_what_was_seen_is_known_until_it_expires() {
    let signer = Signer::new("a");
    let token = signer.sign(&claims());
    let verifier = verifier_with(|config| config);
    let (fetch, first) = ask(&verifier, verifier.judge(&token, now(0)).0, now(0));
    let (none, second) = ask(&verifier, verifier.judge(&token, now(0)).0, now(0));
    assert!(none.is_none());
    land(fetch.unwrap(), &keys_of(&[&signer]), "", now(0));
    assert!(first.recv().unwrap().is_ok() && second.recv().unwrap().is_ok());
    assert!(verifier.settle(&token, now(0)).is_ok());
    let seen = |at| verifier.seen(&mut verifier.held.lock(), &digest_of(&token), now(at)).is_some();
    assert!(seen(904) && !seen(905) && !seen(0));
    assert_eq!(known(&verifier, &token, now(905)).unwrap_err().reason(), Some("expired"));
    // Other keys: what the old ones said counts no more.
    assert!(known(&verifier, &token, now(0)).is_ok() && seen(0));
    let (fetch, _told) = ask(&verifier, verifier.judge(&Signer::new("b").sign(&claims()), now(1)).0, now(1));
    land(fetch.unwrap(), &keys_of(&[&Signer::new("c")]), "", now(1));
    assert!(!seen(0));
    let off = ready(verifier_with(|config| config.verify_cache_size(0)), &keys_of(&[&signer]));
    assert!(known(&off, &token, now(0)).is_ok());
    assert!(off.held.lock().seen(&digest_of(&token)).is_none());
}

#[test]
fn invented_keys_cost_two_fetches_a_minute_and_another_tenants_none() {
    let signer = Signer::new("a");
    let verifier = ready(verifier_with(|config| config), &keys_of(&[&signer]));
    let mut fetches = vec![0];
    for at in 0..180 {
        for kid in ["x", "y"] {
            let token = Signer::new(kid).sign(&claims());
            if let verdict @ Verdict::KeysWanted(_) = verifier.judge(&token, now(at)).0 {
                let (fetch, told) = ask(&verifier, verdict, now(at));
                // Where they are is known.
                assert_eq!(land(fetch.unwrap(), &keys_of(&[&signer]), "", now(at)), 1);
                assert!(told.recv().unwrap().is_ok());
                fetches.push(at);
            }
            assert_eq!(verifier.settle(&token, now(at)).unwrap_err().reason(), Some("unknown_key"));
        }
    }
    assert_eq!(fetches, [0, 0, 60, 90, 120, 150]);
    let another =
        Signer::new("z").sign(&changed("iss", json!("https://auth.agglestone.com/tenant/v/v2.0/Auth")));
    let verdict = verifier.judge(&another, now(1000)).0;
    assert!(matches!(verdict, Verdict::Known(Err(error)) if error.reason() == Some("wrong_issuer")));
}

#[test]
fn keys_are_renewed_ahead_and_the_last_ones_serve_for_a_day_when_there_are_no_others() {
    let signer = Signer::new("a");
    let token = signer.sign(&changed("exp", json!(NOW + 1_000_000)));
    let (sender, events) = channel();
    let verifier = ready(
        verifier_with(|config| config.on_event(move |event| sender.send(event.name()).unwrap())),
        &keys_of(&[&signer]),
    );
    let good = |at| matches!(verifier.judge(&token, now(at)), (Verdict::Known(Ok(_)), None));
    assert!(good(0) && good(2879));
    let (verdict, renewal) = verifier.judge(&token, now(2880));
    assert!(matches!(verdict, Verdict::Known(Ok(_))));
    assert!(good(2881), "one renewal is enough");
    fail(renewal.unwrap(), now(2890));
    assert!(good(2909) && events.try_recv().is_err());
    fail(verifier.judge(&token, now(2910)).1.unwrap(), now(2910));
    // Past their life, the first to ask waits for what becomes of it, and nobody else for half a minute.
    let (fetch, told) = ask(&verifier, verifier.judge(&token, now(3600)).0, now(3600));
    fail(fetch.unwrap(), now(3601));
    assert!(told.recv().unwrap().is_ok() && events.recv() == Ok("signing_keys_stale"));
    assert!(good(3602) && verifier.settle(&token, now(3602)).is_ok());
    let day = 24 * 3600;
    let (fetch, told) = ask(&verifier, verifier.judge(&token, now(3600 + day)).0, now(3600 + day));
    fail(fetch.unwrap(), now(3600 + day));
    let error = told.recv().unwrap().unwrap_err();
    assert!(
        error.code() == Code::KeysUnavailable
            && error.retryable()
            && error.message().contains("nobody there")
    );
    let (fetch, _told) = ask(&verifier, verifier.judge(&token, now(3700 + day)).0, now(3700 + day));
    land(fetch.unwrap(), &keys_of(&[&signer]), "max-age=600", now(3700 + day));
    assert!(good(3701 + day) && verifier.judge(&token, now(4190 + day)).1.is_some());
}

#[test]
fn what_is_no_key_set_leaves_none_and_a_fetch_that_is_dropped_says_so() {
    let verifier = verifier_with(|config| config);
    let many = json!({"keys": vec![json!({}); 101]});
    for set in [json!([]), json!({}), json!({"keys": {}}), many] {
        let (fetch, told) = ask(&verifier, verifier.judge(FORMED, now(0)).0, now(0));
        land(fetch.unwrap(), &set, "", now(0));
        assert_eq!(told.recv().unwrap().unwrap_err().code(), Code::KeysUnavailable);
    }
    for token in ["a.b.c", "eyJhbGciOiJub25lIn0.e30."] {
        assert!(matches!(verifier.judge(token, now(0)).0, Verdict::Known(Err(_))), "{token} needs no keys");
    }
    let (fetch, told) = ask(&verifier, verifier.judge(FORMED, now(0)).0, now(0));
    drop(fetch);
    assert_eq!(told.recv().unwrap().unwrap_err().code(), Code::Closed);
}

#[test]
fn a_key_set_lives_as_long_as_the_service_says_within_five_minutes_and_a_day() {
    for (told, seconds) in [
        ("", 3600),
        ("public, max-age=900", 900),
        ("max-age=1", 300),
        ("max-age=9999999", 86_400),
        ("max-age=x", 300),
        ("no-store", 300),
        ("max-age=900, no-cache", 300),
    ] {
        assert_eq!(keeping::life(reply(&json!({}), told).headers()), Duration::from_secs(seconds), "{told}");
    }
}
