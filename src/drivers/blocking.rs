//! Runs a call on the caller's thread, over `reqwest::blocking`.

use std::io::Read;
use std::sync::{Arc, mpsc};

use crate::call::{Call, Invocation, Step};
use crate::drivers::nonblocking;
use crate::error::Result;
use crate::http::{Failure, HttpRequest, HttpResponse};
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
                let client = session.transports().blocking(request.connect_timeout)?;
                let outcome = send(&client, *request);
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

fn send(client: &reqwest::blocking::Client, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let HttpRequest { method, url, headers, body, timeout, max_body, connect_timeout: _ } = request;
    let mut builder = client.request(method, url).headers(headers).timeout(timeout);
    if let Some(body) = body {
        builder = builder.body(body);
    }
    let mut response = builder.send()?;
    let (status, headers) = (response.status().as_u16(), std::mem::take(response.headers_mut()));
    if response.content_length().is_some_and(|length| length > max_body as u64) {
        return Err(Failure::too_large());
    }
    let mut body = Vec::new();
    response.take(max_body as u64 + 1).read_to_end(&mut body)?;
    if body.len() > max_body {
        return Err(Failure::too_large());
    }
    Ok(HttpResponse { status, headers, body })
}
