//! Tokens: the claims that are read of one, and the answer around it.
#![no_main]

use std::sync::{Arc, LazyLock};

use agglestone::binding::{Call, Context, HttpResponse, Now, exchange_call};
use agglestone::{Config, UserId};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use libfuzzer_sys::fuzz_target;

static CONTEXT: LazyLock<Arc<Context>> = LazyLock::new(|| {
    let config = Config::builder().tenant_id("t").api_key("k").max_retries(0).build_with(|_| None);
    Context::new(config.expect("a good configuration"))
});

fuzz_target!(|input: &str| {
    let mut lines = input.splitn(3, '\n');
    let [user, beside, claims] = [(); 3].map(|()| lines.next().unwrap_or_default());
    let Ok(user) = UserId::new(user) else { return };
    let claims = URL_SAFE_NO_PAD.encode(claims);
    let body = format!(r#"{{"token":"e30.{claims}.c2ln"{beside}}}"#);
    let now = Now::read();
    let mut call: Call = exchange_call(&user, &CONTEXT, now);
    drop(call.step(now));
    call.received(Ok(HttpResponse { status: 200, headers: HeaderMap::new(), body: body.into_bytes() }), now);
    drop(call.step(now));
});
