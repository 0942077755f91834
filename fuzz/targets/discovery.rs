//! The discovery document: where issuer and keys are, and that nobody is led away from the configured host.
#![no_main]

use agglestone::Config;
use agglestone::binding::{Context, HttpResponse, Now, fetch_signing_keys};
use http::header::{CACHE_CONTROL, HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use url::Url;

const BASE_URL: &str = "https://auth.example:8443";

fn answer(body: &[u8], cache_control: &[u8]) -> HttpResponse {
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_bytes(cache_control) {
        headers.insert(CACHE_CONTROL, value);
    }
    HttpResponse { status: 200, headers, body: body.to_vec() }
}

// `Cache-Control` of the key set, then the document.
fuzz_target!(|input: &[u8]| {
    let mut lines = input.splitn(2, |byte| *byte == b'\n');
    let [cache_control, document] = [(); 2].map(|()| lines.next().unwrap_or_default());
    let config = Config::builder().tenant_id("t").api_key("k").base_url(BASE_URL).build_with(|_| None);
    let context = Context::new(config.expect("a good configuration"));
    let key_set = answer(br#"{"keys":[]}"#, cache_control);
    let (place, outcome) = fetch_signing_keys(&context, answer(document, b""), key_set, Now::read());
    assert_eq!(place.is_some(), outcome.is_ok());
    if let Err(error) = outcome {
        let text = error.to_string();
        assert!(text.len() < 200 && !text.contains(|c: char| c.is_control() || !c.is_ascii()), "{text:?}");
        return;
    }
    let document: Value = serde_json::from_slice(document).expect("serde_json takes it");
    let origin = Url::parse(BASE_URL).expect("a URL").origin();
    let url = |name: &str| Url::parse(document[name].as_str().expect("a text")).expect("a URL");
    assert_eq!((url("issuer").origin(), url("jwks_uri").origin()), (origin.clone(), origin));
    let asked = Url::parse(&format!("{BASE_URL}{}", place.expect("a place"))).expect("a URL");
    assert_eq!(asked, url("jwks_uri"));
});
