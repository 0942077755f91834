//! API keys: who is let in, and what a new key does to an old one.

use agglestone_emulator::{Emulator, Slot, start};
use serde_json::json;

use crate::http::{anonymous, as_user, call, control, demo_user, raw, token};

fn status_with(emulator: &Emulator, key: &str) -> u16 {
    anonymous(emulator, "GET", "api/Users").header("x-api-key", key).send().status
}

#[test]
fn both_keys_open_every_address() {
    let emulator = start();
    let user = json!({"userId": demo_user(&emulator, 1)});
    for key in [emulator.primary_api_key(), emulator.secondary_api_key()] {
        let request = |method, path| anonymous(&emulator, method, path).header("X-API-Key", key.as_str());
        assert_eq!(request("GET", "api/v2.0/Users").send().status, 200);
        assert_eq!(request("POST", "v2.0/Auth/token-exchange").json(&user).send().status, 200);
    }
}

#[test]
fn a_key_that_is_not_exactly_one_of_the_two_is_refused() {
    let emulator = start();
    let key = emulator.primary_api_key();
    for wrong in [
        String::new(),
        format!("{key}="),
        format!("\"{key}\""),
        format!("\u{a0}{key}"),
        format!("{key},{key}"),
        format!("Bearer {key}"),
        key[..key.len() - 1].to_owned(),
        key.to_uppercase(),
        key[4..].to_owned(),
        start().primary_api_key(),
        emulator.control_token().to_owned(),
    ] {
        let reply = anonymous(&emulator, "GET", "api/Users").header("x-api-key", wrong.as_str()).send();
        let detail = reply.problem(401);
        assert_eq!(reply.header("www-authenticate"), "Bearer");
        assert!(wrong.is_empty() || !detail.contains(&wrong), "{detail}");
    }
}

#[test]
fn a_request_needs_exactly_one_credential() {
    let emulator = start();
    let key = emulator.primary_api_key();
    let bearer = format!("Bearer {}", token(&emulator, &demo_user(&emulator, 0)));
    let request = || anonymous(&emulator, "GET", "api/Users");
    request().send().problem(401);
    request().header("x-api-key", &key).header("x-api-key", &key).send().problem(401);
    request().header("authorization", &bearer).header("authorization", &bearer).send().problem(401);
    request().header("x-api-key", &key).header("authorization", &bearer).send().problem(400);
    // A key in the wrong place is no key.
    request().header("authorization", format!("Bearer {key}")).send().problem(401);
    request().header("authorization", &key).send().problem(401);
    call(&emulator, "GET", &format!("api/Users?api_key={key}")).send().problem(400);
}

#[test]
fn a_valid_key_is_refused_at_another_tenant() {
    let emulator = start();
    let other = emulator.tenant_id().replace("7e57", "7e58");
    for (method, path) in [
        ("GET", "api/v2.0/Users"),
        ("GET", "api/v2.0/Users/x"),
        ("POST", "v2.0/Auth/token-exchange"),
        ("POST", "api/APIKeys"),
    ] {
        raw(emulator.url(), method, &format!("/tenant/{other}/{path}"))
            .header("x-api-key", emulator.primary_api_key())
            .json(&json!({}))
            .send()
            .problem(401);
    }
}

#[test]
fn a_new_key_ends_the_old_one_of_its_slot_and_leaves_the_other_slot_alone() {
    type Generate = fn(&Emulator, &str) -> String;
    let by_control: Generate = |emulator, slot| {
        let reply = control(emulator, "POST", &format!("keys/{slot}")).send();
        reply.json()["apiKey"].as_str().expect("a key").to_owned()
    };
    let by_service: Generate = |emulator, slot| {
        let reply = call(emulator, "POST", "api/apikeys").json(&json!({"type": slot})).send();
        reply.json()["apiKey"].as_str().expect("a key").to_owned()
    };
    let by_rust: Generate = |emulator, slot| {
        emulator.generate_key(if slot == "primary" { Slot::Primary } else { Slot::Secondary })
    };
    for generate in [by_control, by_service, by_rust] {
        let emulator = start();
        let (primary, secondary) = (emulator.primary_api_key(), emulator.secondary_api_key());

        let new_primary = generate(&emulator, "primary");
        let accepted = [&primary, &new_primary, &secondary].map(|key| status_with(&emulator, key));
        assert_eq!(accepted, [401, 200, 200]);
        assert_eq!(emulator.primary_api_key(), new_primary);

        let new_secondary = generate(&emulator, "secondary");
        let accepted = [&secondary, &new_secondary, &new_primary].map(|key| status_with(&emulator, key));
        assert_eq!(accepted, [401, 200, 200]);
        assert_eq!(emulator.secondary_api_key(), new_secondary);
    }
}

#[test]
fn keys_are_generated_for_applications_and_for_the_two_slots_only() {
    let emulator = start();
    let keys = (emulator.primary_api_key(), emulator.secondary_api_key());
    let admin = token(&emulator, &demo_user(&emulator, 0));
    let primary = json!({"type": "primary"});
    as_user(&emulator, &admin, "POST", "api/APIKeys").json(&primary).send().problem(401);
    anonymous(&emulator, "POST", "api/APIKeys").json(&primary).send().problem(401);
    for body in ["{}", r#"{"type":"Primary"}"#, r#"{"type":"both"}"#, r#"{"type":"primary","x":1}"#, "[]"] {
        call(&emulator, "POST", "api/APIKeys").json_text(body).send().problem(400);
    }
    control(&emulator, "POST", "keys/both").send().problem(404);
    assert_eq!((emulator.primary_api_key(), emulator.secondary_api_key()), keys);
}
