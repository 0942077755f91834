//! The users: their addresses, pages, ids and bodies.

use std::collections::HashSet;

use agglestone_emulator::{Options, start};
use serde_json::{Value, json};

use crate::http::{anonymous, call, control, demo_user, raw};

const USERS: &str = "api/v2.0/Users";

#[test]
fn every_documented_users_path_answers_in_any_letter_case() {
    let emulator = start();
    let id = demo_user(&emulator, 0);
    for path in
        ["api/v2.0/Users", "api/Users", "api/users", "v2/Users", "API/V2.0/USERS", "V2/users", "Api/uSeRs"]
    {
        assert_eq!(call(&emulator, "GET", path).send().json()["totalRecords"], 45, "{path}");
        let one = call(&emulator, "GET", &format!("{path}/{id}")).send();
        assert_eq!(one.json()["userId"], id, "{path}");
    }
}

#[test]
fn an_address_that_is_not_documented_is_not_found() {
    let emulator = start();
    for path in ["api/v1.0/Users", "api/v2.0", "api/Users/", "api/Users/a/b", "users", "api//Users", ""] {
        call(&emulator, "GET", path).send().problem(404);
    }
    for path in ["/nothing", "/tenant", "/tenant/", "/api/Users", "/portal/x"] {
        raw(emulator.url(), "GET", path).send().problem(404);
    }
}

#[test]
fn a_wrong_method_is_refused_and_told_the_right_ones() {
    let emulator = start();
    for (path, allowed) in [
        ("api/Users", "GET, HEAD, POST"),
        ("api/Users/x", "GET, HEAD, PUT, PATCH, DELETE"),
        ("api/APIKeys", "POST"),
        ("v2.0/Auth/token-exchange", "POST"),
        ("v2.0/Auth/.well-known/openid-configuration", "GET, HEAD"),
    ] {
        let reply = call(&emulator, "OPTIONS", path).send();
        reply.problem(405);
        assert_eq!(reply.header("allow"), allowed, "{path}");
    }
    let reply = control(&emulator, "PUT", "faults").send();
    reply.problem(405);
    assert_eq!(reply.header("allow"), "POST,DELETE");
}

#[test]
fn a_list_without_parameters_is_the_first_page_of_ten() {
    let emulator = start();
    let list = call(&emulator, "GET", USERS).send().json();
    assert_eq!(list["data"].as_array().expect("users").len(), 10);
    assert_eq!(
        (&list["pageNumber"], &list["pageSize"], &list["totalRecords"]),
        (&json!(1), &json!(10), &json!(45))
    );
}

#[test]
fn the_pages_hold_every_user_once() {
    let emulator = start();
    let mut ids = HashSet::new();
    for (number, length) in [(1, 20), (2, 20), (3, 5), (4, 0), (4_294_967_295_u32, 0)] {
        let path = format!("{USERS}?pageSize=20&pageNumber={number}");
        let page = call(&emulator, "GET", &path).send().json();
        let users = page["data"].as_array().expect("users");
        assert_eq!(users.len(), length, "page {number}");
        assert_eq!(page["pageNumber"], number);
        ids.extend(users.iter().map(|user| user["userId"].to_string()));
    }
    assert_eq!(ids.len(), 45);
}

#[test]
fn a_query_parameter_that_cannot_be_honoured_is_refused_by_name() {
    let emulator = start();
    for (query, name) in [
        ("pageSize=0", "pageSize"),
        ("pageSize=101", "pageSize"),
        ("pageSize=", "pageSize"),
        ("pageSize=ten", "pageSize"),
        ("pageSize=1.0", "pageSize"),
        ("pageNumber=0", "pageNumber"),
        ("pageNumber=-1", "pageNumber"),
        ("pageNumber=%2B1", "pageNumber"),
        ("pageNumber=4294967296", "pageNumber"),
        ("pageNumber=1&pageNumber=1", "pageNumber"),
        ("pagesize=10", "pagesize"),
        ("filter=x", "filter"),
        ("pageSize=10&q", "q"),
    ] {
        let detail = call(&emulator, "GET", &format!("{USERS}?{query}")).send().problem(400);
        assert!(detail.contains(&format!("'{name}'")), "{query}: {detail}");
    }
    let id = demo_user(&emulator, 0);
    for (method, path) in [
        ("GET", format!("{USERS}/{id}?expand=all")),
        ("POST", "v2.0/Auth/token-exchange?expand=all".into()),
        ("POST", "api/APIKeys?expand=all".into()),
        ("GET", "v2.0/Auth/.well-known/openid-configuration?expand=all".into()),
    ] {
        let detail = call(&emulator, method, &path).json(&json!({})).send().problem(400);
        assert!(detail.contains("'expand'"), "{path}: {detail}");
    }
}

#[test]
fn a_head_request_is_answered_like_get_without_a_body() {
    let emulator = start();
    let got = call(&emulator, "GET", USERS).send();
    let head = call(&emulator, "HEAD", USERS).send();
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), got.header("content-length"));
}

#[test]
fn the_demo_users_are_the_same_every_time_and_show_every_documented_shape() {
    let list = || call(&start(), "GET", "api/Users?pageSize=100").send().json();
    let users = list();
    assert_eq!(users, list());
    let users = users["data"].as_array().expect("users");
    let count = |wanted: &dyn Fn(&Value) -> bool| users.iter().filter(|user| wanted(user)).count();
    assert_eq!(count(&|user| user["displayName"].is_null()), 3);
    assert_eq!(count(&|user| user["enabled"] == false), 3);
    assert_eq!(count(&|user| user["owner"] == true), 1);
    assert_eq!(count(&|user| user["requirePasswordReset"] == true), 3);
    assert_eq!(count(&|user| user["displayName"].as_str().is_some_and(|name| !name.is_ascii())), 1);
    assert_eq!(users[0]["owner"], true);
    assert_eq!(
        users[1],
        json!({
            "userId": "98685d54-c262-4143-affd-5b6e1d8c5d77",
            "email": "ben.okafor@example.com",
            "displayName": "Ben Okafor",
            "userType": "Standard",
            "enabled": true,
            "lastLoggedIn": "2026-01-05T15:00:00Z",
            "lastTokenRefresh": "2026-01-05T15:14:00Z",
            "owner": false,
            "requirePasswordReset": false,
        })
    );
}

#[test]
fn an_unknown_user_is_not_found() {
    let emulator = start();
    call(&emulator, "GET", "api/Users/11111111-1111-4111-8111-111111111111").send().problem(404);
}

#[test]
fn an_id_is_one_segment_of_the_path_decoded_once() {
    let ids = ["a/b", "a b", "ü", "..", "50%", "a%2Fb", "a?b#c", "+"];
    let users: Vec<Value> = ids.iter().map(|id| json!({"userId": id})).collect();
    let emulator = Options::new().seed(json!({"users": users}).to_string()).start().expect("a start");
    for (path, id) in [
        ("a%2Fb", "a/b"),
        ("a%2fb", "a/b"),
        ("a%20b", "a b"),
        ("%C3%BC", "ü"),
        ("..", ".."),
        ("%2e%2E", ".."),
        ("50%25", "50%"),
        ("a%252Fb", "a%2Fb"),
        ("a%3Fb%23c", "a?b#c"),
        ("+", "+"),
        ("%2B", "+"),
    ] {
        let reply = call(&emulator, "GET", &format!("api/Users/{path}")).send();
        assert_eq!(reply.json(), json!({"userId": id}), "{path}");
    }
    call(&emulator, "GET", "api/Users/a/b").send().problem(404);
    call(&emulator, "GET", "api/Users/%FF").send().problem(400);
}

#[test]
fn a_seeded_user_comes_back_in_the_very_words_it_was_given_in() {
    let user = r#"{"z":1.0, "userId":"u", "big":123456789012345678901234567890, "a":{"y":null,"x":[]}}"#;
    let emulator = Options::new().seed(format!(r#"{{"users":[{user}]}}"#)).start().expect("a start");
    assert_eq!(call(&emulator, "GET", "api/Users/u").send().text(), user);
    let list = call(&emulator, "GET", "api/Users").send();
    assert_eq!(list.text(), format!(r#"{{"data":[{user}],"pageNumber":1,"pageSize":10,"totalRecords":1}}"#));
}

#[test]
fn a_user_can_be_created_changed_replaced_and_deleted() {
    let emulator = start();
    let created = call(&emulator, "POST", USERS).json_text(r#"{"email":"a@b","extra":1.50}"#).send();
    assert_eq!(created.status, 201);
    let id = created.json()["userId"].as_str().expect("an id").to_owned();
    assert_eq!(created.text(), format!(r#"{{"userId":"{id}","email":"a@b","extra":1.50}}"#));
    let path = format!("{USERS}/{id}");
    assert_eq!(call(&emulator, "GET", &path).send().text(), created.text());

    let patched = call(&emulator, "PATCH", &path).json_text(r#"{"email":null,"new":2}"#).send();
    let expected = format!(r#"{{"userId":"{id}","email":null,"extra":1.50,"new":2}}"#);
    assert_eq!((patched.status, patched.text()), (200, expected.as_str()));

    let replaced = call(&emulator, "PUT", &path).json_text(r#"{"email":"c@d"}"#).send();
    assert_eq!((replaced.status, replaced.json()), (200, json!({"userId": id, "email": "c@d"})));
    assert_eq!(call(&emulator, "GET", &path).send().json(), replaced.json());

    let deleted = call(&emulator, "DELETE", &path).send();
    assert_eq!((deleted.status, deleted.body.len()), (204, 0));
    call(&emulator, "GET", &path).send().problem(404);
    for method in ["PUT", "PATCH", "DELETE"] {
        call(&emulator, method, &path).json(&json!({})).send().problem(404);
    }
}

#[test]
fn a_user_id_is_given_once_and_never_changes() {
    let emulator = start();
    let user = json!({"userId": "u", "email": "first@x"});
    assert_eq!(call(&emulator, "POST", USERS).json(&user).send().json(), user);
    call(&emulator, "POST", USERS).json(&json!({"userId": "u"})).send().problem(409);
    for method in ["PUT", "PATCH"] {
        let request = call(&emulator, method, "api/Users/u").json(&json!({"userId": "v"}));
        request.send().problem(400);
    }
    assert_eq!(call(&emulator, "GET", "api/Users/u").send().json(), user);
}

#[test]
fn a_body_that_is_not_a_user_is_refused() {
    let emulator = start();
    for body in ["", "{", "[]", "null", "\"u\"", r#"{"userId":7}"#, r#"{"userId":""}"#, r#"{"groups":7}"#] {
        call(&emulator, "POST", USERS).json_text(body).send().problem(400);
    }
    call(&emulator, "POST", USERS).body("{}").send().problem(415);
    let form = call(&emulator, "POST", USERS).header("content-type", "text/plain").body("{}");
    form.send().problem(415);
    let utf8 = call(&emulator, "POST", USERS).header("content-type", "Application/JSON; charset=utf-8");
    assert_eq!(utf8.body("{}").send().status, 201);
}

#[test]
fn a_body_over_one_mebibyte_is_too_large() {
    let emulator = start();
    let body_of = |length: usize| format!(r#"{{"x":"{}"}}"#, "x".repeat(length - 8));
    let post = |length| call(&emulator, "POST", USERS).json_text(&body_of(length)).send();
    assert_eq!(post(1 << 20).status, 201);
    post((1 << 20) + 1).problem(413);
    post(8 << 20).problem(413);
}

#[test]
fn every_answer_has_a_date_and_a_request_id_of_its_own() {
    let emulator = start();
    let replies = [
        call(&emulator, "GET", USERS).send(),
        call(&emulator, "GET", USERS).send(),
        anonymous(&emulator, "GET", USERS).send(),
        call(&emulator, "GET", "nowhere").send(),
    ];
    let ids: HashSet<_> = replies.iter().map(|reply| reply.header("x-request-id")).collect();
    assert_eq!(ids.len(), replies.len());
    for reply in &replies {
        httpdate::parse_http_date(reply.header("date")).expect("a date");
    }
}

#[test]
fn health_is_ok_for_everybody() {
    let reply = raw(start().url(), "GET", "/health").send();
    assert_eq!((reply.status, reply.text()), (200, r#"{"status":"ok"}"#));
}

#[test]
fn documented_members_have_their_types_and_an_email_belongs_to_one_user() {
    let emulator = start();
    for (member, value) in [
        ("email", json!("no address")),
        ("email", json!(5)),
        ("displayName", json!({})),
        ("userType", json!(null)),
        ("enabled", json!("yes")),
        ("owner", json!(1)),
        ("requirePasswordReset", json!(null)),
        ("lastLoggedIn", json!(5)),
        ("lastTokenRefresh", json!([])),
        ("groups", json!([1])),
    ] {
        let user = json!({"userId": "u", member: value});
        let detail = call(&emulator, "POST", USERS).json(&user).send().problem(400);
        assert!(detail.contains(member), "{user}: {detail}");
        for method in ["PUT", "PATCH"] {
            let path = format!("{USERS}/{}", demo_user(&emulator, 1));
            call(&emulator, method, &path).json(&json!({member: value})).send().problem(400);
        }
    }
    let taken = json!({"userId": "u", "email": "Amelia.Hart@EXAMPLE.com"});
    let detail = call(&emulator, "POST", USERS).json(&taken).send().problem(409);
    assert!(detail.contains("email"), "{detail}");
    let path = format!("{USERS}/{}", demo_user(&emulator, 1));
    for method in ["PUT", "PATCH"] {
        let taken = json!({"email": "amelia.hart@example.com"});
        call(&emulator, method, &path).json(&taken).send().problem(409);
        let own = json!({"email": "BEN.okafor@example.com"});
        assert_eq!(call(&emulator, method, &path).json(&own).send().status, 200, "one's own");
    }
}
