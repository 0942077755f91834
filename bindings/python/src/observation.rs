//! Watches one call: it sends a trace context, and keeps an account of itself.

use agglestone::{Account, Attempt, TraceContext};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};

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
    /// Of what a propagator wrote, the headers that each attempt sends. What can't be sent is left out.
    #[new]
    fn new(headers: &Bound<'_, PyDict>) -> PyResult<Observation> {
        let py = headers.py();
        let found = |name| headers.get_item(name);
        let (parent, state, baggage) = (
            found(intern!(py, "traceparent"))?,
            found(intern!(py, "tracestate"))?,
            found(intern!(py, "baggage"))?,
        );
        let trace = TraceContext::of(text(&parent), text(&state), text(&baggage));
        Ok(Observation(agglestone::Observation::new(trace)))
    }

    /// What the call did, in the names of OpenTelemetry, made here because each object costs a tenth in Rust: what its span is
    /// called (`None` for a call that did not begin), the name of its error, attributes for its span and for metrics, how many
    /// failovers there were, and its attempts: each span's name, its start, duration (`None` while it is under way, for whoever
    /// gave its call up) and the type of its error, attributes for its span and for metrics. Times are microseconds.
    ///
    /// `error` is the name of what the caller gets, where that is known better than by the account.
    fn account<'py>(
        &self,
        py: Python<'py>,
        error: Option<Bound<'py, PyString>>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        self.0.read(|account| {
            let error = error.or_else(|| account.error.map(|code| PyString::intern(py, code.name())));
            let shared = shared(py, account)?;
            let attempts = PyList::empty(py);
            for attempt in &account.attempts {
                attempts.append(attempt_of(&shared, account, attempt, error.as_ref())?)?;
            }
            let name = (!account.method.is_empty())
                .then(|| PyString::new(py, &format!("agglestone {} {}", account.method, account.route)));
            let metric = shared;
            set(&metric, intern!(py, "agglestone.token"), account.token.map(|token| token.name()))?;
            set(&metric, intern!(py, "error.type"), error.as_ref())?;
            let span = metric.copy()?;
            span.set_item(intern!(py, "agglestone.attempts"), account.attempts.len())?;
            span.set_item(intern!(py, "agglestone.failovers"), account.failovers)?;
            set(&span, intern!(py, "agglestone.token_store"), account.token_store)?;
            (name, error, span, metric, account.failovers, attempts).into_pyobject(py)
        })
    }
}

fn attempt_of<'py>(
    of_call: &Bound<'py, PyDict>,
    account: &Account,
    attempt: &Attempt,
    call_error: Option<&Bound<'py, PyString>>,
) -> PyResult<Bound<'py, PyTuple>> {
    let py = of_call.py();
    // One under way was given up with its call.
    let error = match (attempt.duration, &attempt.error_type) {
        (None, _) => call_error.cloned(),
        (Some(_), error) => error.as_deref().map(|error| PyString::intern(py, error)),
    };
    let metric = of_call.copy()?;
    // It may be one of an exchange that the call began.
    if (attempt.method, &attempt.route) != (account.method, &account.route) {
        metric.set_item(intern!(py, "http.request.method"), PyString::intern(py, attempt.method))?;
        metric.set_item(intern!(py, "url.template"), PyString::intern(py, &attempt.route))?;
    }
    set(&metric, intern!(py, "http.response.status_code"), attempt.status)?;
    set(&metric, intern!(py, "error.type"), error.as_ref())?;
    let span = metric.copy()?;
    let resends = Some(attempt.resends).filter(|resends| *resends > 0);
    set(&span, intern!(py, "http.request.resend_count"), resends)?;
    set(&span, intern!(py, "agglestone.credential"), attempt.credential)?;
    set(&span, intern!(py, "agglestone.key.fingerprint"), attempt.fingerprint.as_deref())?;
    set(&span, intern!(py, "agglestone.request_id"), attempt.request_id.as_deref())?;
    let wait = attempt.connection_wait.map(|wait| wait as f64 / 1e6);
    set(&span, intern!(py, "agglestone.connection_wait"), wait)?;
    let name = format!("{} {}", attempt.method, attempt.route);
    (name, attempt.start, attempt.duration, error, span, metric).into_pyobject(py)
}

/// What a call and its attempts say, in spans and metrics; nothing for a call that did not begin.
fn shared<'py>(py: Python<'py>, account: &Account) -> PyResult<Bound<'py, PyDict>> {
    let attributes = PyDict::new(py);
    if !account.method.is_empty() {
        attributes.set_item(intern!(py, "http.request.method"), PyString::intern(py, account.method))?;
        attributes.set_item(intern!(py, "url.template"), PyString::intern(py, &account.route))?;
        attributes.set_item(intern!(py, "server.address"), PyString::intern(py, &account.server_address))?;
        attributes.set_item(intern!(py, "server.port"), account.server_port)?;
    }
    Ok(attributes)
}

fn text<'a>(value: &'a Option<Bound<'_, PyAny>>) -> &'a str {
    let text = value.as_ref().and_then(|value| value.cast::<PyString>().ok());
    text.and_then(|text| text.to_str().ok()).unwrap_or_default()
}

/// What there is not is left out.
fn set<'py>(
    attributes: &Bound<'py, PyDict>,
    name: &Bound<'py, PyString>,
    value: Option<impl IntoPyObject<'py>>,
) -> PyResult<()> {
    match value {
        Some(value) => attributes.set_item(name, value),
        None => Ok(()),
    }
}
