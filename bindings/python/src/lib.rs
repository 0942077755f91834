//! `agglestone._native`: the core for Python, as thin as it gets. The package `agglestone` (in `python/`) is the face;
//! this module carries operations in and replies out, and is free to change with it.
#![deny(unsafe_code)]

mod arguments;
mod bell;
mod claims;
mod errors;
mod events;
mod interpreter;
mod json;
mod key_source;
mod observation;
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
///
/// A function and not a module of exports, because those are made before anything of ours can refuse.
#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    interpreter::only_main(module.py())?;
    module.add_class::<observation::Observation>()?;
    module.add_class::<operation::Operation>()?;
    module.add_class::<operation::UserId>()?;
    module.add_class::<settings::Options>()?;
    module.add_class::<queue::Queue>()?;
    module.add_class::<queue::RunningCall>()?;
    module.add_class::<reply::Reply>()?;
    module.add_class::<session::Session>()?;
    module.add_class::<token::Token>()?;
    module.add_function(wrap_pyfunction!(errors::error_table, module)?)?;
    module.add_function(wrap_pyfunction!(errors::tables, module)?)?;
    module.add_function(wrap_pyfunction!(live_handles, module)?)?;
    module.add("__version__", agglestone::VERSION)
}

/// How many sessions and calls under way exist in this process: 0 when everything was closed.
#[pyfunction]
fn live_handles() -> usize {
    agglestone::binding::live_handles()
}
