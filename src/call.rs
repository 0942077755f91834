//! One call as a state machine: every protocol decision, no I/O, no clock but the one handed in.
//!
//! A driver asks for the next [`Step`], does what it says, reports what came of it, and asks again.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, USER_AGENT};
use url::Url;

use crate::config::Config;
use crate::error::{Code, Error, Result};
use crate::http::{Failure, FailureKind, HttpRequest, HttpResponse};
use crate::keys::Keys;
use crate::operation::Operation;
use crate::problem;
use crate::redact::Redactor;
use crate::reply::Reply;
use crate::session::Session;

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// Under these names services and gateways return the id of a request; the first found counts.
const REQUEST_ID: [&str; 4] = ["x-request-id", "request-id", "x-correlation-id", "traceparent"];

/// What a driver does next.
#[derive(Debug)]
#[non_exhaustive]
pub enum Step {
    /// Send this and report the outcome by [`Call::received`].
    Send(Box<HttpRequest>),
    /// The call is over.
    Done(Result<Reply>),
}

/// The time, as the driver reads it: a monotonic reading for spans, the calendar for dates in headers.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// For spans of time.
    pub instant: Instant,
    /// For comparing with dates that the service sends.
    pub system: SystemTime,
}

impl Now {
    /// The real time.
    pub fn read() -> Now {
        Now { instant: Instant::now(), system: SystemTime::now() }
    }
}

/// What the state machine does at the next step.
#[derive(Debug)]
enum State {
    /// Build and send the next attempt.
    Attempt,
    /// An attempt is under way.
    Waiting,
    /// Hand out the result.
    Finished(Result<Reply>),
    /// The result was handed out.
    Over,
}

/// An operation on its way.
#[derive(Debug)]
pub struct Call {
    operation: Operation,
    config: Arc<Config>,
    keys: Arc<Keys>,
    ends_at: Instant,
    attempts: u32,
    state: State,
}

impl Call {
    /// A call that begins now. It keeps the keys it begins with to its end.
    pub fn new(operation: Operation, session: &Session, now: Now) -> Call {
        let config = session.config().clone();
        let ends_at = now.instant + config.deadline();
        Call {
            operation,
            keys: session.keys().current(),
            config,
            ends_at,
            attempts: 0,
            state: State::Attempt,
        }
    }

    /// What to do next.
    ///
    /// # Panics
    /// When a driver asks again without having reported the outcome of a [`Step::Send`], or after [`Step::Done`].
    pub fn step(&mut self, now: Now) -> Step {
        match std::mem::replace(&mut self.state, State::Over) {
            State::Attempt => match self.attempt(now) {
                Ok(request) => {
                    self.state = State::Waiting;
                    Step::Send(Box::new(request))
                }
                Err(error) => Step::Done(Err(error)),
            },
            State::Finished(result) => Step::Done(result),
            state @ (State::Waiting | State::Over) => panic!("a driver asked for a step in state {state:?}"),
        }
    }

    /// Takes the outcome of the request that the last step asked for.
    ///
    /// This is where one answer may lead to another attempt: with the other key, after a wait, with a fresh token.
    pub fn received(&mut self, outcome: Result<HttpResponse, Failure>, now: Now) {
        let result = match outcome {
            Ok(response) => match Code::from_status(response.status) {
                None => Reply::read(&self.operation, response, self.attempts),
                Some(code) => Err(self.refusal(code, &response, now)),
            },
            Err(failure) => Err(self.failure(&failure)),
        };
        self.state = State::Finished(result.map_err(|error| error.with_attempts(self.attempts)));
    }

    fn attempt(&mut self, now: Now) -> Result<HttpRequest> {
        let left = self.ends_at.saturating_duration_since(now.instant);
        if left.is_zero() {
            let message = format!("{}: the deadline passed before the call was made", self.operation.route());
            return Err(Error::new(Code::Timeout, message).with_attempts(self.attempts));
        }
        self.attempts += 1;
        let body = self.operation.body();
        Ok(HttpRequest {
            method: self.operation.method(),
            url: self.url()?,
            headers: self.headers(body.is_some()),
            body: body.map(Bytes::from),
            timeout: left.min(self.config.timeout()),
            max_body: self.operation.max_body(),
        })
    }

    /// The URL, unless the parser made another route of it. The checks of ids and paths should let nothing through
    /// that could; this is the proof at the last moment.
    fn url(&self) -> Result<Url> {
        let text = format!("{}{}", self.config.tenant_url(), self.operation.target(&self.config));
        let url = Url::parse(&text).ok().filter(|url| url.as_str() == text);
        url.ok_or_else(|| Error::argument("path", "is not kept by a URL parser as it was given"))
    }

    fn headers(&self, has_body: bool) -> HeaderMap {
        let mut headers = match &self.operation {
            Operation::Request(request) => request.headers().clone(),
            _ => HeaderMap::new(),
        };
        headers.entry(ACCEPT).or_insert(HeaderValue::from_static("application/json"));
        headers.entry(USER_AGENT).or_insert_with(|| self.config.user_agent().clone());
        if has_body {
            headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
        }
        headers.insert(API_KEY, self.keys.primary.header());
        headers
    }

    /// The error for a status that is no success.
    fn refusal(&self, code: Code, response: &HttpResponse, now: Now) -> Error {
        let redactor = Redactor::new(&self.keys);
        let said = problem::message(&response.body).and_then(|text| redactor.clean(&text));
        let request_id = REQUEST_ID
            .iter()
            .find_map(|name| response.headers.get(*name)?.to_str().ok())
            .and_then(|id| redactor.clean(id));
        let mut message = format!("{}: the service answered {}", self.operation.route(), response.status);
        if let Some(said) = &said {
            message.push_str(&format!(": {}", said.trim_end_matches('.')));
        }
        if let Some(advice) = self.advice(code) {
            message.push_str(&format!(". {advice}"));
        }
        Error::new(code, message)
            .with_status(response.status)
            .with_request_id(request_id)
            .with_retry_after(retry_after(&response.headers, now.system))
            .with_service_message(said)
    }

    /// What to do about a refusal, where that is known.
    fn advice(&self, code: Code) -> Option<String> {
        Some(match code {
            Code::Unauthorized => format!(
                "The key with fingerprint {} was refused: is it current, and is it this tenant's?",
                self.keys.primary.fingerprint()
            ),
            Code::UnexpectedRedirect => "Redirects are never followed, because they would carry the key to \
                 another address; check `base_url`"
                .to_owned(),
            _ => return None,
        })
    }

    /// The error for a request without a complete answer.
    fn failure(&self, failure: &Failure) -> Error {
        let (code, what) = match failure.kind {
            FailureKind::NotConnected => (Code::Connect, "no connection".to_owned()),
            FailureKind::Lost => {
                (Code::Connect, "the connection ended before the answer was complete".to_owned())
            }
            FailureKind::Tls => (Code::Tls, "no trusted TLS connection".to_owned()),
            FailureKind::TimedOut => (Code::Timeout, "no complete answer in time".to_owned()),
            FailureKind::TooLarge => {
                (Code::TooLarge, format!("the answer is larger than {} bytes", self.operation.max_body()))
            }
            FailureKind::Unreadable => (Code::InvalidResponse, "an answer that can't be read".to_owned()),
        };
        let detail = Redactor::new(&self.keys).clean(&failure.detail);
        let detail = detail.map(|detail| format!(" ({detail})")).unwrap_or_default();
        Error::new(code, format!("{}: {what}{detail}", self.operation.route()))
    }
}

/// `Retry-After` as seconds or as a date (RFC 9110, 10.2.3); a date counts from the answer's own `Date` when it has one,
/// so that a wrong clock here does not matter. Anything else, or two different ones, is as if absent.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let mut values = headers.get_all(RETRY_AFTER).iter();
    let value = values.next()?;
    if values.any(|other| other != value) {
        return None;
    }
    let text = value.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(Duration::from_secs(u64::from(seconds)));
    }
    let date = |value: &HeaderValue| httpdate::parse_http_date(value.to_str().ok()?).ok();
    let sent = headers.get(DATE).and_then(date).unwrap_or(now);
    let until = httpdate::parse_http_date(text).ok()?;
    Some(until.duration_since(sent).unwrap_or_default())
}

#[cfg(test)]
#[path = "call_tests.rs"]
mod tests;
