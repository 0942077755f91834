//! The trace that a call belongs to, as headers tell a service of it: W3C Trace Context and W3C Baggage.

use std::str::FromStr;

use http::header::{Entry, HeaderMap, HeaderName, HeaderValue};

use crate::error::{Error, Result};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");
const BAGGAGE: HeaderName = HeaderName::from_static("baggage");

/// What every platform has to pass on of either (W3C Baggage, 3.3.2), and more than any has of `tracestate`.
const MAX_BYTES: usize = 8192;

/// The trace that a call belongs to: values of the headers `traceparent`, `tracestate` and `baggage`, which each attempt sends.
///
/// ```
/// # fn main() -> Result<(), agglestone::Error> {
/// use agglestone::TraceContext;
///
/// let trace = TraceContext::new("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")?.baggage("shop=eu")?;
/// # drop(trace);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TraceContext {
    traceparent: Option<HeaderValue>,
    tracestate: Option<HeaderValue>,
    baggage: Option<HeaderValue>,
}

impl TraceContext {
    /// A trace by its `traceparent`.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`](crate::Code::InvalidArgument) naming `traceparent`: accepted are version, trace id, parent id and
    /// flags in hex digits (W3C Trace Context, 3.2), without what a later version may add.
    pub fn new(traceparent: &str) -> Result<TraceContext> {
        let traceparent = is_traceparent(traceparent)
            .then(|| HeaderValue::from_str(traceparent).ok())
            .flatten()
            .ok_or_else(|| {
                let what = "can't be sent: accepted are four groups of 2, 32, 16 and 2 lower-case hex digits with - between them; the \
                            first is not ff, and neither of the long ones is only zeros";
                Error::argument("traceparent", what)
            })?;
        Ok(TraceContext { traceparent: Some(traceparent), ..TraceContext::default() })
    }

    /// The same with the vendors' part of it.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`](crate::Code::InvalidArgument) naming `tracestate`: visible ASCII, spaces and tabs of at most 8,192
    /// bytes are accepted.
    pub fn tracestate(self, tracestate: &str) -> Result<TraceContext> {
        Ok(TraceContext { tracestate: value("tracestate", tracestate)?, ..self })
    }

    /// The same with what the program passes along.
    ///
    /// # Errors
    /// As [`tracestate`](Self::tracestate), naming `baggage`.
    pub fn baggage(self, baggage: &str) -> Result<TraceContext> {
        Ok(TraceContext { baggage: value("baggage", baggage)?, ..self })
    }

    /// What of the three can be sent: a trace that can't be passed on must fail no call. An empty text is none. For bindings.
    #[doc(hidden)]
    pub fn of(traceparent: &str, tracestate: &str, baggage: &str) -> TraceContext {
        let trace = TraceContext::new(traceparent).unwrap_or_default();
        let tracestate = trace.traceparent.as_ref().and_then(|_| value("tracestate", tracestate).ok()?);
        TraceContext { tracestate, baggage: value("baggage", baggage).ok().flatten(), ..trace }
    }

    /// Adds the headers that the caller has not set.
    pub(crate) fn add_to(&self, headers: &mut HeaderMap) {
        // The caller's own trace has no vendors' part of another.
        if add(headers, TRACEPARENT, self.traceparent.as_ref()) {
            add(headers, TRACESTATE, self.tracestate.as_ref());
        }
        add(headers, BAGGAGE, self.baggage.as_ref());
    }
}

/// A trace from text: its `traceparent` alone.
impl FromStr for TraceContext {
    type Err = Error;

    fn from_str(traceparent: &str) -> Result<TraceContext> {
        TraceContext::new(traceparent)
    }
}

/// Whether there was something to add, and room for it.
fn add(headers: &mut HeaderMap, name: HeaderName, value: Option<&HeaderValue>) -> bool {
    if let Some(value) = value
        && let Entry::Vacant(place) = headers.entry(name)
    {
        place.insert(value.clone());
        return true;
    }
    false
}

fn value(name: &'static str, text: &str) -> Result<Option<HeaderValue>> {
    if text.is_empty() {
        return Ok(None);
    }
    if text.len() > MAX_BYTES {
        return Err(Error::argument(name, format_args!("is longer than {MAX_BYTES} bytes")));
    }
    let value = HeaderValue::from_str(text).ok().filter(|_| text.is_ascii());
    value.map(Some).ok_or_else(|| Error::argument(name, "is not visible ASCII"))
}

/// `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01` (W3C Trace Context, 3.2); zeros alone name nothing.
pub(crate) fn is_traceparent(text: &str) -> bool {
    let Ok(text) = <&[u8; 55]>::try_from(text.as_bytes()) else { return false };
    // Without a branch a byte: the compiler makes a few instructions of it.
    let count = |wanted: fn(u8) -> bool| text.iter().map(|byte| u8::from(wanted(*byte))).sum::<u8>();
    let names_something = |part: &[u8]| part.iter().fold(0, |all, byte| all | (byte ^ b'0')) != 0;
    count(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) == 52
        && [2, 35, 52].iter().all(|dash| text[*dash] == b'-')
        && &text[..2] != b"ff"
        && names_something(&text[3..35])
        && names_something(&text[36..52])
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn what_is_no_trace_context_is_refused_by_name() {
        for none in
            ["", "none", "00-1-2-3", &format!("{TRACE}-00"), &TRACE.to_uppercase(), &format!("{TRACE}\n")]
        {
            assert_eq!(TraceContext::new(none).unwrap_err().argument_name(), Some("traceparent"), "{none:?}");
        }
        let trace = || TraceContext::new(TRACE).unwrap();
        for odd in ["a=b\r\nx-a: b", "a=ü", &"x".repeat(9000)] {
            assert_eq!(trace().tracestate(odd).unwrap_err().argument_name(), Some("tracestate"));
            assert_eq!(trace().baggage(odd).unwrap_err().argument_name(), Some("baggage"));
        }
        assert_eq!(trace().baggage("").unwrap(), trace());
    }

    #[test]
    fn what_a_language_has_and_can_not_be_sent_is_left_out() {
        assert_eq!(TraceContext::of("odd", "a=b", "c=d\n"), TraceContext::default());
        let trace = TraceContext::of(TRACE, "a=ü", "c=d");
        assert_eq!(trace, TraceContext::new(TRACE).unwrap().baggage("c=d").unwrap());
    }

    #[test]
    fn the_callers_own_headers_win() {
        let trace = TraceContext::of(TRACE, "a=b", "c=d");
        let mut headers = HeaderMap::new();
        trace.add_to(&mut headers);
        assert_eq!(
            (&headers["traceparent"], &headers["tracestate"]),
            (&TRACE.parse().unwrap(), &"a=b".parse().unwrap())
        );
        assert_eq!(headers["baggage"], "c=d");
        let mut headers = HeaderMap::from_iter([
            (TRACEPARENT, "mine".parse().unwrap()),
            (BAGGAGE, "own=1".parse().unwrap()),
        ]);
        trace.add_to(&mut headers);
        assert_eq!(
            (headers.len(), &headers["traceparent"], &headers["baggage"]),
            (2, &"mine".parse().unwrap(), &"own=1".parse().unwrap())
        );
    }
}
