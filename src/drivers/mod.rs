//! The two ways a [`Call`](crate::call::Call) gets over the network. No protocol rule lives here.

pub mod blocking;
mod failure;
pub mod nonblocking;
mod sigpipe;
mod transport;
pub(crate) mod transports;
