//! What a single call may do differently from its client, and an operation together with it.

use std::time::Duration;

use crate::config::{Config, MAX_RETRIES, Setting, Value};
use crate::error::{Error, Result};
use crate::observation::Observation;
use crate::operation::Operation;
use crate::spans;
use crate::time::Seconds;

/// Options of one call; what is not set is the client's.
///
/// They are the call's own: a token that it waits for is exchanged with the client's times, because the exchange serves
/// everyone who asks. Only the deadline ends the wait.
#[derive(Clone, Copy, Debug, Default)]
pub struct CallOptions {
    pub(super) connect_timeout: Option<Duration>,
    pub(super) timeout: Option<Duration>,
    pub(super) deadline: Option<Duration>,
    pub(super) max_retries: Option<u32>,
}

impl CallOptions {
    /// No option set.
    pub fn new() -> CallOptions {
        CallOptions::default()
    }

    /// How long establishing a connection may take. A call with another time than its client's uses connections of its own,
    /// which it shares with calls that have the same; they are kept for a few different times.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`](crate::Code::InvalidArgument) naming `connect_timeout`: more than 0 and at most 86,400 s are
    /// accepted.
    pub fn connect_timeout(mut self, time: impl Into<Seconds>) -> Result<CallOptions> {
        let time = time.into().check().map_err(|what| Error::argument("connect_timeout", what))?;
        self.connect_timeout = Some(time);
        Ok(self)
    }

    /// How long one attempt may take, from connecting to the last byte of the answer.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`](crate::Code::InvalidArgument) naming `timeout`: more than 0 and at most 86,400 s are accepted.
    pub fn timeout(mut self, time: impl Into<Seconds>) -> Result<CallOptions> {
        self.timeout = Some(time.into().check().map_err(|what| Error::argument("timeout", what))?);
        Ok(self)
    }

    /// How long the whole call may take, over all its attempts and waits.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`](crate::Code::InvalidArgument) naming `deadline`: more than 0 and at most 86,400 s are accepted.
    pub fn deadline(mut self, time: impl Into<Seconds>) -> Result<CallOptions> {
        self.deadline = Some(time.into().check().map_err(|what| Error::argument("deadline", what))?);
        Ok(self)
    }

    /// How often a failed attempt may be followed by another.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`](crate::Code::InvalidArgument) naming `max_retries`: 0 to 10 are accepted.
    pub fn max_retries(mut self, retries: i64) -> Result<CallOptions> {
        self.max_retries =
            Some(MAX_RETRIES.check_number(retries).map_err(|what| Error::argument("max_retries", what))?);
        Ok(self)
    }

    /// Gives a setting that a call may have of its own its value; for bindings.
    ///
    /// # Errors
    /// As the setters.
    ///
    /// # Panics
    /// If the setting is not one of a call, or the value of another kind.
    #[doc(hidden)]
    pub fn set(self, setting: &Setting, value: Value) -> Result<CallOptions> {
        match (setting.name, value) {
            ("connect_timeout", Value::Span(time)) => self.connect_timeout(time),
            ("timeout", Value::Span(time)) => self.timeout(time),
            ("deadline", Value::Span(time)) => self.deadline(time),
            ("max_retries", Value::Number(retries)) => self.max_retries(retries),
            (name, value) => panic!("{name} of a call takes no {value:?}"),
        }
    }

    /// These, and the others where these say nothing.
    pub(crate) fn or(self, others: CallOptions) -> CallOptions {
        CallOptions {
            connect_timeout: self.connect_timeout.or(others.connect_timeout),
            timeout: self.timeout.or(others.timeout),
            deadline: self.deadline.or(others.deadline),
            max_retries: self.max_retries.or(others.max_retries),
        }
    }
}

/// An operation and the options it is called with.
#[derive(Clone, Debug)]
pub struct Invocation {
    pub(super) operation: Operation,
    pub(super) options: CallOptions,
    /// The reply tells what users are made of without another look at the body; for bindings.
    pub(super) outlined: bool,
    pub(super) observation: Option<Observation>,
}

/// With the client's options.
impl From<Operation> for Invocation {
    fn from(operation: Operation) -> Invocation {
        Invocation { operation, options: CallOptions::default(), outlined: false, observation: None }
    }
}

impl Invocation {
    /// The same, observed: it sends the observation's trace context, and its account is kept there. An observation is for one call.
    pub fn observed(self, observation: Observation) -> Invocation {
        Invocation { observation: Some(observation), ..self }
    }

    /// An operation with its options, and who observes the call; for bindings.
    #[doc(hidden)]
    pub fn new(
        operation: Operation,
        options: CallOptions,
        outlined: bool,
        observation: Option<Observation>,
    ) -> Invocation {
        Invocation { operation, options, outlined, observation }
    }

    /// The same, observed where the program collects spans or says which trace the call belongs to. On the caller's thread.
    pub(crate) fn in_trace_of(self, config: &Config) -> Invocation {
        if self.observation.is_some() {
            return self;
        }
        let propagator = config.propagator();
        match spans::call() {
            Some(span) => {
                let trace = span.in_scope(|| propagator.ask());
                self.observed(Observation::within(span, trace))
            }
            None if propagator.is_set() => self.observed(Observation::new(propagator.ask())),
            None => self,
        }
    }

    /// The same, with these options where it has none of its own.
    pub(crate) fn or(self, others: CallOptions) -> Invocation {
        Invocation { options: self.options.or(others), ..self }
    }
}

impl Operation {
    /// The operation, to be called with these options.
    pub fn with(self, options: CallOptions) -> Invocation {
        Invocation { operation: self, options, outlined: false, observation: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Kind, SETTINGS};

    #[test]
    fn every_setting_of_a_call_reaches_its_own_setter() {
        for setting in SETTINGS.iter().filter(|setting| setting.per_call) {
            let value = match setting.kind {
                Kind::Span => Value::Span(Seconds::from(-1.0)),
                _ => Value::Number(-1),
            };
            let refused = CallOptions::new().set(setting, value).unwrap_err();
            assert_eq!(refused.argument_name(), Some(setting.name));
        }
    }
}
