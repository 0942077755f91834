//! Runs a call on the caller's thread: over `reqwest::blocking`, or over a connection that this thread drives itself.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use crate::call::{Call, Invocation, Step};
use crate::drivers::nonblocking;
use crate::error::{Code, Error, Result};
use crate::http::{Failure, HttpRequest, HttpResponse};
use crate::reply::Reply;
use crate::session::Session;
use crate::time::Now;
use crate::transport::Interrupt;

/// Runs an operation to its end. May be used from any thread outside an asynchronous runtime.
///
/// # Errors
/// Whatever the call ends with.
pub fn run(session: &Arc<Session>, invocation: impl Into<Invocation>) -> Result<Reply> {
    drive(session, invocation.into(), &mut None, |request, _| {
        session.transports().send_blocking(request).map(Some)
    })
}

/// The same over a connection that this thread drives.
///
/// # Errors
/// Whatever the call ends with.
pub fn run_in_lane(session: &Arc<Session>, invocation: impl Into<Invocation>) -> Result<Reply> {
    drive(session, invocation.into(), &mut None, |request, interrupt| {
        session.transports().send_in_lane(request, interrupt)
    })
}

/// The same, asking every so often whether to go on. The call ends also when the client is closed.
///
/// # Errors
/// Whatever the call ends with: [`Code::Cancelled`] when `interrupted` says so.
pub fn run_until(
    session: &Arc<Session>,
    invocation: impl Into<Invocation>,
    every: Duration,
    mut interrupted: impl FnMut() -> bool,
) -> Result<Reply> {
    let mut ask = || session.is_closed() || interrupted();
    let mut interrupt = Some(Interrupt { every, ask: &mut ask });
    drive(session, invocation.into(), &mut interrupt, |request, interrupt| {
        session.transports().send_in_lane(request, interrupt)
    })
}

type Sent = Result<Option<Result<HttpResponse, Failure>>>;

/// `send` answers `None` when it was interrupted.
fn drive(
    session: &Arc<Session>,
    invocation: Invocation,
    interrupt: &mut Option<Interrupt<'_>>,
    mut send: impl FnMut(HttpRequest, &mut Option<Interrupt<'_>>) -> Sent,
) -> Result<Reply> {
    let mut call = Call::new(invocation, session.context(), Now::read());
    loop {
        let went_on = match call.step(Now::read()) {
            Step::Send(request) => {
                send(*request, interrupt)?.map(|outcome| call.received(outcome, Now::read()))
            }
            Step::Wait(time) => match wait::<()>(None, time, interrupt) {
                Waited::Interrupted => None,
                _ => Some(()),
            },
            // What may take for ever never runs on the caller's thread: a source that hangs, or an exchange for many.
            Step::ReloadKeys(work, limit) => {
                let (sender, receiver) = sync_channel(1);
                nonblocking::reload_in_background(work, move |outcome| drop(sender.try_send(outcome)))?;
                match wait(Some(&receiver), limit, interrupt) {
                    Waited::Got(outcome) => Some(call.reloaded(outcome)),
                    Waited::Late => Some(call.reload_is_late()),
                    Waited::Interrupted => None,
                }
            }
            Step::Token(question) => {
                let (sender, receiver) = sync_channel(1);
                // The receiver is gone when the wait is over.
                let deliver = Box::new(move |result| drop(sender.try_send(result)));
                if let Some(exchange) = session.tokens().ask(&question, Now::read(), deliver) {
                    nonblocking::exchange(session, exchange);
                }
                match wait(Some(&receiver), question.timeout, interrupt) {
                    Waited::Got(outcome) => Some(call.obtained(outcome)),
                    Waited::Late => Some(call.obtaining_is_late()),
                    Waited::Interrupted => None,
                }
            }
            Step::Done(result) => return result,
        };
        if went_on.is_none() {
            let cancelled = || Error::new(Code::Cancelled, "the call was cancelled");
            return Err(if session.is_closed() { call.closed() } else { cancelled() });
        }
    }
}

enum Waited<T> {
    Got(T),
    Late,
    Interrupted,
}

/// Waits for something, or only for the time to pass.
fn wait<T>(
    receiver: Option<&Receiver<T>>,
    limit: Duration,
    interrupt: &mut Option<Interrupt<'_>>,
) -> Waited<T> {
    let end = Instant::now() + limit;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let slice = interrupt.as_ref().map_or(left, |interrupt| left.min(interrupt.every));
        match receiver.map(|receiver| receiver.recv_timeout(slice)) {
            Some(Ok(got)) => return Waited::Got(got),
            Some(Err(RecvTimeoutError::Timeout)) => {}
            // Whoever promised an answer is gone, which is as good as late.
            Some(Err(RecvTimeoutError::Disconnected)) => return Waited::Late,
            None => std::thread::sleep(slice),
        }
        if slice == left {
            return Waited::Late;
        }
        if interrupt.as_mut().is_some_and(|interrupt| (interrupt.ask)()) {
            return Waited::Interrupted;
        }
    }
}
