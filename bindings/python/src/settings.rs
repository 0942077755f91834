//! A configuration from the keyword arguments of a Python client.

use std::sync::Arc;

use agglestone::{Config, Error, Problem};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arguments::{callable, flag, integer, path, seconds, text};
use crate::errors::OrRaise;
use crate::events::Events;
use crate::key_source;

/// Reads the settings; `None` is one that was not given. A value of another type is one problem among all that the core lists.
/// What happens to the keys is noted in `events`.
pub fn read(
    py: Python<'_>,
    runtime: &str,
    settings: &Bound<'_, PyDict>,
    events: &Arc<Events>,
) -> PyResult<Config> {
    let noted = Arc::clone(events);
    let mut builder = Config::builder().runtime(runtime).on_event(move |event| noted.note(event));
    for (name, value) in settings.iter().filter(|(_, value)| !value.is_none()) {
        let name: String = name.extract()?;
        macro_rules! set {
            ($($setting:ident: $read:ident),*) => {
                match name.as_str() {
                    $(stringify!($setting) => match $read(stringify!($setting), &value) {
                        Ok(value) => builder.$setting(value),
                        Err(error) => builder.problem(problem(&error)),
                    },)*
                    "key_source" => match callable("key_source", &value) {
                        Ok(function) => builder.key_source(move || key_source::ask(&function)),
                        Err(error) => builder.problem(problem(&error)),
                    },
                    _ => return Err(PyTypeError::new_err(format!("unknown setting {name}"))),
                }
            };
        }
        builder = set!(
            tenant_id: text, api_key: text, secondary_api_key: text, api_key_file: path,
            secondary_api_key_file: path, base_url: text, users_path: text, app_name: text,
            ca_file: path, allow_insecure_http: flag, connect_timeout: seconds, timeout: seconds,
            deadline: seconds, max_retries: integer, token_cache_size: integer
        );
    }
    builder.build().or_raise(py)
}

fn problem(refused: &Error) -> Problem {
    refused.as_problem().expect("only arguments are refused here")
}
