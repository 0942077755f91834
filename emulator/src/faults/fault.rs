//! One fault: what it matches and what it does wrong, put together step by step.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;

use super::limiter::RateLimit;

/// When a fault resets the connection.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Close {
    /// Before a byte of the answer is sent; the request is not handled.
    Before,
    /// After the headers and half of the body.
    MidBody,
    /// After the bytes of [`Fault::raw`], which may break off anywhere: in the status line, in the headers, in the body.
    After,
}

/// One thing to do wrong. Without [`answer`](Fault::answer) or [`raw`](Fault::raw) the request is handled as usual,
/// after the delay.
///
/// ```
/// use std::time::Duration;
/// use agglestone_emulator::{Close, Fault};
///
/// let emulator = agglestone_emulator::start();
/// emulator.add_fault(Fault::on("*/Users*").times(2).answer(503).header("retry-after", "1"));
/// // 64 MiB of blanks in 300 KB.
/// emulator.add_fault(Fault::on("*").body(" ").repeat(64 << 20).gzip());
/// // A connection that is reset within the headers.
/// emulator.add_fault(Fault::on("*").raw("HTTP/1.1 200 OK\r\ncontent-le").close(Close::After));
/// // The usual answer, but nobody has the patience for it.
/// emulator.add_fault(Fault::on("*").drip(Duration::from_secs(5)));
/// ```
#[derive(Clone, Debug)]
#[must_use = "a fault does nothing before it is added"]
pub struct Fault {
    pub(super) path: String,
    pub(super) method: Option<String>,
    /// None is once.
    pub(super) times: Option<u32>,
    pub(super) delay: Duration,
    pub(super) answer: Option<FaultAnswer>,
    pub(super) raw: Option<Bytes>,
    pub(super) repeat: u32,
    pub(super) gzip: bool,
    pub(super) drip: Duration,
    pub(super) close: Option<Close>,
    pub(super) rate_limit: Option<RateLimit>,
}

#[derive(Clone, Debug)]
pub(super) struct FaultAnswer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Fault {
    /// A fault, once, on paths that match `path`, where `*` stands for anything and case doesn't count.
    /// The path is matched as it arrives: whole, not decoded, without the query.
    pub fn on(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            method: None,
            times: None,
            delay: Duration::ZERO,
            answer: None,
            raw: None,
            repeat: 1,
            gzip: false,
            drip: Duration::ZERO,
            close: None,
            rate_limit: None,
        }
    }

    /// Only for this method; otherwise for every method.
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.method = Some(method.into());
        self
    }

    /// How often; 0 is until the faults are cleared.
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
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
    /// A `content-length` is sent as given, even if it is a lie.
    ///
    /// # Panics
    /// When name or value can't be sent.
    pub fn header(self, name: &str, value: &str) -> Self {
        let name = name.parse().expect("a header name");
        let value = HeaderValue::from_str(value).expect("a header value");
        self.append(name, value)
    }

    pub(super) fn append(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.answer_mut().headers.append(name, value);
        self
    }

    /// The body of the answer, which is status 200 unless [`answer`](Fault::answer) says otherwise. Any bytes will do.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.answer_mut().body = Bytes::from(body.into());
        self
    }

    /// Sends these bytes in place of an answer, then closes the connection: by a FIN, or by a reset with [`Close::After`].
    /// No bytes at all are a connection that is closed without an answer.
    pub fn raw(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.raw = Some(Bytes::from(bytes.into()));
        self
    }

    /// Sends the body, or the raw bytes, so many times in a row; 0 is for as long as anybody reads.
    /// It is made while it is sent, and needs no memory to speak of.
    pub fn repeat(mut self, times: u32) -> Self {
        self.repeat = times;
        self
    }

    /// Compresses the body, the fault's or else the usual one, and says so in `content-encoding`.
    pub fn gzip(mut self) -> Self {
        self.gzip = true;
        self
    }

    /// Sends the body, the fault's or else the usual one, or the raw bytes one byte at a time, and pauses after each.
    /// An hour is an answer that begins and never goes on.
    pub fn drip(mut self, pause: Duration) -> Self {
        self.drip = pause;
        self
    }

    /// Resets the connection at this point.
    pub fn close(mut self, close: Close) -> Self {
        self.close = Some(close);
        self
    }

    /// Lets so many matching requests through in each window, to later faults or the usual answer, and answers the others
    /// 429 with `retry-after`, until the faults are cleared. A window begins with the first request after the last one
    /// has ended, by the emulator's clock.
    ///
    /// ```
    /// use std::time::Duration;
    /// use agglestone_emulator::Fault;
    ///
    /// let emulator = agglestone_emulator::start();
    /// emulator.add_fault(Fault::on("*/Users*").rate_limit(5, Duration::from_secs(1)));
    /// ```
    pub fn rate_limit(mut self, requests: u32, window: Duration) -> Self {
        self.rate_limit = Some(RateLimit { requests, window });
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
    pub(super) fn default_content_type(mut self, content_type: &'static str) -> Self {
        let headers = &mut self.answer_mut().headers;
        if !headers.contains_key(CONTENT_TYPE) {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        self
    }
}
