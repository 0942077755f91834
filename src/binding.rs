//! What the other languages' faces need of the core and a Rust program does not. No part of the public interface: it changes
//! with any release.

pub use crate::bell::Bell;
pub use crate::call::{Call, Context, Invocation, Step};
pub use crate::completion::CompletionQueue;
pub use crate::config::{Judge, Kind, SETTINGS, Setting, Value};
pub use crate::drivers::blocking::{run_in_lane, run_until};
pub use crate::drivers::nonblocking::{RunningCall, cached_token, ready, start, verified_at_hand};
pub use crate::events::Piece;
pub use crate::live::{Tracked, count as live_handles};
pub use crate::operation::{METHODS, MethodRow};
pub use crate::outline::{Part, Text};
pub use crate::process::{Own, PerProcess};
pub use crate::secret::Terminated;
pub use crate::session::{Session, SharedSession};
pub use crate::spelling::Spelling;
pub use crate::sync::{Mutex, RwLock};
pub use crate::time::{Now, Seconds};

use crate::config::Config;
use crate::error::Result;
use crate::transport;

/// Every setting, as JSON.
pub fn settings_json() -> String {
    serde_json::to_string(SETTINGS).expect("names and numbers are always JSON")
}

/// Everything that a client can do, as JSON.
pub fn methods_json() -> String {
    serde_json::to_string(METHODS).expect("names are always JSON")
}

/// How TLS is spoken to the service, for a look at it without a call.
///
/// # Errors
/// [`Code::Tls`](crate::Code::Tls) where it can't be set up.
pub fn tls_config(config: &Config) -> Result<rustls::ClientConfig> {
    transport::tls::config(config)
}

/// Who judges the certificates of the service; `None` where it will not show one.
pub fn judge(config: &Config) -> Option<&Judge> {
    config.judge()
}

/// The address of the proxy between, without its password.
pub fn proxy_address(config: &Config) -> Option<&str> {
    config.proxy().map(|proxy| proxy.address())
}

/// What the targets in `fuzz/` reach in no other way.
#[cfg(fuzzing)]
mod for_fuzzing {
    use std::sync::Arc;
    use std::sync::mpsc::channel;

    use crate::call::{Call, Context, Step};
    use crate::error::Result;
    pub use crate::http::HttpResponse;
    use crate::json::Scanner;
    use crate::operation::{Answer, Operation, UserId};
    use crate::reply::Reply;
    use crate::time::Now;

    /// Whether the scan of answers takes it.
    pub fn is_json(bytes: &[u8]) -> bool {
        Scanner::new(bytes, ()).is_ok_and(|mut scanner| scanner.value().is_ok() && scanner.end().is_ok())
    }

    /// The exchange that the token cache asks for.
    pub fn exchange_call(user_id: &UserId, context: &Arc<Context>, now: Now) -> Call {
        Call::exchange(user_id, context, now)
    }

    /// Has the first signing keys fetched, as a driver does: where they were looked for, and whether there are any now.
    pub fn fetch_signing_keys(
        context: &Arc<Context>,
        discovery: HttpResponse,
        key_set: HttpResponse,
        now: Now,
    ) -> (Option<String>, Result<()>) {
        // The form is right; more is not looked at without keys.
        let token = "eyJhbGciOiJFZERTQSJ9.e30.AA".into();
        let mut call = Call::new(Operation::VerifyToken { token, check: None }, context, now);
        let Step::SigningKeys(wanted) = call.step(now) else { panic!("there are keys already") };
        let (sender, told) = channel();
        let deliver = Box::new(move |outcome| drop(sender.send(outcome)));
        let answer = |response| {
            Ok(Reply::read(&Answer::Document, response, 1, now.system, false).expect("any will do"))
        };
        let fetch = context.verifier.ask(wanted.question, now, deliver).expect("nobody else asks");
        let fetch = fetch.took(answer(discovery), now);
        let place = fetch.as_ref().map(|fetch| fetch.endpoint().target.into_owned());
        drop(fetch.and_then(|fetch| fetch.took(answer(key_set), now)));
        (place, told.recv().expect("an outcome"))
    }
}
#[cfg(fuzzing)]
pub use for_fuzzing::{HttpResponse, exchange_call, fetch_signing_keys, is_json};
