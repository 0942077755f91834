//! What makes a fault meaningless: parts that can't go together, or that do nothing.

use super::{Close, Fault};

impl Fault {
    /// The reason why this fault can't be played, if there is one.
    pub(crate) fn contradiction(&self) -> Option<&'static str> {
        let answers = self.answer.is_some();
        let (gzips, drips, delays) = (self.gzip, !self.drip.is_zero(), !self.delay.is_zero());
        let sends = answers || self.raw.is_some() || gzips || drips || self.repeat != 1;
        if let Some(limit) = &self.rate_limit {
            if sends || delays || self.close.is_some() || self.times.is_some() {
                return Some(
                    "rateLimit answers by itself until the faults are cleared, so only path and method go with it",
                );
            }
            return limit.window.is_zero().then_some("the window of rateLimit must be longer than zero");
        }
        match self.close {
            Some(Close::Before) if sends => {
                return Some("close 'before' sends nothing, so there can be no status, headers, body or raw");
            }
            Some(Close::MidBody) if self.repeat != 1 => {
                return Some(
                    "close 'mid-body' takes no repeat; a content-length that is too long breaks off too",
                );
            }
            Some(Close::After) if self.raw.is_none() => {
                return Some("close 'after' goes with raw: it resets the connection after these bytes");
            }
            Some(Close::After) if self.repeat == 0 => {
                return Some("repeat 0 has no end, so there can be no close 'after' it");
            }
            _ => {}
        }
        if self.raw.is_some() && (answers || gzips || self.close == Some(Close::MidBody)) {
            return Some(
                "raw is all that is sent, so there can be no status, headers, body, gzip or close 'mid-body'",
            );
        }
        let bytes = self.raw.as_ref().or(self.answer.as_ref().map(|answer| &answer.body));
        if self.repeat != 1 && bytes.is_none_or(|bytes| bytes.is_empty()) {
            return Some("there is nothing to repeat: give a body or raw");
        }
        let does_something = sends || delays || self.close.is_some();
        (!does_something)
            .then_some("this does nothing: give a status, raw, delayMs, dripMs, gzip, close or rateLimit")
    }
}
