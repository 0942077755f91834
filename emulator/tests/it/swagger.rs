//! The OpenAPI document, Swagger UI, and the page that leads to them.

use agglestone_emulator::{Options, start};
use serde_json::json;

use crate::http::{control, raw};

#[test]
fn the_document_names_the_address_it_was_asked_at_and_takes_no_parameter() {
    let emulator = start();
    let document = raw(emulator.url(), "GET", "/openapi.json").header("host", "emulator:8970").send();
    assert_eq!(document.status, 200);
    let document = document.json();
    assert_eq!(document["openapi"], "3.1.0");
    let server = format!("http://emulator:8970/tenant/{}", emulator.tenant_id());
    assert_eq!(document["servers"], json!([{"url": server}]));
    raw(emulator.url(), "GET", "/openapi.json?yaml=1").send().problem(400);
    assert_eq!(emulator.requests(), [], "reading the document is no request to the service");
}

#[test]
fn swagger_ui_comes_from_the_binary_and_holds_no_key() {
    let emulator = start();
    for (path, kind) in [
        ("/swagger", "text/html; charset=utf-8"),
        ("/swagger/page.js", "text/javascript; charset=utf-8"),
        ("/swagger/swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
        ("/swagger/swagger-ui.css", "text/css; charset=utf-8"),
    ] {
        let reply = raw(emulator.url(), "GET", path).send();
        assert_eq!((reply.status, reply.header("content-type")), (200, kind), "{path}");
        assert!(reply.header("content-security-policy").contains("script-src 'self';"), "{path}");
        assert_eq!(reply.header("x-frame-options"), "DENY");
        let text = reply.text();
        for secret in [emulator.primary_api_key(), emulator.control_token().to_owned()] {
            assert!(!text.contains(&secret), "{path}");
        }
        raw(emulator.url(), "GET", path).header("host", "evil.example").send().problem(403);
    }
    assert_eq!(raw(emulator.url(), "GET", "/swagger/").send().header("location"), "/swagger");
    raw(emulator.url(), "GET", "/swagger/nothing").send().problem(404);
}

#[test]
fn the_page_of_swagger_ui_brings_the_cookie_that_its_script_needs() {
    let emulator = start();
    let page = raw(emulator.url(), "GET", "/swagger").send();
    let cookie = page.header("set-cookie").split(';').next().expect("a cookie").to_owned();
    let reveal = raw(emulator.url(), "POST", "/portal/api/keys/primary/reveal").header("cookie", cookie);
    let revealed = reveal.header("x-agglestone-portal", "1").send();
    assert_eq!(revealed.json()["apiKey"], emulator.primary_api_key());
}

#[test]
fn the_first_page_leads_on() {
    let emulator = Options::new().start().expect("a start");
    let page = raw(emulator.url(), "GET", "/").send();
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    for place in ["\"/portal\"", "\"/swagger\"", "\"/openapi.json\"", "emulator/README.md\""] {
        assert!(page.text().contains(place), "{place}");
    }
    assert_eq!(control(&emulator, "GET", "requests").send().json(), json!([]));
}
