//! Users' tokens: what is in them, who can check them, and what a user may do with one.

use std::time::Duration;

use agglestone_emulator::{Emulator, Options, start};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde_json::{Value, json};

use crate::http::{anonymous, as_user, call, demo_user, raw, token};

const EXCHANGE: &str = "v2.0/Auth/token-exchange";

/// Checks a token as a service behind this tenant would: from discovery alone.
fn verify(emulator: &Emulator, token: &str) -> Result<Value, jsonwebtoken::errors::Error> {
    let path = "v2.0/Auth/.well-known/openid-configuration";
    let discovery = anonymous(emulator, "GET", path).send().json();
    let jwks_path = discovery["jwks_uri"].as_str().expect("a URI").strip_prefix(emulator.url());
    let jwks = raw(emulator.url(), "GET", jwks_path.expect("its own URL")).send();
    let keys: JwkSet = serde_json::from_slice(&jwks.body).expect("a key set");
    let kid = decode_header(token)?.kid.expect("a key id");
    let key = DecodingKey::from_jwk(keys.find(&kid).expect("the key of the token"))?;
    let mut rules = Validation::new(Algorithm::RS256);
    rules.set_audience(&[emulator.tenant_id()]);
    rules.set_issuer(&[discovery["issuer"].as_str().expect("an issuer")]);
    decode::<Value>(token, &key, &rules).map(|decoded| decoded.claims)
}

/// The token with one character in the middle of one of its three parts changed.
fn tampered(token: &str, part: usize) -> String {
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    let middle = parts[part].len() / 2;
    let other = if &parts[part][middle..=middle] == "A" { "B" } else { "A" };
    parts[part].replace_range(middle..=middle, other);
    parts.join(".")
}

#[test]
fn a_token_verifies_through_the_discovered_key_set_and_says_whose_it_is() {
    let emulator = start();
    let (tenant, id) = (emulator.tenant_id(), demo_user(&emulator, 0));
    let claims = verify(&emulator, &token(&emulator, &id)).expect("a valid token");
    assert_eq!(claims["iss"], format!("{}/tenant/{tenant}/v2.0/Auth", emulator.url()));
    assert_eq!((&claims["sub"], &claims["userId"]), (&json!(id), &json!(id)));
    assert_eq!((&claims["tenantId"], &claims["aud"]), (&json!(tenant), &json!(tenant)));
    assert_eq!(claims["groups"], json!(["Admin"]));
    assert_eq!(claims["nbf"], claims["iat"]);
    let other = verify(&emulator, &token(&emulator, &demo_user(&emulator, 1))).expect("a valid token");
    assert_eq!(other["groups"], json!([]));
    assert_ne!(other["jti"], claims["jti"]);
}

#[test]
fn a_tampered_token_is_refused_by_verifiers_and_by_the_emulator() {
    let emulator = start();
    let token = token(&emulator, &demo_user(&emulator, 0));
    verify(&emulator, &token).expect("a valid token");
    for part in [1, 2] {
        let tampered = tampered(&token, part);
        verify(&emulator, &tampered).expect_err("tampered");
        as_user(&emulator, &tampered, "GET", "api/Users").send().problem(401);
    }
    for broken in [&token[..token.len() - 1], &format!("{token}="), &token.replace('.', ""), "x", "a.b.c"] {
        as_user(&emulator, broken, "GET", "api/Users").send().problem(401);
    }
}

#[test]
fn a_token_signed_with_anything_but_the_tenants_key_is_refused() {
    let emulator = start();
    let genuine = token(&emulator, &demo_user(&emulator, 0));
    let claims = verify(&emulator, &genuine).expect("a valid token");
    let kid = decode_header(&genuine).expect("a header").kid;
    // The public key as a shared secret: the classic confusion of algorithms.
    let jwks = anonymous(&emulator, "GET", "v2.0/Auth/.well-known/jwks.json").send().json();
    let modulus = jwks["keys"][0]["n"].as_str().expect("a modulus");
    let header = Header { kid, ..Header::new(Algorithm::HS256) };
    let confused = encode(&header, &claims, &EncodingKey::from_secret(modulus.as_bytes())).expect("a token");
    as_user(&emulator, &confused, "GET", "api/Users").send().problem(401);
    // {"alg":"none","typ":"JWT"} and no signature.
    let payload = genuine.split('.').nth(1).expect("a payload");
    let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{payload}.");
    as_user(&emulator, &unsigned, "GET", "api/Users").send().problem(401);
}

#[test]
fn a_token_of_another_tenant_is_refused_and_one_by_the_same_key_is_not() {
    let emulator = start();
    let elsewhere = Options::new().tenant("another-tenant").start().expect("a start");
    // In one process a tenant has one key, however many emulators serve it.
    let same_tenant = start();
    for (issuer, status) in [(&elsewhere, 401), (&same_tenant, 200)] {
        let token = token(issuer, &demo_user(issuer, 0));
        assert_eq!(as_user(issuer, &token, "GET", "api/Users").send().status, 200);
        assert_eq!(as_user(&emulator, &token, "GET", "api/Users").send().status, status);
    }
}

#[test]
fn the_token_lifetime_is_as_configured_and_a_quarter_of_an_hour_otherwise() {
    let short = Options::new().token_lifetime(Duration::from_secs(120)).start().expect("a start");
    for (emulator, lifetime) in [(start(), 900), (short, 120)] {
        let body = json!({"userId": demo_user(&emulator, 1)});
        let reply = call(&emulator, "POST", EXCHANGE).json(&body).send();
        assert_eq!(reply.header("cache-control"), "no-store");
        let answer = reply.json();
        assert_eq!((&answer["expiresIn"], &answer["tokenType"]), (&json!(lifetime), &json!("Bearer")));
        let claims = verify(&emulator, answer["token"].as_str().expect("a token")).expect("valid");
        let second = |name: &str| claims[name].as_u64().expect("a time");
        assert_eq!(second("exp") - second("iat"), lifetime);
    }
}

#[test]
fn an_exchange_needs_a_key_and_a_user_who_may_sign_in() {
    let emulator = start();
    let id = demo_user(&emulator, 1);
    let admin = token(&emulator, &demo_user(&emulator, 0));
    let body = json!({"userId": id});
    assert_eq!(call(&emulator, "POST", "V2.0/auth/TOKEN-EXCHANGE").json(&body).send().status, 200);
    anonymous(&emulator, "POST", EXCHANGE).json(&body).send().problem(401);
    as_user(&emulator, &admin, "POST", EXCHANGE).json(&body).send().problem(401);
    call(&emulator, "POST", EXCHANGE).json(&json!({"userId": "nobody"})).send().problem(404);
    let disabled = json!({"userId": demo_user(&emulator, 4)});
    call(&emulator, "POST", EXCHANGE).json(&disabled).send().problem(403);
}

#[test]
fn an_exchange_body_is_one_user_id_and_nothing_else() {
    let emulator = start();
    let id = demo_user(&emulator, 1);
    for body in [
        "".to_owned(),
        "{}".to_owned(),
        "[]".to_owned(),
        r#"{"userId":1}"#.to_owned(),
        r#"{"userid":"x"}"#.to_owned(),
        format!(r#"{{"userId":"{id}","scope":"x"}}"#),
        format!(r#"{{"userId":"{id}","userId":"{id}"}}"#),
        format!(r#"{{"userId":"{id}"}}x"#),
    ] {
        call(&emulator, "POST", EXCHANGE).json_text(&body).send().problem(400);
    }
}

#[test]
fn a_user_reads_themself_and_an_administrator_everybody() {
    let emulator = start();
    let (admin_id, id) = (demo_user(&emulator, 0), demo_user(&emulator, 1));
    let (admin, user) = (token(&emulator, &admin_id), token(&emulator, &id));
    let own = format!("api/Users/{id}");
    let others = format!("api/Users/{admin_id}");
    assert_eq!(as_user(&emulator, &user, "GET", &own).send().json()["userId"], id);
    assert_eq!(as_user(&emulator, &admin, "GET", &own).send().json()["userId"], id);
    assert_eq!(as_user(&emulator, &admin, "GET", "api/Users").send().json()["totalRecords"], 45);
    for (method, path) in [
        ("GET", "api/Users"),
        ("POST", "api/Users"),
        ("GET", others.as_str()),
        ("GET", "api/Users/nobody"),
        ("PATCH", own.as_str()),
        ("PUT", own.as_str()),
        ("DELETE", own.as_str()),
    ] {
        as_user(&emulator, &user, method, path).json(&json!({})).send().problem(403);
    }
    assert_eq!(as_user(&emulator, &admin, "DELETE", &own).send().status, 204);
}

#[test]
fn groups_of_a_seeded_user_go_into_the_token_as_a_list() {
    let seed = json!({"users": [
        {"userId": "one", "groups": "Admin"},
        {"userId": "two", "groups": ["Staff", "Admin"]},
        {"userId": "none", "groups": [], "owner": true},
    ]});
    let emulator = Options::new().seed(seed.to_string()).start().expect("a start");
    for (id, groups, status) in
        [("one", json!(["Admin"]), 200), ("two", json!(["Staff", "Admin"]), 200), ("none", json!([]), 403)]
    {
        let token = token(&emulator, id);
        assert_eq!(verify(&emulator, &token).expect("a valid token")["groups"], groups);
        assert_eq!(as_user(&emulator, &token, "GET", "api/Users").send().status, status, "{id}");
    }
}

#[test]
fn the_token_of_a_user_who_is_gone_or_disabled_is_refused() {
    let emulator = start();
    let id = demo_user(&emulator, 1);
    let path = format!("api/Users/{id}");
    let token = token(&emulator, &id);
    assert_eq!(as_user(&emulator, &token, "GET", &path).send().status, 200);
    call(&emulator, "PATCH", &path).json(&json!({"enabled": false})).send();
    as_user(&emulator, &token, "GET", &path).send().problem(401);
    call(&emulator, "PATCH", &path).json(&json!({"enabled": true})).send();
    assert_eq!(as_user(&emulator, &token, "GET", &path).send().status, 200);
    call(&emulator, "DELETE", &path).send();
    as_user(&emulator, &token, "GET", &path).send().problem(401);
}

#[test]
fn discovery_and_key_set_are_open_to_everybody_in_any_letter_case_at_this_tenant_only() {
    let emulator = start();
    for path in ["v2.0/Auth/.well-known/openid-configuration", "v2.0/Auth/.well-known/jwks.json"] {
        assert_eq!(anonymous(&emulator, "GET", path).send().status, 200, "{path}");
        assert_eq!(anonymous(&emulator, "GET", &path.to_uppercase()).send().status, 200, "{path}");
        raw(emulator.url(), "GET", &format!("/tenant/other/{path}")).send().problem(404);
    }
    let jwks = anonymous(&emulator, "GET", "v2.0/Auth/.well-known/jwks.json").send().json();
    let key = &jwks["keys"][0];
    assert_eq!((&key["kty"], &key["alg"], &key["use"]), (&json!("RSA"), &json!("RS256"), &json!("sig")));
    assert!(key.get("d").is_none(), "the private half stays here");
}
