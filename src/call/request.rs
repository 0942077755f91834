//! Builds the request of an attempt: where, with which headers, for how long.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue, USER_AGENT};
use http::uri::PathAndQuery;

use super::Call;
use crate::error::{Error, Result};
use crate::http::HttpRequest;
use crate::observation::Wait;
use crate::time::Now;

/// Path and query. What servers take differs; beyond this many close the connection without a word.
const MAX_TARGET_BYTES: usize = 32 * 1024;

impl Call {
    /// The next attempt, counted.
    pub(super) fn attempt(&mut self, now: Now) -> Result<HttpRequest> {
        let left = self.time_left(now);
        if left.is_zero() {
            return Err(self.too_late());
        }
        self.cut_short = left < self.timeout;
        let mut request = HttpRequest {
            method: self.endpoint.method.clone(),
            target: self.target()?,
            headers: self.headers(),
            body: self.endpoint.body.clone(),
            // Connecting is part of the attempt, so this cuts the connect timeout to the time left as well.
            timeout: left.min(self.timeout),
            connect_timeout: self.connect_timeout,
            max_body: self.endpoint.max_body(),
            time_left: left,
            repeatable: self.endpoint.is_repeatable(),
            fresh: self.fresh,
            wait: Wait::default(),
        };
        self.attempts += 1;
        self.tell_of_write();
        self.credential.sent(now);
        if let Some(watch) = &mut self.watch {
            watch.add_trace(&mut request.headers);
            request.wait = watch.attempt(&self.credential, now);
        }
        Ok(request)
    }

    pub(crate) fn time_left(&self, now: Now) -> Duration {
        self.ends_at.saturating_duration_since(now.instant)
    }

    /// Path and query. The checks of ids and paths let nothing through that is not kept as it is.
    fn target(&self) -> Result<PathAndQuery> {
        let tenant = self.context.config.tenant_path();
        let mut text = String::with_capacity(tenant.len() + self.endpoint.target.len());
        if !self.endpoint.target.starts_with('/') {
            text.push_str(tenant);
        }
        text.push_str(&self.endpoint.target);
        // The path has a limit of its own.
        if text.len() > MAX_TARGET_BYTES {
            let what = format_args!("makes the URL longer than {MAX_TARGET_BYTES} bytes");
            return Err(Error::argument("query", what));
        }
        PathAndQuery::from_maybe_shared(Bytes::from(text))
            .map_err(|_| Error::argument("path", "can't be sent as it was given"))
    }

    fn headers(&self) -> HeaderMap {
        // Those below, and two of the transport's: enough for them all, so that the map need not grow.
        let mut headers = HeaderMap::with_capacity(self.endpoint.headers.len() + 6);
        headers.append(ACCEPT, HeaderValue::from_static("application/json"));
        headers.append(USER_AGENT, self.context.config.user_agent().clone());
        if self.endpoint.body.is_some() {
            headers.append(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if !self.endpoint.headers.is_empty() {
            for name in self.endpoint.headers.keys() {
                headers.remove(name);
            }
            headers.extend(self.endpoint.headers.clone());
        }
        if let Some((name, value)) = self.credential.header() {
            headers.append(name, value);
        }
        headers
    }
}
