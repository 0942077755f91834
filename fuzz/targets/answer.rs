//! Whole answers: bodies of pages, users and problems, with `Retry-After`, `Date` and the like.
#![no_main]

use std::sync::{Arc, LazyLock};

use agglestone::binding::{Call, Context, HttpResponse, Now, Step, exchange_call};
use agglestone::{Config, Operation, PageRequest, UserId};
use http::HeaderValue;
use http::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, LOCATION, RETRY_AFTER};
use libfuzzer_sys::fuzz_target;

const KEY: &str = "planted-primary-key";

static CONTEXT: LazyLock<Arc<Context>> = LazyLock::new(|| {
    let config = Config::builder().tenant_id("t").api_key(KEY).max_retries(0).build_with(|_| None);
    Context::new(config.expect("a good configuration"))
});

// What is asked, the status, and each header in a line; then the body.
fuzz_target!(|input: &[u8]| {
    let mut lines = input.splitn(8, |byte| *byte == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let (asked, status) = (line(), line());
    let status = std::str::from_utf8(status).ok().and_then(|text| text.parse().ok());
    let (Some(status @ 200..600), id) = (status, UserId::new("u-1").expect("an id")) else { return };
    let values = [(); 5].map(|()| line());
    let body = line();
    let now = Now::read();
    let mut call = match asked {
        b"users" => Call::new(Operation::GetUsers(PageRequest::default()), &CONTEXT, now),
        b"user" => Call::new(Operation::GetUser(id), &CONTEXT, now),
        _ => exchange_call(&id, &CONTEXT, now),
    };
    let names = [RETRY_AFTER, DATE, CONTENT_TYPE, LOCATION, HeaderName::from_static("x-request-id")];
    let mut headers = HeaderMap::new();
    for (name, value) in names.into_iter().zip(values) {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.insert(name, value);
        }
    }
    if !matches!(call.step(now), Step::Send(_)) {
        return;
    }
    call.received(Ok(HttpResponse { status, headers, body: body.to_vec() }), now);
    if let Step::Done(Err(error)) = call.step(now) {
        let text = error.to_string();
        assert!(text.len() < 4000 && !text.contains(|c: char| c.is_control()), "{text:?}");
        assert!(!text.contains(KEY), "{text}");
    }
});
