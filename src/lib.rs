//! Client for the Agglestone Authentication and User Management Service.
//!
//! An [`Operation`] is a value, a [`Call`](call::Call) is a state machine without I/O, and two thin
//! [`drivers`] carry it over the network. [`Client`] and [`AsyncClient`] are the faces for Rust; C, C#,
//! Node and Python have theirs in `bindings/`, over the same core.
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

pub mod call;
pub mod completion;
pub mod config;
pub mod drivers;
pub mod error;
pub mod events;
pub mod keys;
pub mod live;
pub mod operation;
pub mod reply;
pub mod secret;
pub mod session;
pub mod tokens;

mod async_client;
mod async_users;
mod client;
pub mod http;
mod json;
mod models;
mod problem;
mod redact;

pub use async_client::{AsyncClient, AsyncUserClient};
pub use async_users::AsyncUsers;
pub use call::{CallOptions, Invocation};
pub use client::{Client, UserClient};
pub use config::{Config, ConfigBuilder};
pub use error::{Code, Error};
pub use models::{Page, User};
pub use operation::{Operation, PageRequest, Request, UserId};
pub use reply::Reply;
pub use secrecy::SecretString;
pub use secret::Token;

/// The version of this library, as in `Cargo.toml`.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
