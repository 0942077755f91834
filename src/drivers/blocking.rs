//! Runs a call on the caller's thread, over `reqwest::blocking`.

use std::sync::{Arc, mpsc};

use crate::call::{Call, Invocation, Step};
use crate::drivers::nonblocking;
use crate::error::Result;
use crate::reply::Reply;
use crate::session::Session;
use crate::time::Now;
use crate::tokens::{Obtained, TokenQuestion};

/// Runs an operation to its end. May be used from any thread outside an asynchronous runtime.
///
/// # Errors
/// Whatever the call ends with.
pub fn run(session: &Arc<Session>, invocation: impl Into<Invocation>) -> Result<Reply> {
    let mut call = Call::new(invocation, session.context(), Now::read());
    loop {
        match call.step(Now::read()) {
            Step::Send(request) => {
                let outcome = session.transports().send_blocking(*request)?;
                call.received(outcome, Now::read());
            }
            Step::Wait(time) => std::thread::sleep(time),
            // Not on the caller's thread, which could not be called back from a source that never answers.
            Step::ReloadKeys(work, limit) => match nonblocking::reload_blocking(work, limit)? {
                Some(outcome) => call.reloaded(outcome),
                None => call.reload_is_late(),
            },
            Step::Token(question) => match obtain(session, &question) {
                Some(outcome) => call.obtained(outcome),
                None => call.obtaining_is_late(),
            },
            Step::Done(result) => return result,
        }
    }
}

/// Waits for a user's token; `None` when it does not come in time. The exchange itself runs in the background, where no
/// caller who gives up can stop it.
fn obtain(session: &Arc<Session>, question: &TokenQuestion) -> Option<Result<Obtained>> {
    let (sender, receiver) = mpsc::sync_channel(1);
    // The receiver is gone when the wait timed out.
    let deliver = Box::new(move |result| drop(sender.try_send(result)));
    if let Some(exchange) = session.tokens().ask(question, Now::read(), deliver) {
        nonblocking::exchange(session, exchange);
    }
    receiver.recv_timeout(question.timeout).ok()
}
