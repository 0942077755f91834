//! A client's session: runs operations in both ways, and gives what is at hand without one.

use std::sync::Arc;
use std::time::Duration;

use agglestone::SecretString;
use agglestone::binding;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arguments::text;
use crate::claims;
use crate::errors::attempt;
use crate::events::Events;
use crate::operation::{Operation, id, token_check};
use crate::process::Sessions;
use crate::queue::{Queue, RunningCall};
use crate::reply::Reply;
use crate::settings::{self, Options};
use crate::token::Token;
use crate::usage;

/// How often a waiting call looks whether a signal came: Ctrl-C must not take until the deadline.
const BETWEEN_SIGNALS: Duration = Duration::from_millis(100);

/// What all calls of one client share. May be used from any thread.
#[pyclass(frozen, module = "agglestone._native")]
pub struct Session {
    session: Sessions,
    events: Arc<Events>,
}

#[pymethods]
impl Session {
    #[new]
    fn new(py: Python<'_>, runtime: &str, settings: &Bound<'_, PyDict>) -> PyResult<Session> {
        let events = Arc::default();
        let config = settings::config(py, runtime, settings, &events)?;
        let session = attempt(py, || Ok(Sessions::new(py, config)))?;
        events.write(py);
        Ok(Session { session, events })
    }

    /// The URL of the tenant: what may be shown of a client.
    #[getter]
    fn tenant_url(&self) -> &str {
        self.session.config().tenant_url()
    }

    /// How many seconds a whole call may take.
    #[getter]
    fn deadline(&self) -> f64 {
        self.session.config().deadline().as_secs_f64()
    }

    /// Runs an operation to its end, without the GIL. A signal handler that raises (Ctrl-C) cancels the call.
    fn call(&self, py: Python<'_>, operation: &Operation, options: Option<&Options>) -> PyResult<Reply> {
        let session = attempt(py, || self.session.get(py))?;
        let invocation = operation.to_core(options);
        let mut raised = None;
        let result = attempt(py, || {
            py.detach(|| {
                binding::run_until(&session, invocation, BETWEEN_SIGNALS, || {
                    raised = Python::attach(|py| py.check_signals().err());
                    raised.is_some()
                })
            })
        });
        self.events.write(py);
        match raised {
            Some(raised) => Err(raised),
            None => result.map(Reply::from),
        }
    }

    /// Starts an operation and returns at once; `queue` will answer under `id`.
    fn start(
        &self,
        py: Python<'_>,
        operation: &Operation,
        options: Option<&Options>,
        queue: &Queue,
        id: u64,
    ) -> PyResult<RunningCall> {
        let inbox = Arc::clone(queue.inbox());
        let report = move |result| inbox.put(id, result);
        let call =
            attempt(py, || Ok(binding::start(self.session.get(py)?, operation.to_core(options), report)));
        call.map(RunningCall::from)
    }

    /// Writes what happened to the keys into the log.
    fn log_events(&self, py: Python<'_>) {
        self.events.write(py);
    }

    /// The user's token, when it is at hand.
    fn cached_token(&self, user_id: &Bound<'_, PyAny>) -> PyResult<Option<Token>> {
        let (py, user_id) = (user_id.py(), id(user_id)?);
        let token = attempt(py, || Ok(binding::cached_token(&self.session.get(py)?, &user_id)))?;
        Ok(token.map(Token::from))
    }

    /// The claims of a token, when what it takes to verify it is at hand.
    fn verified_token<'py>(
        &self,
        token: &Bound<'py, PyAny>,
        check: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyDict>>> {
        let py = token.py();
        let claims = attempt(py, || {
            let (token, check) = (text("token", token)?, token_check(check)?);
            binding::verified_at_hand(&self.session.get(py)?, token, check).transpose()
        })?;
        claims.map(|claims| claims::to_dict(py, &claims)).transpose()
    }

    fn forget_token(&self, user_id: &Bound<'_, PyAny>) -> PyResult<()> {
        let (py, user_id) = (user_id.py(), id(user_id)?);
        attempt(py, || self.session.get(py).map(|session| session.tokens().forget(&user_id)))
    }

    fn forget_tokens(&self, py: Python<'_>) -> PyResult<()> {
        attempt(py, || self.session.get(py).map(|session| session.tokens().forget_all()))
    }

    fn token_stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let stats = attempt(py, || Ok(self.session.get(py)?.tokens().stats()))?;
        let dict = PyDict::new(py);
        dict.set_item("size", stats.size)?;
        dict.set_item("hits", stats.hits)?;
        dict.set_item("misses", stats.misses)?;
        dict.set_item("renewals", stats.renewals)?;
        dict.set_item("from_others", stats.from_others)?;
        Ok(dict)
    }

    fn set_api_keys(
        &self,
        py: Python<'_>,
        primary: &Bound<'_, PyAny>,
        secondary: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        attempt(py, || {
            let primary = text("primary", primary).map(SecretString::from)?;
            let secondary =
                secondary.map(|key| text("secondary", key).map(SecretString::from)).transpose()?;
            self.session.set_api_keys(py, primary, secondary)
        })?;
        self.events.write(py);
        Ok(())
    }

    fn key_usage<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        usage::to_dict(py, &attempt(py, || Ok(self.session.get(py)?.keys().usage()))?)
    }

    /// Closes the session; closing again does nothing.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        attempt(py, || {
            self.session.close(py);
            Ok(())
        })?;
        self.events.write(py);
        Ok(())
    }
}
