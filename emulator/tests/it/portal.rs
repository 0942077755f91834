//! The portal from outside a browser: what it serves to whom, and what it keeps to itself.

use agglestone_emulator::{Emulator, Fault, Slot, fingerprint, start};
use serde_json::{Value, json};

use crate::http::{Reply, Request, anonymous, call, control, raw};

/// The cookie that a browser gets with the page.
fn cookie(emulator: &Emulator) -> String {
    let page = raw(emulator.url(), "GET", "/portal").send();
    assert_eq!(page.status, 200, "{page:?}");
    page.header("set-cookie").split(';').next().expect("a cookie").to_owned()
}

/// A call as the page's script makes it.
fn script(emulator: &Emulator, method: &str, path: &str) -> Request {
    raw(emulator.url(), method, &format!("/portal/api/{path}"))
        .header("cookie", cookie(emulator))
        .header("x-agglestone-portal", "1")
}

fn secrets(emulator: &Emulator) -> [String; 3] {
    [emulator.primary_api_key(), emulator.secondary_api_key(), emulator.control_token().to_owned()]
}

#[track_caller]
fn holds_no_secret(emulator: &Emulator, reply: &Reply) {
    for secret in secrets(emulator) {
        assert!(!reply.text().contains(&secret), "{secret} in {}", reply.text());
        assert!(reply.headers.iter().all(|(_, value)| !value.contains(&secret)), "{reply:?}");
    }
}

#[test]
fn the_page_and_its_parts_hold_no_key_and_may_be_neither_framed_nor_kept() {
    let emulator = start();
    for (path, status, kind) in [
        ("/portal", 200, "text/html; charset=utf-8"),
        ("/portal/page.css", 200, "text/css; charset=utf-8"),
        ("/portal/page.js", 200, "text/javascript; charset=utf-8"),
        ("/portal/nothing", 404, "application/problem+json"),
        ("/portal/api/keys", 403, "application/problem+json"),
    ] {
        let reply = raw(emulator.url(), "GET", path).send();
        assert_eq!((reply.status, reply.header("content-type")), (status, kind), "{path}");
        let policy = reply.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(reply.header("x-frame-options"), "DENY");
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert_eq!(reply.header("cache-control"), "no-store");
        holds_no_secret(&emulator, &reply);
    }
    let overview = script(&emulator, "GET", "keys").send();
    assert_eq!((overview.status, overview.header("cache-control")), (200, "no-store"));
    holds_no_secret(&emulator, &overview);
    assert_eq!(raw(emulator.url(), "GET", "/portal/").send().header("location"), "/portal");
}

#[test]
fn the_cookie_is_for_this_portal_alone_and_out_of_reach_for_scripts() {
    let (emulator, other) = (start(), start());
    let page = raw(emulator.url(), "GET", "/portal").send();
    let given = page.header("set-cookie");
    assert!(given.starts_with(&format!("agglestone-portal-{}=", emulator.address().port())), "{given}");
    assert!(given.ends_with("; Path=/portal; HttpOnly; SameSite=Strict"), "{given}");
    let call = |cookies: String| {
        let request = raw(emulator.url(), "GET", "/portal/api/keys").header("x-agglestone-portal", "1");
        request.header("cookie", cookies).send()
    };
    // A browser sends the cookies of all ports of a host.
    assert_eq!(call(format!("{}; {}", cookie(&other), cookie(&emulator))).status, 200);
    call(cookie(&other)).problem(403);
    call(format!("{}x", cookie(&emulator))).problem(403);
    let value = cookie(&other).split_once('=').expect("a value").1.to_owned();
    call(format!("agglestone-portal-{}={value}", emulator.address().port())).problem(403);
}

#[test]
fn calls_are_only_taken_from_the_page_itself() {
    let emulator = start();
    let keys = secrets(&emulator);
    for (method, path) in [
        ("GET", "keys"),
        ("POST", "keys/primary"),
        ("POST", "keys/primary/reveal"),
        ("GET", "requests"),
        ("DELETE", "faults"),
        ("GET", "users"),
        ("POST", "users/x"),
        ("POST", "users/x/token"),
    ] {
        let bare = || raw(emulator.url(), method, &format!("/portal/api/{path}")).json(&json!({}));
        bare().send().problem(403);
        bare().header("cookie", cookie(&emulator)).send().problem(403);
        bare().header("x-agglestone-portal", "1").send().problem(403);
        let token = format!("Bearer {}", emulator.control_token());
        bare().header("authorization", token).header("x-agglestone-portal", "1").send().problem(403);
        let port = emulator.address().port();
        for origin in ["null", "http://evil.example", "http://127.0.0.1", &format!("http://localhost:{port}")]
        {
            script(&emulator, method, path).header("origin", origin).send().problem(403);
        }
        // What a browser asks before it lets another page add a header.
        let asked = raw(emulator.url(), "OPTIONS", &format!("/portal/api/{path}"))
            .header("origin", "http://evil.example");
        let reply = asked.header("access-control-request-headers", "x-agglestone-portal").send();
        assert_eq!(reply.headers("access-control-allow-origin"), [""; 0]);
    }
    assert_eq!(secrets(&emulator), keys);
    assert_eq!(script(&emulator, "GET", "keys").header("origin", emulator.url()).send().status, 200);
}

#[test]
fn a_name_that_may_be_somebody_elses_gets_nothing() {
    let emulator = start();
    let port = emulator.address().port();
    let at = |path: &str, host: String| raw(emulator.url(), "GET", path).header("host", host).send();
    for path in ["/portal", "/portal/page.js", "/portal/api/keys"] {
        for host in ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "me@localhost", ""] {
            let reply = at(path, format!("{host}:{port}"));
            assert!(matches!(reply.status, 400 | 403), "{host}: {reply:?}");
            assert_eq!(reply.headers("set-cookie"), [""; 0], "{host}");
        }
    }
    let twice =
        raw(emulator.url(), "GET", "/portal").header("host", "localhost").header("host", "evil.example");
    twice.send().problem(403);
    for host in ["localhost", "LOCALHOST", "127.0.0.1", "[::1]", "portal.localhost", "192.168.7.7"] {
        assert_eq!(at("/portal", format!("{host}:{port}")).status, 200, "{host}");
    }
}

#[test]
fn a_key_is_revealed_when_asked_for_by_its_name() {
    let emulator = start();
    for (slot, key) in [("primary", emulator.primary_api_key()), ("secondary", emulator.secondary_api_key())]
    {
        let reply = script(&emulator, "POST", &format!("keys/{slot}/reveal")).send();
        assert_eq!(reply.json(), json!({"apiKey": key, "fingerprint": fingerprint(key.as_bytes())}));
        assert_eq!(reply.header("cache-control"), "no-store");
    }
    script(&emulator, "GET", "keys/primary/reveal").send().problem(405);
    script(&emulator, "POST", "keys/both/reveal").send().problem(404);
}

#[test]
fn a_key_is_generated_in_place_of_the_one_that_was_looked_at() {
    let emulator = start();
    let (old, secondary) = (emulator.primary_api_key(), emulator.secondary_api_key());
    let generate = |body: Value| script(&emulator, "POST", "keys/primary").json(&body).send();
    for body in [json!({}), json!([]), json!({"replaces": 1}), json!({"replaces": "x", "more": 1})] {
        generate(body).problem(400);
    }
    script(&emulator, "POST", "keys/primary").send().problem(415);
    script(&emulator, "POST", "keys/both").json(&json!({"replaces": ""})).send().problem(404);
    generate(json!({"replaces": fingerprint(secondary.as_bytes())})).problem(409);
    assert_eq!(emulator.primary_api_key(), old);

    let replaces = json!({"replaces": fingerprint(old.as_bytes())});
    let reply = generate(replaces.clone());
    let new = emulator.primary_api_key();
    assert_ne!(new, old);
    assert_eq!((reply.status, reply.json()), (200, json!({"fingerprint": fingerprint(new.as_bytes())})));
    generate(replaces).problem(409);
    assert_eq!((emulator.primary_api_key(), emulator.secondary_api_key()), (new.clone(), secondary.clone()));
    let accepted = [old, new, secondary]
        .map(|key| anonymous(&emulator, "GET", "api/Users").header("x-api-key", key).send().status);
    assert_eq!(accepted, [401, 200, 200]);
}

#[test]
fn the_page_shows_where_it_is_and_the_report_of_the_control_api() {
    let emulator = start();
    emulator.generate_key(Slot::Secondary);
    call(&emulator, "GET", "api/Users").header("user-agent", "shop/1.0").send();
    let overview = script(&emulator, "GET", "keys").send().json();
    let report = control(&emulator, "GET", "keys").send().json();
    assert_eq!(
        (&overview["url"], &overview["tenantId"]),
        (&json!(emulator.url()), &json!(emulator.tenant_id()))
    );
    assert_eq!(overview["keys"], report["keys"]);
    assert_eq!(overview["keys"][0]["callers"][0]["userAgent"], "shop/1.0");
}

#[test]
fn looking_at_the_portal_leaves_no_trace_and_meets_no_fault() {
    let emulator = start();
    emulator.add_fault(Fault::on("*").times(0).answer(503));
    assert_eq!(script(&emulator, "GET", "keys").send().status, 200);
    assert_eq!(raw(emulator.url(), "GET", "/portal/page.js").send().status, 200);
    assert_eq!(emulator.requests(), []);
    // What only begins alike is not the portal.
    assert_eq!(raw(emulator.url(), "GET", "/portals").send().status, 503);
}

#[test]
fn who_signs_in_with_the_control_token_gets_the_cookie() {
    let emulator = start();
    let sign_in = |body: String| raw(emulator.url(), "POST", "/portal/sign-in").body(body);
    let token = emulator.control_token();
    let signed_in = sign_in(format!("token={token}")).header("origin", emulator.url()).send();
    assert_eq!((signed_in.status, signed_in.header("location")), (303, "/portal"));
    assert_eq!(signed_in.header("set-cookie").split(';').next(), Some(cookie(&emulator).as_str()));
    for body in [
        "",
        "token=",
        "token=wrong",
        &format!("token={token}x"),
        &format!("token={}", emulator.primary_api_key()),
    ] {
        let refused = sign_in(body.to_owned()).send();
        assert_eq!(refused.status, 403, "{refused:?}");
        assert!(refused.text().contains("Wrong control token."));
        assert_eq!(refused.headers("set-cookie"), [""; 0]);
    }
    sign_in(format!("token={token}")).header("origin", "http://evil.example").send().problem(403);
    sign_in("x".repeat(5000)).send().problem(413);
    raw(emulator.url(), "GET", &format!("/portal/sign-in?token={token}")).send().problem(405);
}
