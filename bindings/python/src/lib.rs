//! `agglestone._native`: the core for Python, as thin as it gets. The package `agglestone` (in `python/`) is the face;
//! this module carries operations in and replies out, and is free to change with it.
#![deny(unsafe_code)]

mod arguments;
mod bell;
mod errors;
mod events;
mod json;
mod key_source;
mod operation;
mod process;
mod queue;
mod reply;
mod session;
mod settings;
mod token;
mod usage;

use pyo3::prelude::*;

/// The native half of the package `agglestone`. Private: everything public is in the package itself.
#[pymodule]
mod _native {
    #[pymodule_export]
    use crate::errors::{error_table, tables};
    #[pymodule_export]
    use crate::operation::{Operation, UserId};
    #[pymodule_export]
    use crate::queue::{Queue, RunningCall};
    #[pymodule_export]
    use crate::reply::Reply;
    #[pymodule_export]
    use crate::session::Session;
    #[pymodule_export]
    use crate::settings::Options;
    #[pymodule_export]
    use crate::token::Token;
    use pyo3::prelude::*;

    /// How many sessions and calls under way exist in this process: 0 when everything was closed.
    #[pyfunction]
    fn live_handles() -> usize {
        agglestone::binding::live_handles()
    }

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", agglestone::VERSION)
    }
}
