//! Faults: what the emulator is told to do wrong, to which requests, and how often.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use serde::Deserialize;

use crate::cut;

/// When a fault closes the connection.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Close {
    /// Before a byte of the answer is sent; the request is not handled.
    Before,
    /// After the headers and half of the body.
    MidBody,
}

/// One thing to do wrong. Without [`answer`](Fault::answer) the request is handled as usual, after the delay.
///
/// ```
/// use agglestone_emulator::Fault;
///
/// let emulator = agglestone_emulator::start();
/// emulator.add_fault(Fault::on("*/Users*").times(2).answer(503).header("retry-after", "1"));
/// ```
#[derive(Clone, Debug)]
#[must_use = "a fault does nothing before it is added"]
pub struct Fault {
    path: String,
    method: Option<String>,
    times: u32,
    delay: Duration,
    answer: Option<FaultAnswer>,
    close: Option<Close>,
}

#[derive(Clone, Debug)]
struct FaultAnswer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Fault {
    /// A fault, once, on paths that match `path`, where `*` stands for anything and case doesn't count.
    /// The path is matched as it arrives: whole, not decoded, without the query.
    pub fn on(path: impl Into<String>) -> Self {
        Self { path: path.into(), method: None, times: 1, delay: Duration::ZERO, answer: None, close: None }
    }

    /// Only for this method; otherwise for every method.
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.method = Some(method.into());
        self
    }

    /// How often; 0 is until the faults are cleared.
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// Waits before anything else happens.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Answers this status, with no body, instead of handling the request; no credential is looked at.
    ///
    /// # Panics
    /// When `status` is not from 200 to 999.
    pub fn answer(mut self, status: u16) -> Self {
        let status = StatusCode::from_u16(status).ok().filter(|status| status.as_u16() >= 200);
        self.answer_mut().status = status.expect("a status from 200 to 999");
        self
    }

    /// Adds a header to the answer, which is status 200 unless [`answer`](Fault::answer) says otherwise.
    ///
    /// # Panics
    /// When name or value can't be sent.
    pub fn header(self, name: &str, value: &str) -> Self {
        let name = name.parse().expect("a header name");
        let value = HeaderValue::from_str(value).expect("a header value");
        self.append(name, value)
    }

    pub(crate) fn append(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.answer_mut().headers.append(name, value);
        self
    }

    /// The body of the answer, which is status 200 unless [`answer`](Fault::answer) says otherwise.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.answer_mut().body = Bytes::from(body.into());
        self
    }

    /// Closes the connection, by a reset: before an answer, or in the middle of the answer's body.
    pub fn close(mut self, close: Close) -> Self {
        self.close = Some(close);
        self
    }

    fn answer_mut(&mut self) -> &mut FaultAnswer {
        self.answer.get_or_insert_with(|| FaultAnswer {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body: Bytes::new(),
        })
    }

    /// Says the content type of the body, if nobody said it yet.
    pub(crate) fn default_content_type(mut self, content_type: &'static str) -> Self {
        let headers = &mut self.answer_mut().headers;
        if !headers.contains_key(CONTENT_TYPE) {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        self
    }

    /// What makes this fault meaningless, if anything does.
    pub(crate) fn contradiction(&self) -> Option<&'static str> {
        let answers = self.answer.is_some();
        match self.close {
            Some(Close::Before) if answers => {
                Some("close 'before' sends nothing, so there can be no status, headers or body")
            }
            None if !answers && self.delay.is_zero() => {
                Some("this does nothing: give a status, delayMs or close")
            }
            _ => None,
        }
    }

    fn hits(&self, method: &str, path: &str) -> bool {
        let method_hit = |wanted: &String| wanted.eq_ignore_ascii_case(method);
        self.method.as_ref().is_none_or(method_hit) && matches(&self.path, path)
    }

    /// How long to wait first.
    pub(crate) fn wait(&self) -> Duration {
        self.delay
    }

    /// When to close the connection.
    pub(crate) fn closes(&self) -> Option<Close> {
        self.close
    }

    /// The answer to give instead of the real one.
    pub(crate) fn response(&self) -> Option<Response> {
        let FaultAnswer { status, headers, body } = self.answer.as_ref()?;
        // A length given by hand may be a lie, and only a body of unknown length lets one be told.
        let body = if headers.contains_key(CONTENT_LENGTH) {
            cut::of_unknown_length(body.clone())
        } else {
            Body::from(body.clone())
        };
        let mut response = Response::new(body);
        *response.status_mut() = *status;
        *response.headers_mut() = headers.clone();
        Some(response)
    }
}

/// Whether `text` matches `pattern`, in which `*` stands for any run of characters, slashes too.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_ascii_lowercase(), text.to_ascii_lowercase());
    let Some((first, others)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut pieces: Vec<&str> = others.split('*').collect();
    let last = pieces.pop().unwrap_or_default();
    for piece in pieces {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// The faults that wait for a request, oldest first.
#[derive(Default)]
pub(crate) struct Faults(Vec<Armed>);

struct Armed {
    fault: Arc<Fault>,
    /// How often still; none is for ever.
    left: Option<u32>,
}

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.0.push(Armed { left: (fault.times > 0).then_some(fault.times), fault: Arc::new(fault) });
    }

    /// The fault for this request, counted as used. The oldest that fits, and only that one.
    pub(crate) fn take(&mut self, method: &str, path: &str) -> Option<Arc<Fault>> {
        let index = self.0.iter().position(|armed| armed.fault.hits(method, path))?;
        let armed = &mut self.0[index];
        let fault = Arc::clone(&armed.fault);
        match &mut armed.left {
            Some(1) => drop(self.0.remove(index)),
            Some(left) => *left -= 1,
            None => {}
        }
        Some(fault)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything_and_case_does_not_count() {
        let path = "/tenant/t/api/v2.0/Users/a%2Fb";
        for pattern in ["*", "*/users/*", "/tenant/*/USERS/a%2fb", "*a*b", "*Users*", path] {
            assert!(matches(pattern, path), "{pattern}");
        }
        for pattern in ["", "Users", "*/users", "/tenant/*/Users/a/b", "*b*a*b", "x*"] {
            assert!(!matches(pattern, path), "{pattern}");
        }
        // The last piece may not reuse what an earlier one has matched.
        assert!(!matches("*aba*ba", "aba"));
    }

    #[test]
    fn faults_are_used_up_in_the_order_they_were_added() {
        let mut faults = Faults::default();
        faults.add(Fault::on("/a").method("get").times(2).answer(500));
        faults.add(Fault::on("/a").times(0).answer(501));
        let mut status = |method| {
            let fault = faults.take(method, "/a").expect("the second never ends");
            fault.response().expect("an answer").status().as_u16()
        };
        assert_eq!(
            [status("GET"), status("POST"), status("GET"), status("GET"), status("GET")],
            [500, 501, 500, 501, 501]
        );
    }
}
