//! Runs a call on the caller's thread: over `reqwest::blocking`, or over a connection that this thread drives itself.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;

use crate::call::{Call, Invocation, Step};
use crate::drivers::nonblocking;
use crate::error::{Code, Error, Result};
use crate::http::{Failure, HttpRequest, HttpResponse};
use crate::live::Tracked;
use crate::reply::Reply;
use crate::session::Session;
use crate::time::Now;
use crate::transport::Interrupt;

/// Runs an operation to its end, on any thread outside an asynchronous runtime.
///
/// # Errors
/// Whatever the call ends with; [`Code::InvalidArgument`] within an asynchronous runtime.
pub fn run(session: &Arc<Session>, invocation: impl Into<Invocation>) -> Result<Reply> {
    // Its transport would panic here, or stop every other task of this thread.
    if Handle::try_current().is_ok() {
        let what = "a blocking client can't be used within an asynchronous runtime; use AsyncClient there";
        return Err(Error::new(Code::InvalidArgument, what));
    }
    drive(session, invocation.into(), &mut None, |request, _| {
        session.transports().send_blocking(request).map(Some)
    })
}

/// The same over a connection that this thread drives.
///
/// # Errors
/// Whatever the call ends with.
pub fn run_in_lane(session: &Arc<Session>, invocation: impl Into<Invocation>) -> Result<Reply> {
    drive_lane(session, invocation.into(), &mut None)
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
    drive_lane(session, invocation.into(), &mut interrupt)
}

fn drive_lane(
    session: &Arc<Session>,
    invocation: Invocation,
    interrupt: &mut Option<Interrupt<'_>>,
) -> Result<Reply> {
    let result = drive(session, invocation, interrupt, |request, interrupt| {
        session.transports().send_in_lane(request, interrupt)
    });
    // The connection must end some time, also when no call comes after this one.
    if session.transports().lanes_want_sweeping() {
        nonblocking::sweep_lanes(session);
    }
    result
}

type Sent = Result<Option<Result<HttpResponse, Failure>>>;

/// `send` answers `None` when it was interrupted.
fn drive(
    session: &Arc<Session>,
    invocation: Invocation,
    interrupt: &mut Option<Interrupt<'_>>,
    mut send: impl FnMut(Box<HttpRequest>, &mut Option<Interrupt<'_>>) -> Sent,
) -> Result<Reply> {
    // A call under way, for tests that look for what is left behind.
    let _tracked = Tracked::new();
    nonblocking::listen(session);
    let mut now = Now::read();
    let mut call = Call::new(invocation, session.context(), now);
    loop {
        let interrupted = match call.step(now) {
            Step::Send(request) => match send(request, interrupt) {
                Ok(Some(outcome)) => {
                    now = Now::read();
                    call.received(outcome, now);
                    continue;
                }
                Ok(None) => true,
                Err(error) => return Err(call.ended(error)),
            },
            Step::Wait(time) => matches!(wait::<()>(None, time, interrupt), Waited::Interrupted),
            // What may take for ever never runs on the caller's thread: a source that hangs, or an exchange for many.
            Step::ReloadKeys(work, limit) => {
                let (sender, receiver) = sync_channel(1);
                nonblocking::reload_in_background(session, work, move |outcome| {
                    drop(sender.try_send(outcome))
                })
                .map_err(|error| call.ended(error))?;
                let waited = wait(Some(&receiver), limit, interrupt);
                waited.hand_to(&mut call, Call::reloaded, Call::reload_is_late)
            }
            Step::Token(question) => {
                let observation = call.observation();
                let ask = |deliver| nonblocking::ask_for_token(session, &question, observation, now, deliver);
                let waited = told(question.timeout, interrupt, ask);
                waited.hand_to(&mut call, Call::obtained, Call::obtaining_is_late)
            }
            Step::SigningKeys(wanted) => {
                let observation = call.observation();
                let ask = |deliver| nonblocking::ask_for_signing_keys(session, &wanted, observation, deliver);
                let waited = told(wanted.timeout, interrupt, ask);
                waited.hand_to(&mut call, Call::signing_keys_came, Call::signing_keys_are_late)
            }
            Step::Standing(question) => {
                let (timeout, observation) = (question.timeout, call.observation());
                let ask = |deliver| nonblocking::ask_for_standing(session, question, observation, deliver);
                let waited = told(timeout, interrupt, ask);
                waited.hand_to(&mut call, Call::standing_came, Call::standing_is_late)
            }
            Step::RenewSigningKeys(fetch) => {
                nonblocking::fetch_signing_keys(session, fetch, None);
                false
            }
            Step::Done(result) => return result,
        };
        if interrupted {
            let cancelled = || Error::new(Code::Cancelled, "the call was cancelled");
            return Err(if session.is_closed() { call.closed() } else { cancelled() });
        }
        now = Now::read();
    }
}

enum Waited<T> {
    Got(T),
    Late,
    Interrupted,
}

impl<T> Waited<T> {
    /// Tells the call what came; whether the wait was interrupted instead.
    fn hand_to(self, call: &mut Call, take: fn(&mut Call, T), late: fn(&mut Call)) -> bool {
        match self {
            Waited::Got(outcome) => take(call, outcome),
            Waited::Late => late(call),
            Waited::Interrupted => return true,
        }
        false
    }
}

/// Waits for what those who are asked will tell.
fn told<T: Send + 'static>(
    limit: Duration,
    interrupt: &mut Option<Interrupt<'_>>,
    ask: impl FnOnce(Box<dyn FnOnce(Result<T>) + Send>),
) -> Waited<Result<T>> {
    let (sender, receiver) = sync_channel(1);
    // The receiver is gone when the wait is over.
    ask(Box::new(move |result| drop(sender.try_send(result))));
    // What was at hand is there by now.
    match receiver.try_recv() {
        Ok(got) => Waited::Got(got),
        Err(_) => wait(Some(&receiver), limit, interrupt),
    }
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
