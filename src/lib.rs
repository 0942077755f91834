//! Client for the Agglestone Authentication and User Management Service.
//!
//! [`Client`] blocks the calling thread, [`AsyncClient`] works in any executor; both share one core with the C, C#, Node
//! and Python packages. Inside, an [`Operation`] is a value, a call is a state machine without I/O, and two thin drivers
//! carry it over the network.
//!
//! ```no_run
//! use agglestone::{Client, PageRequest};
//!
//! # fn main() -> Result<(), agglestone::Error> {
//! let client = Client::from_env()?;
//! let page = client.get_users(PageRequest::default())?;
//! println!("{} of {:?}", page.data.len(), page.total_records);
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]
#![cfg_attr(
    not(feature = "token-store"),
    allow(dead_code, reason = "what the token store alone has a use for")
)]
#![deny(missing_docs)]

// From the ground up: each floor uses those above it in this list, and none below. `tests/architecture.rs` holds them to it.
mod bell;
mod error;
mod files;
mod http;
mod json;
mod live;
mod marks;
mod observation;
mod outline;
mod path;
mod process;
mod redact;
mod secret;
mod spans;
mod spelling;
mod sync;
mod time;
mod trace_context;
mod turns;
mod wrapper;

mod events;
mod models;
mod operation;
mod problem;
mod reply;

mod config;
mod keys;
mod tokens;
mod verify;

mod call;
mod pages;

mod transport;

mod completion;
mod session;

mod drivers;

mod async_client;
mod client;

#[doc(hidden)]
pub mod binding;

pub use async_client::{AsyncClient, AsyncUserClient, AsyncUsers};
pub use call::{CallOptions, Invocation};
pub use client::{Client, UserClient, Users};
pub use config::{Config, ConfigBuilder};
pub use error::{Code, Error, Problem, Result};
pub use events::{Event, Level};
pub use keys::{CheckedKey, GivenKeys, KeyCheck, KeyUsage, SlotUsage};
pub use models::{Page, User};
pub use observation::{Account, Attempt, Observation, TokenFrom};
pub use operation::{Operation, PageRequest, Request, TokenCheck, UserId};
pub use reply::Reply;
pub use secrecy::SecretString;
pub use secret::Token;
pub use time::Seconds;
pub use tokens::TokenStats;
pub use trace_context::TraceContext;
pub use verify::Claims;

/// The version of this library, as in `Cargo.toml`.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
