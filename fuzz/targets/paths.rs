//! Ids, paths, queries and headers: what is accepted arrives as it was given, as one segment where it is an id.
#![no_main]

use std::sync::{Arc, LazyLock};

use agglestone::binding::{Call, Context, Now, Step};
use agglestone::{Config, Operation, Request, UserId};
use libfuzzer_sys::fuzz_target;
use url::Url;

static CONTEXT: LazyLock<Arc<Context>> = LazyLock::new(|| {
    let config = Config::builder().tenant_id("t").api_key("k").build_with(|_| None);
    Context::new(config.expect("a good configuration"))
});

/// The target that is sent, if any is, as a URL parser reads it.
fn sent(operation: Operation) -> Option<Url> {
    let now = Now::read();
    let Step::Send(request) = Call::new(operation, &CONTEXT, now).step(now) else { return None };
    let text = request.target.to_string();
    let read = Url::parse("http://host").and_then(|host| host.join(&text)).expect("a target is a path");
    assert_eq!(&read[url::Position::BeforePath..], text, "the parser reads what was sent");
    assert!(text.starts_with("/tenant/t/"), "{text}");
    Some(read)
}

fuzz_target!(|input: &str| {
    let mut lines = input.splitn(3, '\n');
    let [first, second, third] = [(); 3].map(|()| lines.next().unwrap_or_default());
    if let Ok(id) = UserId::new(first) {
        let url = sent(Operation::GetUser(id)).expect("a user can be asked for");
        assert_eq!(url.path_segments().map(Iterator::count), Some(6), "{url}");
    }
    let request = Request::new("GET", first).map(|request| request.query(second, third));
    if let Ok(request) = request {
        if let Some(url) = sent(Operation::Request(request.clone())) {
            let pairs: Vec<_> = url.query_pairs().collect();
            assert_eq!(pairs, [(second.into(), third.into())]);
        }
        drop(request.header(second, third));
    }
    drop(Request::new(first, second));
});
