//! Everything that Rust prints of what its driver has had in hand: `Debug`, `Display`, and logs at their loudest.

use std::fmt::Debug;
use std::io::stderr;
use std::sync::Mutex;

use agglestone::binding::{Call, Now, Session, Step};
use agglestone::{Config, Error, Operation, PageRequest};

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

/// Prints what the core and everything below it logs, all of it.
pub fn log_everything() {
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(stderr)
        .with_ansi(false)
        .init();
}
