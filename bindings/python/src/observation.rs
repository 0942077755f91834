//! Watches one call: it sends a trace context, and keeps an account of itself.

use std::borrow::Cow;

use agglestone::{Account, Attempt, Code, TraceContext};
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

/// Watches one call.
#[pyclass(frozen, module = "agglestone._native")]
pub struct Observation(agglestone::Observation);

impl Observation {
    pub fn to_core(&self) -> agglestone::Observation {
        self.0.clone()
    }
}

#[pymethods]
impl Observation {
    /// Values of the headers that each attempt sends; an empty text is none. What can't be sent is left out.
    #[new]
    fn new(
        traceparent: &Bound<'_, PyString>,
        tracestate: &Bound<'_, PyString>,
        baggage: &Bound<'_, PyString>,
    ) -> Observation {
        let [traceparent, tracestate, baggage] =
            [traceparent, tracestate, baggage].map(|text| text.to_str().unwrap_or_default());
        Observation(agglestone::Observation::new(TraceContext::of(traceparent, tracestate, baggage)))
    }

    /// What the call did: method, route, address and port of the service, the name of its error, where its token came from,
    /// failovers, and its attempts: each method, route, start, duration (`None` while it is under way), wait for a connection,
    /// resends, status, type of its error, credential, fingerprint, request id. Times are microseconds.
    fn account<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let Account { method, route, server_address, server_port, error, token, failovers, attempts, .. } =
            self.0.account();
        let attempts: Vec<_> = attempts.into_iter().map(described).collect();
        let (error, token) = (error.map(Code::name), token.map(|token| token.name()));
        (method, route, server_address, server_port, error, token, failovers, attempts).into_pyobject(py)
    }
}

type Described = (
    &'static str,
    Cow<'static, str>,
    u64,
    Option<u64>,
    Option<u64>,
    u32,
    Option<u16>,
    Option<Cow<'static, str>>,
    Option<&'static str>,
    Option<String>,
    Option<String>,
);

fn described(attempt: Attempt) -> Described {
    let Attempt { method, route, start, duration, connection_wait, resends, status, .. } = attempt;
    let Attempt { error_type, credential, fingerprint, request_id, .. } = attempt;
    (
        method,
        route,
        start,
        duration,
        connection_wait,
        resends,
        status,
        error_type,
        credential,
        fingerprint,
        request_id,
    )
}
