//! Faults: what the emulator is told to do wrong, to which requests, and how often.

mod body;
mod contradiction;
pub(crate) mod cut;
mod description;
mod fault;
mod json;
mod limiter;
mod play;
mod waiting;

pub use fault::{Close, Fault};
pub(crate) use json::read;
pub(crate) use waiting::Faults;
