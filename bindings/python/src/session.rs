//! A client's session: made from Python's settings, runs operations in both ways.

use std::sync::Arc;
use std::time::Duration;

use agglestone::Config;
use agglestone::drivers::nonblocking;
use pyo3::prelude::*;

use crate::answer::Answer;
use crate::arguments::{flag, seconds, text};
use crate::errors::OrRaise;
use crate::operation::Operation;
use crate::process::PerProcess;
use crate::queue::{Queue, RunningCall};
use crate::reply::Reply;

/// How often a waiting call looks whether a signal came: Ctrl-C must not take until the deadline. The blocking driver
/// can't be left before its end, and is no faster here.
const BETWEEN_SIGNALS: Duration = Duration::from_millis(100);

/// What all calls of one client share. May be used from any thread.
#[pyclass(frozen, module = "agglestone._native")]
pub struct Session(PerProcess);

type Setting<'a, 'py> = Option<&'a Bound<'py, PyAny>>;

#[pymethods]
impl Session {
    /// `None` is a setting that was not given.
    #[new]
    #[pyo3(signature = (
        *, runtime, tenant_id=None, api_key=None, secondary_api_key=None, base_url=None, users_path=None,
        app_name=None, allow_insecure_http=None, connect_timeout=None, timeout=None, deadline=None
    ))]
    #[allow(clippy::too_many_arguments, reason = "they are the keyword arguments of Python's clients")]
    fn new(
        py: Python<'_>,
        runtime: &str,
        tenant_id: Setting<'_, '_>,
        api_key: Setting<'_, '_>,
        secondary_api_key: Setting<'_, '_>,
        base_url: Setting<'_, '_>,
        users_path: Setting<'_, '_>,
        app_name: Setting<'_, '_>,
        allow_insecure_http: Setting<'_, '_>,
        connect_timeout: Setting<'_, '_>,
        timeout: Setting<'_, '_>,
        deadline: Setting<'_, '_>,
    ) -> PyResult<Session> {
        let mut builder = Config::builder().runtime(runtime);
        macro_rules! set {
            ($($name:ident: $read:ident),*) => {
                $(if let Some(value) = $name {
                    builder = builder.$name($read(stringify!($name), value)?);
                })*
            };
        }
        set!(
            tenant_id: text, api_key: text, secondary_api_key: text, base_url: text, users_path: text,
            app_name: text, allow_insecure_http: flag, connect_timeout: seconds, timeout: seconds,
            deadline: seconds
        );
        builder.build().map(|config| Session(PerProcess::new(config))).or_raise(py)
    }

    /// The URL of the tenant: what may be shown of a client.
    #[getter]
    fn tenant_url(&self) -> &str {
        self.0.config().tenant_url()
    }

    /// Runs an operation to its end, without the GIL. A signal handler that raises (Ctrl-C) cancels the call.
    fn call(&self, py: Python<'_>, operation: &Operation) -> PyResult<Reply> {
        let session = self.0.session().or_raise(py)?;
        let answer = Arc::new(Answer::default());
        let arrival = Arc::clone(&answer);
        let call = nonblocking::start(session, operation.to_core(), move |result| arrival.put(result));
        loop {
            if let Some(result) = py.detach(|| answer.wait(BETWEEN_SIGNALS)) {
                return result.map(Reply::from).or_raise(py);
            }
            if let Err(raised) = py.check_signals() {
                call.cancel();
                return Err(raised);
            }
        }
    }

    /// Starts an operation and returns at once; `queue` will answer under `id`.
    fn start(&self, py: Python<'_>, operation: &Operation, queue: &Queue, id: u64) -> PyResult<RunningCall> {
        let session = self.0.session().or_raise(py)?;
        let inbox = Arc::clone(queue.inbox());
        let call = nonblocking::start(session, operation.to_core(), move |result| inbox.put(id, result));
        Ok(RunningCall::from(call))
    }

    /// Closes the session; closing again does nothing.
    fn close(&self, py: Python<'_>) {
        // The transport's thread is waited for, and others may need the GIL meanwhile.
        py.detach(|| self.0.close());
    }
}
