//! The two ways a [`Call`](crate::call::Call) gets over the network. No protocol rule lives here.

pub mod blocking;
pub mod nonblocking;
mod runtime;
mod sharing;
