//! Builds the request of an attempt: where, with which headers, for how long.

use std::time::Duration;

use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue, USER_AGENT};
use url::Url;

use super::Call;
use crate::error::{Error, Result};
use crate::http::HttpRequest;
use crate::time::Now;

impl Call {
    /// The next attempt, counted.
    pub(super) fn attempt(&mut self, now: Now) -> Result<HttpRequest> {
        let left = self.time_left(now);
        if left.is_zero() {
            return Err(self.too_late());
        }
        self.cut_short = left < self.timeout;
        let request = HttpRequest {
            method: self.endpoint.method.clone(),
            url: self.url()?,
            headers: self.headers(),
            body: self.endpoint.body.clone(),
            // Connecting is part of the attempt, so this cuts the connect timeout to the time left as well.
            timeout: left.min(self.timeout),
            connect_timeout: self.connect_timeout,
            max_body: self.endpoint.max_body(),
        };
        self.attempts += 1;
        self.credential.sent(now);
        Ok(request)
    }

    pub(crate) fn time_left(&self, now: Now) -> Duration {
        self.ends_at.saturating_duration_since(now.instant)
    }

    /// The URL, unless the parser made another route of it. The checks of ids and paths should let nothing through
    /// that could; this is the proof at the last moment.
    fn url(&self) -> Result<Url> {
        let text = format!("{}{}", self.context.config.tenant_url(), self.endpoint.target);
        let url = Url::parse(&text).ok().filter(|url| url.as_str() == text);
        url.ok_or_else(|| Error::argument("path", "is not kept by a URL parser as it was given"))
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = self.endpoint.headers.clone();
        headers.entry(ACCEPT).or_insert(HeaderValue::from_static("application/json"));
        headers.entry(USER_AGENT).or_insert_with(|| self.context.config.user_agent().clone());
        if self.endpoint.body.is_some() {
            headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
        }
        headers.extend(self.credential.header());
        headers
    }
}
