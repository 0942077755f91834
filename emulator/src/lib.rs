//! Local stand-in for the Agglestone Authentication and User Management Service.
//!
//! [`start`] runs one inside a Rust test; the binary of the same name serves everybody else.
//! It is strict where the service is documented and refuses what it doesn't know, so that a client's mistake shows here first.
//!
//! ```
//! let emulator = agglestone_emulator::start();
//! assert!(emulator.url().starts_with("http://127.0.0.1:"));
//! ```

#![forbid(unsafe_code)]

mod address;
mod body;
mod caller;
mod claims;
mod clock;
mod credentials;
mod demo;
mod emulator;
mod faults;
mod front;
mod journal;
mod keeping;
mod key_report;
mod keys;
mod options;
mod portal;
mod problem;
mod query;
mod redact;
mod routes;
mod server;
mod setup;
mod signing;
mod snapshot;
mod start_error;
mod state;
mod swagger;
mod sync;
mod tls;
mod tokens;
mod unread;
mod usage;
mod user_rules;
mod users;
mod visitors;

pub use credentials::Credential;
pub use emulator::{Emulator, Ready};
pub use faults::{Close, Fault};
pub use journal::JournalEntry;
pub use keys::{Slot, fingerprint};
pub use options::{DEFAULT_PORT, DEFAULT_TENANT, Options};
pub use start_error::StartError;

/// Starts an emulator on a free port of `127.0.0.1` with the demo users; dropping it stops it.
///
/// # Panics
/// When the machine has no free port to give. [`Options::start`] returns that as an error instead.
pub fn start() -> Emulator {
    Options::new().start().expect("a free port on 127.0.0.1")
}

/// Reads a fault as the control API takes it, for the targets in `fuzz/`.
#[cfg(fuzzing)]
pub fn read_fault(bytes: &[u8]) -> Result<(), String> {
    faults::read(bytes).map(drop)
}

/// Reads a seed, likewise.
#[cfg(fuzzing)]
pub fn read_seed(bytes: &[u8]) -> Result<(), String> {
    users::read_list(&String::from_utf8_lossy(bytes)).map(drop)
}
