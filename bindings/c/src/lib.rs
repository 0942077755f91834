//! The C ABI: opaque handles, status codes, owned results. The only crate with `unsafe` in it.
//!
//! Ownership is in the signatures: `Option<&T>` is a pointer that is only looked at, `Option<Box<T>>` one that is taken
//! over, and both may be NULL. `boundary` turns NULLs, panics and errors into an [`agg_status`](status::agg_status).
#![allow(non_camel_case_types, reason = "these are the names that C programs see")]

mod boundary;
mod dispatcher;
mod report;
mod reports;
mod view;

// The header follows this order, so each of these stands alone, out of the formatter's reach.
mod version;

mod status;

mod error;

mod config;

mod lent;

mod event;

mod callbacks;

mod account;

mod observation;

mod operation;

mod client;

mod call;

mod queue;

mod reply;

mod bytes;

mod for_bindings;
