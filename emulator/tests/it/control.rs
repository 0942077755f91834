//! The control API: who may use it, what the journal holds, users for tests, and reset.

use std::time::Duration;

use agglestone_emulator::{Credential, Emulator, Fault, Slot, fingerprint, start};
use serde_json::{Value, json};

use crate::http::{anonymous, as_user, call, control, demo_user, raw, token, wait_for_a_request};

fn journal(emulator: &Emulator) -> Vec<Value> {
    let reply = control(emulator, "GET", "requests").send();
    reply.json().as_array().expect("an array").clone()
}

#[test]
fn every_control_call_needs_the_control_token() {
    let emulator = start();
    let key = emulator.primary_api_key();
    for (method, path) in [
        ("GET", "keys"),
        ("POST", "keys/primary"),
        ("GET", "requests"),
        ("POST", "faults"),
        ("DELETE", "faults"),
        ("POST", "users"),
        ("DELETE", "users/x"),
        ("POST", "clock"),
        ("POST", "reset"),
        ("GET", "nothing"),
    ] {
        let request = || raw(emulator.url(), method, &format!("/_emulator/{path}"));
        let token = emulator.control_token();
        request().send().problem(401);
        request().header("x-api-key", &key).send().problem(401);
        request().header("authorization", format!("Bearer {key}")).send().problem(401);
        request().header("authorization", token).send().problem(401);
        request().header("authorization", format!("Bearer {token}x")).send().problem(401);
    }
    assert_eq!(emulator.primary_api_key(), key);
    control(&emulator, "GET", "nothing").send().problem(404);
}

#[test]
fn the_journal_says_what_arrived_in_order() {
    let emulator = start();
    let id = demo_user(&emulator, 0);
    let user_token = token(&emulator, &id);
    emulator.reset();
    let first = call(&emulator, "GET", "api/v2.0/Users?pageSize=3").header("user-agent", "shop/1.0").send();
    let secondary = emulator.secondary_api_key();
    anonymous(&emulator, "PATCH", "API/users/a%2Fb").header("x-api-key", secondary).send();
    anonymous(&emulator, "GET", "api/Users").header("x-api-key", "agk_wrong").send();
    as_user(&emulator, &user_token, "GET", "api/Users?").send();
    anonymous(&emulator, "GET", "nowhere").send();

    let entries = journal(&emulator);
    assert_eq!(entries.len(), 5);
    let tenant = emulator.tenant_id();
    let mut expected = json!({
        "time": entries[0]["time"],
        "method": "GET",
        "path": format!("/tenant/{tenant}/api/v2.0/Users"),
        "query": "pageSize=3",
        "status": 200,
        "keySlot": "primary",
        "fingerprint": fingerprint(emulator.primary_api_key().as_bytes()),
        "credential": "api-key",
        "userAgent": "shop/1.0",
        "requestId": first.header("x-request-id"),
    });
    assert_eq!(entries[0], expected);
    assert!(entries[0]["time"].as_str().expect("a time").ends_with('Z'));

    let mut check = |index: usize, members: Value| {
        for (name, value) in members.as_object().expect("an object") {
            expected[name] = value.clone();
            assert_eq!(entries[index][name], *value, "{name} of {}", entries[index]);
        }
    };
    check(
        1,
        json!({
            "method": "PATCH", "path": format!("/tenant/{tenant}/API/users/a%2Fb"), "query": null, "status": 415,
            "keySlot": "secondary", "fingerprint": fingerprint(emulator.secondary_api_key().as_bytes()),
            "userAgent": null,
        }),
    );
    check(2, json!({"status": 401, "keySlot": null, "fingerprint": fingerprint(b"agk_wrong")}));
    check(
        3,
        json!({"status": 200, "keySlot": null, "fingerprint": null, "credential": "bearer", "query": ""}),
    );
    check(4, json!({"status": 404, "credential": "none"}));
}

#[test]
fn the_journal_in_rust_is_the_journal_of_the_control_api() {
    let emulator = start();
    call(&emulator, "GET", "api/Users").send();
    let entries = emulator.requests();
    assert_eq!(serde_json::to_value(&entries).expect("JSON"), json!(journal(&emulator)));
    assert_eq!(entries[0].key_slot, Some(Slot::Primary));
    assert_eq!(entries[0].credential, Credential::ApiKey);
    assert_eq!(entries[0].status, Some(200));
}

#[test]
fn no_secret_is_in_the_journal_wherever_a_caller_put_it() {
    let emulator = start();
    let (key, old) = (emulator.secondary_api_key(), emulator.primary_api_key());
    let token = token(&emulator, &demo_user(&emulator, 0));
    emulator.generate_key(Slot::Primary);
    for secret in [&key, &old, &token, &"other-credential".to_owned()] {
        anonymous(&emulator, "GET", &format!("api/Users/{secret}?key={secret}"))
            .header("user-agent", format!("me {secret}"))
            .header("x-api-key", secret.as_str())
            .send();
        anonymous(&emulator, "GET", "api/Users").header("authorization", format!("Bearer {secret}")).send();
    }
    let encoded: String = key.bytes().map(|byte| format!("%{byte:02x}")).collect();
    anonymous(&emulator, "GET", &format!("api/Users/{encoded}")).send();
    anonymous(&emulator, &key, "api/Users").send();
    let text = control(&emulator, "GET", "requests").send();
    assert!(!text.text().contains(&encoded));
    for secret in [key.as_str(), &old, &token, &token[..20], "other-credential", emulator.control_token()] {
        assert!(!text.text().contains(secret), "{secret} is in {}", text.text());
    }
    assert!(text.text().contains("/api/Users/[redacted]"));
}

#[test]
fn a_request_whose_caller_gave_up_is_in_the_journal_without_a_status() {
    let emulator = start();
    emulator.add_fault(Fault::on("*/abandoned").delay(Duration::from_secs(3600)));
    let connection = call(&emulator, "GET", "abandoned").write();
    wait_for_a_request(&emulator);
    drop(connection);
    call(&emulator, "GET", "api/Users").send();
    let statuses: Vec<_> = emulator.requests().iter().map(|entry| entry.status).collect();
    assert_eq!(statuses, [None, Some(200)]);
}

#[test]
fn health_checks_and_control_calls_leave_no_trace() {
    let emulator = start();
    raw(emulator.url(), "GET", "/health").send();
    control(&emulator, "GET", "nothing").send();
    control(&emulator, "POST", "reset").send();
    assert_eq!(journal(&emulator), Vec::<Value>::new());
}

#[test]
fn users_can_be_added_replaced_and_removed_with_members_nobody_knows() {
    let emulator = start();
    let odd = r#"{"userId":"a/b","shoeSize":42.0}"#;
    let put = |body: &str| control(&emulator, "POST", "users").body(body).send();
    assert_eq!(put(odd).json(), json!({"users": 46}));
    assert_eq!(call(&emulator, "GET", "api/Users/a%2Fb").send().text(), odd);
    let replaced = format!(r#"{{"users":[{{"userId":"a/b"}},{{"userId":"{}"}}]}}"#, demo_user(&emulator, 1));
    assert_eq!(put(&replaced).json(), json!({"users": 46}));
    assert_eq!(call(&emulator, "GET", "api/Users/a%2Fb").send().text(), r#"{"userId":"a/b"}"#);
    let page = call(&emulator, "GET", "api/Users?pageSize=2").send().json();
    assert_eq!(page["data"][1], json!({"userId": demo_user(&emulator, 1)}), "replaced in its place");
    assert_eq!(control(&emulator, "DELETE", "users/a%2Fb").send().json(), json!({"users": 45}));
    control(&emulator, "DELETE", "users/a%2Fb").send().problem(404);
    for body in ["", "[]", "{}", r#"{"users":[{}]}"#, r#"{"users":[],"x":1}"#, r#"{"users":7}"#] {
        put(body).problem(400);
    }
}

#[test]
fn a_reset_restores_keys_and_users_and_forgets_faults_and_requests() {
    let by_control: fn(&Emulator) = |emulator| {
        let reply = control(emulator, "POST", "reset").send();
        assert_eq!((reply.status, reply.json()), (200, json!({"status": "ok"})));
    };
    for reset in [by_control, Emulator::reset] {
        let emulator = start();
        let keys = (emulator.primary_api_key(), emulator.secondary_api_key());
        let users = call(&emulator, "GET", "api/Users?pageSize=100").send().json();
        let generated = emulator.generate_key(Slot::Primary);
        emulator.generate_key(Slot::Secondary);
        emulator.put_users(r#"{"users":[{"userId":"new"}]}"#);
        emulator.remove_user(users["data"][3]["userId"].as_str().expect("an id"));
        emulator.add_fault(Fault::on("*").times(0).answer(503));
        assert_eq!(call(&emulator, "GET", "api/Users").send().status, 503);

        reset(&emulator);
        assert_eq!(emulator.requests(), []);
        assert_eq!((emulator.primary_api_key(), emulator.secondary_api_key()), keys);
        assert_eq!(call(&emulator, "GET", "api/Users?pageSize=100").send().json(), users);
        let old = anonymous(&emulator, "GET", "api/Users").header("x-api-key", generated).send();
        old.problem(401);
    }
}

#[test]
fn the_report_on_keys_says_who_presents_which_and_how_it_went() {
    let emulator = start();
    let secondary = emulator.secondary_api_key();
    let users = |key: &str, agent: &str| {
        let request = anonymous(&emulator, "GET", "api/Users").header("x-api-key", key);
        request.header("user-agent", agent).send();
    };
    users(&emulator.primary_api_key(), "shop/1.0 agglestone/0.1.0");
    users(&emulator.primary_api_key(), "shop/1.0 agglestone/0.1.0");
    users(&secondary, "billing/2.0");
    let old = emulator.primary_api_key();
    emulator.generate_key(Slot::Primary);
    users(&old, "shop/1.0 agglestone/0.1.0");
    users("agk_nobody", "curl/8");
    // A key that opens this tenant is refused at another.
    let elsewhere =
        raw(emulator.url(), "GET", "/tenant/other/api/Users").header("x-api-key", secondary.as_str());
    elsewhere.send();

    let reply = control(&emulator, "GET", "keys").send();
    let keys = reply.json()["keys"].clone();
    let key = |index: usize| &keys[index];
    let print = |key: &str| json!(fingerprint(key.as_bytes()));
    assert_eq!(keys.as_array().expect("an array").len(), 4);
    for (index, state, slot, fingerprint) in [
        (0, "accepted", json!("primary"), print(&emulator.primary_api_key())),
        (1, "accepted", json!("secondary"), print(&secondary)),
        (2, "replaced", json!("primary"), print(&old)),
        (3, "unknown", Value::Null, print("agk_nobody")),
    ] {
        let found = key(index);
        assert_eq!(
            (&found["state"], &found["slot"], &found["fingerprint"]),
            (&json!(state), &slot, &fingerprint)
        );
    }
    assert_eq!(key(0)["callers"], json!([]));
    assert_eq!(key(0)["since"], key(2)["replacedAt"]);
    assert_eq!((&key(0)["replacedAt"], &key(3)["since"]), (&Value::Null, &Value::Null));
    let counts = |index: usize, caller: usize| {
        let caller = &key(index)["callers"][caller];
        (caller["userAgent"].clone(), caller["requests"].clone(), caller["refused"].clone())
    };
    assert_eq!(counts(1, 0), (json!("billing/2.0"), json!(1), json!(0)));
    assert_eq!(counts(1, 1), (Value::Null, json!(1), json!(1)));
    assert_eq!(counts(2, 0), (json!("shop/1.0 agglestone/0.1.0"), json!(3), json!(1)));
    assert_eq!(counts(3, 0), (json!("curl/8"), json!(1), json!(1)));
    let text = |value: &Value| value.as_str().expect("a time").to_owned();
    let shop = &key(2)["callers"][0];
    assert!(text(&shop["firstUsed"]) <= text(&shop["lastUsed"]));
    assert!(text(&shop["lastUsed"]) <= text(&reply.json()["now"]));

    emulator.reset();
    let keys = control(&emulator, "GET", "keys").send().json()["keys"].clone();
    assert_eq!(keys.as_array().expect("an array").len(), 2);
    assert_eq!((&keys[0]["fingerprint"], &keys[0]["callers"]), (&print(&old), &json!([])));
}

#[test]
fn a_key_is_set_to_a_given_one_and_a_flawed_one_is_refused() {
    let emulator = start();
    let (old, secondary) = (emulator.primary_api_key(), emulator.secondary_api_key());
    let set = |body: Value| control(&emulator, "POST", "keys/primary").json(&body).send();
    for (flawed, reason) in [
        (json!({"apiKey": ""}), "4 to 256"),
        (json!({"apiKey": "abc"}), "4 to 256"),
        (json!({"apiKey": "x".repeat(257)}), "4 to 256"),
        (json!({"apiKey": "a key"}), "visible ASCII"),
        (json!({"apiKey": "clé-clé"}), "visible ASCII"),
        (json!({"apiKey": secondary}), "the other slot"),
        (json!({"apiKey": 1}), "string"),
        (json!({"apikey": "my-own-key"}), "apikey"),
    ] {
        let detail = set(flawed.clone()).problem(400);
        assert!(detail.contains(reason), "{flawed}: {detail}");
    }
    assert_eq!(emulator.primary_api_key(), old);
    for _ in 0..2 {
        assert_eq!(set(json!({"apiKey": "my-own-key"})).json(), json!({"apiKey": "my-own-key"}));
        assert_eq!(call(&emulator, "GET", "api/Users/my-own-key").send().status, 404);
        anonymous(&emulator, "GET", "api/Users").header("x-api-key", &old).send().problem(401);
    }
    let report = control(&emulator, "GET", "keys").send().json();
    let states: Vec<_> = report["keys"].as_array().expect("keys").iter().map(|key| &key["state"]).collect();
    assert_eq!(states, ["accepted", "accepted", "replaced"], "to set the same key again replaces nothing");
    let journal = control(&emulator, "GET", "requests").send();
    assert!(!journal.text().contains("my-own-key"), "{}", journal.text());
    emulator.set_key(Slot::Primary, old.clone());
    assert_eq!(call(&emulator, "GET", "api/Users").send().status, 200);
    let report = control(&emulator, "GET", "keys").send().json();
    assert_eq!(report["keys"][2]["fingerprint"], fingerprint(b"my-own-key"));
    assert_eq!(report["keys"].as_array().expect("keys").len(), 3, "a key that came back is not replaced");
    assert_ne!(control(&emulator, "POST", "keys/primary").send().json()["apiKey"], json!(old));
}

#[test]
fn what_a_control_call_does_not_know_is_refused() {
    let emulator = start();
    for (method, path) in
        [("GET", "keys?all=1"), ("GET", "requests?since=1"), ("DELETE", "faults?x"), ("POST", "reset?x=1")]
    {
        let detail = control(&emulator, method, path).send().problem(400);
        assert!(detail.contains("Unknown query parameter"), "{detail}");
    }
    for path in ["reset", "users/x/revoke", "clock", "keys/primary"] {
        let detail = control(&emulator, "POST", path).json(&json!({"unknown": 1})).send().problem(400);
        assert!(detail.contains("unknown"), "{path}: {detail}");
    }
    control(&emulator, "POST", "users").json(&json!({"users": [], "more": 1})).send().problem(400);
    assert_eq!(control(&emulator, "POST", "reset").json(&json!({})).send().status, 200);
}

#[test]
fn the_report_on_keys_holds_no_secret() {
    let emulator = start();
    let (primary, secondary) = (emulator.primary_api_key(), emulator.secondary_api_key());
    for secret in [primary.as_str(), &secondary, "other-credential"] {
        let request = anonymous(&emulator, "GET", "api/Users").header("x-api-key", secret);
        request.header("user-agent", format!("me {secret}")).send();
    }
    let report = control(&emulator, "GET", "keys").send();
    for secret in [primary.as_str(), &secondary, "other-credential", emulator.control_token()] {
        assert!(!report.text().contains(secret), "{secret} is in {}", report.text());
    }
    assert!(report.text().contains("me [redacted]"));
}
