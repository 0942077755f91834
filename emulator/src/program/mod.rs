//! What only the program has: its arguments, their environment variables, and its configuration file; and its health check.

mod file;
pub mod healthcheck;
mod settings;

pub use settings::{Arguments, Command, Settings};
