//! What a single call may do differently from its client, and an operation together with it.

use std::time::Duration;

use crate::config::{Seconds, check_retries, check_time};
use crate::error::{Error, Result};
use crate::operation::Operation;

/// Options of one call; what is not set is the client's.
#[derive(Clone, Copy, Debug, Default)]
pub struct CallOptions {
    pub(super) timeout: Option<Duration>,
    pub(super) deadline: Option<Duration>,
    pub(super) max_retries: Option<u32>,
}

impl CallOptions {
    /// No option set.
    pub fn new() -> CallOptions {
        CallOptions::default()
    }

    /// How long one attempt may take.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`](crate::Code::InvalidArgument) naming `timeout`: more than 0 and at most 86,400 s are accepted.
    pub fn timeout(mut self, time: impl Into<Seconds>) -> Result<CallOptions> {
        self.timeout = Some(check_time(time.into()).map_err(|what| Error::argument("timeout", what))?);
        Ok(self)
    }

    /// How long the whole call may take, over all its attempts and waits.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`](crate::Code::InvalidArgument) naming `deadline`: more than 0 and at most 86,400 s are accepted.
    pub fn deadline(mut self, time: impl Into<Seconds>) -> Result<CallOptions> {
        self.deadline = Some(check_time(time.into()).map_err(|what| Error::argument("deadline", what))?);
        Ok(self)
    }

    /// How often a failed attempt may be followed by another.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`](crate::Code::InvalidArgument) naming `max_retries`: 0 to 10 are accepted.
    pub fn max_retries(mut self, retries: i64) -> Result<CallOptions> {
        self.max_retries = Some(check_retries(retries).map_err(|what| Error::argument("max_retries", what))?);
        Ok(self)
    }
}

/// An operation and the options it is called with.
#[derive(Clone, Debug)]
pub struct Invocation {
    pub(super) operation: Operation,
    pub(super) options: CallOptions,
}

/// With the client's options.
impl From<Operation> for Invocation {
    fn from(operation: Operation) -> Invocation {
        Invocation { operation, options: CallOptions::default() }
    }
}

impl Operation {
    /// The operation, to be called with these options.
    pub fn with(self, options: CallOptions) -> Invocation {
        Invocation { operation: self, options }
    }
}
