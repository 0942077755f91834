//! Runs a call on the caller's thread, over `reqwest::blocking`.

use std::io::Read;

use crate::call::{Call, Now, Step};
use crate::error::Result;
use crate::http::{Failure, HttpRequest, HttpResponse};
use crate::operation::Operation;
use crate::reply::Reply;
use crate::session::Session;

/// Runs an operation to its end. May be used from any thread outside an asynchronous runtime.
///
/// # Errors
/// Whatever the call ends with.
pub fn run(session: &Session, operation: Operation) -> Result<Reply> {
    let client = session.blocking()?;
    let mut call = Call::new(operation, session, Now::read());
    loop {
        match call.step(Now::read()) {
            Step::Send(request) => {
                let outcome = send(client, *request);
                call.received(outcome, Now::read());
            }
            // The caller's thread may block: that is what this driver is for.
            Step::ReloadKeys(work) => call.reloaded(work.run()),
            Step::Done(result) => return result,
        }
    }
}

fn send(client: &reqwest::blocking::Client, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let HttpRequest { method, url, headers, body, timeout, max_body } = request;
    let mut builder = client.request(method, url).headers(headers).timeout(timeout);
    if let Some(body) = body {
        builder = builder.body(body);
    }
    let mut response = builder.send()?;
    let (status, headers) = (response.status().as_u16(), std::mem::take(response.headers_mut()));
    let mut body = Vec::new();
    response.take(max_body as u64 + 1).read_to_end(&mut body)?;
    if body.len() > max_body {
        return Err(Failure::too_large());
    }
    Ok(HttpResponse { status, headers, body })
}
