//! What makes a fault meaningless: parts that can't go together, or that do nothing.

use super::fault::{Close, Fault};

impl Fault {
    /// The reason why this fault can't be played, if there is one.
    pub(crate) fn contradiction(&self) -> Option<&'static str> {
        let answers = self.answer.is_some();
        let (gzips, drips, delays) = (self.gzip, !self.drip.is_zero(), !self.delay.is_zero());
        let sends = answers || self.raw.is_some() || gzips || drips || self.repeat != 1;
        if let Some(limit) = &self.rate_limit {
            if sends || delays || self.close.is_some() || self.times.is_some() {
                return Some(
                    "rateLimit can only be combined with path and method; it stays until the faults are cleared",
                );
            }
            return limit.window.is_zero().then_some("the rateLimit window must be longer than zero");
        }
        match self.close {
            Some(Close::Before) if sends => {
                return Some("close 'before' sends nothing and excludes status, headers, body and raw");
            }
            Some(Close::MidBody) if self.repeat != 1 => {
                return Some(
                    "close 'mid-body' cannot be combined with repeat; use a content-length that is too long",
                );
            }
            Some(Close::After) if self.raw.is_none() => {
                return Some("close 'after' requires raw; it resets the connection after those bytes");
            }
            Some(Close::After) if self.repeat == 0 => {
                return Some("repeat 0 never ends and cannot be combined with close 'after'");
            }
            _ => {}
        }
        if self.raw.is_some() && (answers || gzips || self.close == Some(Close::MidBody)) {
            return Some(
                "raw replaces the whole response and excludes status, headers, body, gzip and close 'mid-body'",
            );
        }
        let bytes = self.raw.as_ref().or(self.answer.as_ref().map(|answer| &answer.body));
        if self.repeat != 1 && bytes.is_none_or(|bytes| bytes.is_empty()) {
            return Some("repeat requires body or raw");
        }
        let does_something = sends || delays || self.close.is_some();
        (!does_something).then_some(
            "the fault has no effect; set status, body, raw, delayMs, dripMs, gzip, close or rateLimit",
        )
    }
}
