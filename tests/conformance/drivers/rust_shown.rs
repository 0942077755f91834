//! Everything that Rust prints of what its driver has had in hand: `Debug`, `Display`, and logs at their loudest.

use std::fmt::Debug;
use std::io::stderr;
use std::sync::Mutex;

use agglestone::binding::{Call, Now, Session, Step};
use agglestone::{Config, Error, Operation, PageRequest};
use tracing::Subscriber;
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

static SHOWN: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Keeps what `{:?}` prints.
pub fn debug(value: &impl Debug) {
    SHOWN.lock().expect("no panic while held").extend([format!("{value:?}"), format!("{value:#?}")]);
}

/// Keeps every form of an error.
pub fn error(error: &Error) {
    debug(error);
    SHOWN.lock().expect("no panic while held").push(error.to_string());
}

/// Keeps the insides of a call that is about to send a key.
pub fn internals(config: &Config) {
    let session = Session::new(config.clone());
    let mut call = Call::new(Operation::GetUsers(PageRequest::default()), session.context(), Now::read());
    let step = call.step(Now::read());
    if let Step::Send(request) = &step {
        debug(&request.headers);
    }
    debug(&(&session, &call, &step));
}

/// What was kept since the last time.
pub fn take() -> Vec<String> {
    std::mem::take(&mut *SHOWN.lock().expect("no panic while held"))
}

/// Prints what the core and everything below it logs, all of it, and keeps what spans say of calls.
pub fn log_everything() {
    let printed = tracing_subscriber::fmt::layer().with_writer(stderr).with_ansi(false);
    tracing_subscriber::registry().with(LevelFilter::TRACE).with(printed).with(Spans).init();
}

/// What spans said since the last time.
pub fn take_spans() -> Vec<String> {
    std::mem::take(&mut *SPANS.lock().expect("no panic while held"))
}

static SPANS: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Spans;

impl<S: Subscriber> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        if attributes.metadata().target() == "agglestone" {
            let text = format!("{} {:?}", attributes.metadata().name(), attributes.values());
            SPANS.lock().expect("no panic while held").push(text);
        }
    }

    fn on_record(&self, _: &Id, values: &Record<'_>, _: Context<'_, S>) {
        SPANS.lock().expect("no panic while held").push(format!("{values:?}"));
    }
}
