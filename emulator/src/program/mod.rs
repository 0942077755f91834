//! What only the program has: its arguments, their environment variables, and its configuration file.

mod file;
mod settings;

pub use settings::{Arguments, Settings};
