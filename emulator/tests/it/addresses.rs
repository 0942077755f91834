//! Callers reach an emulator under many addresses: what it says of its own, and which web pages may call it.

use agglestone_emulator::{Emulator, Options, StartError, start};
use serde_json::json;

use crate::http::{Reply, Request, anonymous, as_user, call, demo_user, raw};

const CONFIGURATION: &str = "v2.0/Auth/.well-known/openid-configuration";

/// The issuer and the address of the key set, as a request to discovery with these headers is told.
fn issuer(emulator: &Emulator, headers: &[(&str, &str)]) -> String {
    let request = anonymous(emulator, "GET", CONFIGURATION);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(name, *value));
    let answer = request.send().json();
    let issuer = answer["issuer"].as_str().expect("an issuer").to_owned();
    assert_eq!(answer["jwks_uri"], format!("{issuer}/.well-known/jwks.json"));
    let base = issuer.strip_suffix(&format!("/tenant/{}/v2.0/Auth", emulator.tenant_id()));
    base.unwrap_or_else(|| panic!("{issuer}")).to_owned()
}

/// The token that an exchange under the host `host` answers.
fn token_under(emulator: &Emulator, host: &str) -> String {
    let exchange = call(emulator, "POST", "v2.0/Auth/token-exchange").header("host", host);
    let answer = exchange.json(&json!({"userId": demo_user(emulator, 0)})).send().json();
    answer["token"].as_str().expect("a token").to_owned()
}

#[test]
fn issuer_and_key_set_are_where_the_request_went() {
    let emulator = start();
    for host in ["emulator:8970", "stand-in.example", "[::1]:8970", "10.0.0.7"] {
        assert_eq!(issuer(&emulator, &[("host", host)]), format!("http://{host}"));
    }
    for hostile in ["a@b", "x<script>", "a/b", ""] {
        let headers = [("host", hostile)];
        let reply =
            headers.iter().fold(anonymous(&emulator, "GET", CONFIGURATION), |request, (name, value)| {
                request.header(name, *value)
            });
        let reply = reply.send();
        let text = reply.text();
        assert!(
            reply.status == 400 || text.contains(&format!("\"{}/tenant", emulator.url())),
            "{hostile}: {text}"
        );
    }
}

#[test]
fn a_token_is_accepted_under_every_address() {
    let emulator = start();
    let token = token_under(&emulator, "elsewhere:1");
    assert_eq!(as_user(&emulator, &token, "GET", "api/Users").send().status, 200);
    let elsewhere = anonymous(&emulator, "GET", "api/Users").header("host", "another:2");
    assert_eq!(elsewhere.header("authorization", format!("Bearer {token}")).send().status, 200);
}

#[test]
fn a_public_url_is_said_to_everybody() {
    let emulator = Options::new().public_url("https://auth.test:8443/").start().expect("a start");
    let own = format!("http://{}", emulator.address());
    let asked = raw(&own, "GET", &format!("/tenant/{}/{CONFIGURATION}", emulator.tenant_id()));
    let issuer = asked.send().json()["issuer"].as_str().expect("an issuer").to_owned();
    assert_eq!(issuer, format!("https://auth.test:8443/tenant/{}/v2.0/Auth", emulator.tenant_id()));
    assert_eq!(emulator.url(), "https://auth.test:8443");
    assert_eq!(emulator.ready().portal_url, "https://auth.test:8443/portal");
    let portal = |host: &str| raw(&own, "GET", "/portal").header("host", host).send().status;
    assert_eq!((portal("auth.test:8443"), portal("other.test")), (200, 403));
    for url in ["", "emulator:8970", "ftp://a", "http://a/b", "http://a?b", "http://u@a", "http://a b"] {
        let error = Options::new().public_url(url).start().expect_err("no base URL");
        assert!(matches!(error, StartError::PublicUrl(_)), "{url}: {error}");
    }
}

#[test]
fn what_a_proxy_says_is_believed_where_it_was_allowed_to() {
    let headers = [("x-forwarded-proto", "https"), ("x-forwarded-host", "auth.test")];
    let trusting = Options::new().trust_forwarded(true).start().expect("a start");
    assert_eq!(issuer(&trusting, &headers), "https://auth.test");
    assert_eq!(issuer(&trusting, &[("forwarded", "proto=https;host=a.test")]), "https://a.test");
    let wary = start();
    assert_eq!(issuer(&wary, &headers), wary.url());
}

#[test]
fn the_portal_answers_to_the_names_it_was_given() {
    let emulator =
        Options::new().allowed_host("emulator").allowed_host("Stand-In.test").start().expect("a start");
    let portal = |host: &str| raw(emulator.url(), "GET", "/portal").header("host", host).send().status;
    assert_eq!((portal("emulator:8970"), portal("stand-in.test"), portal("evil.test")), (200, 200, 403));
}

fn preflight(emulator: &Emulator, path: &str, origin: &str) -> Reply {
    asked_by(raw(emulator.url(), "OPTIONS", path), origin)
        .header("access-control-request-method", "PATCH")
        .header("access-control-request-headers", "authorization,x-more")
        .send()
}

fn asked_by(request: Request, origin: &str) -> Request {
    request.header("origin", origin)
}

#[test]
fn web_pages_of_the_given_origins_may_call_the_service_and_nothing_else() {
    let emulator =
        Options::new().cors("http://localhost:5173").cors("https://app.test").start().expect("a start");
    let users = format!("/tenant/{}/api/Users", emulator.tenant_id());
    let allowed = preflight(&emulator, &users, "https://app.test");
    assert_eq!(allowed.header("access-control-allow-origin"), "https://app.test");
    assert_eq!(allowed.header("access-control-allow-headers"), "authorization,x-more");
    assert!(allowed.header("access-control-allow-methods").contains("PATCH"));
    assert_eq!(emulator.requests(), [], "a preflight is no request to the service");
    let called = asked_by(call(&emulator, "GET", "api/Users"), "http://localhost:5173").send();
    assert_eq!(called.header("access-control-allow-origin"), "http://localhost:5173");
    assert!(called.header("access-control-expose-headers").contains("x-request-id"));
    let refused = asked_by(anonymous(&emulator, "GET", "api/Users"), "https://app.test").send();
    assert_eq!((refused.status, refused.header("access-control-allow-origin")), (401, "https://app.test"));
    let other = preflight(&emulator, &users, "https://evil.test");
    assert_eq!(other.headers("access-control-allow-origin"), [""; 0]);
    for path in ["/_emulator/requests", "/portal/api/keys", "/portal"] {
        let reply = preflight(&emulator, path, "https://app.test");
        assert_eq!(reply.headers("access-control-allow-origin"), [""; 0], "{path}");
    }
    for origin in ["localhost", "http://a/", "http://a/b", "", "http://a b"] {
        let error = Options::new().cors(origin).start().expect_err("no origin");
        assert!(matches!(error, StartError::Origin(_)), "{origin}: {error}");
    }
}

#[test]
fn without_an_origin_no_web_page_may_call_and_with_a_star_every_one_may() {
    let plain = start();
    let reply = asked_by(call(&plain, "GET", "api/Users"), "https://app.test").send();
    assert!(reply.headers.iter().all(|(name, _)| !name.starts_with("access-control")), "{reply:?}");
    let open = Options::new().cors("*").start().expect("a start");
    let reply = asked_by(call(&open, "GET", "api/Users"), "https://app.test").send();
    assert_eq!(reply.header("access-control-allow-origin"), "*");
}
