//! What an operator should know of a client's keys and, if wanted, of its calls, told to the host's own logging. Fingerprints,
//! never keys; route templates, never ids.

mod event;
mod listener;
mod parts;

pub use event::{Event, Level};
pub use listener::Listener;
pub(crate) use listener::Propagator;
pub use parts::Piece;
