//! What can happen.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::error::Code;

/// How much an event matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// For whoever looks for something.
    Debug,
    /// As planned.
    Info,
    /// Someone should look.
    Warning,
    /// Calls fail.
    Error,
}

impl Level {
    /// The level as a word: `debug`, `info`, `warning` or `error`.
    pub const fn name(self) -> &'static str {
        match self {
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }
}

/// Something that happened to the keys of a client, or a call that it made.
///
/// ```
/// use agglestone::{Config, Event, Level};
///
/// let builder = Config::builder().on_event(|event: &Event| {
///     if event.level() == Level::Error {
///         eprintln!("{}: {event}", event.name());
///     }
/// });
/// # drop(builder);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The key in use was refused and the other one works: it is the key in use from now on.
    Failover {
        /// Fingerprint of the refused key.
        from: String,
        /// Fingerprint of the key in use now.
        to: String,
    },
    /// Another process saw the key in use refused, or had it replaced: the other key is the one in use from now on.
    FailoverElsewhere {
        /// Fingerprint of the key that others had no luck with.
        from: String,
        /// Fingerprint of the key in use now.
        to: String,
    },
    /// The token store does not answer as it should: tokens are exchanged without it. Told once until it is back.
    TokenStoreLost {
        /// What was wrong, without anything that the store said but the name of an error.
        reason: String,
    },
    /// The token store answers again.
    TokenStoreBack,
    /// The keys were replaced, by the caller or because their source changed.
    KeysReplaced {
        /// Fingerprint of the primary key.
        primary: String,
        /// Fingerprint of the secondary key.
        secondary: Option<String>,
    },
    /// The source of the keys could not be read; the keys in use stay.
    SourceFailed {
        /// What was wrong, without any content of the source.
        reason: String,
    },
    /// Keys and tokens travel unencrypted, because `allow_insecure_http` allows it. Told each time a client is made.
    InsecureHttp {
        /// The base URL.
        url: String,
    },
    /// Every user of the machine may write a file that a key is read from. Told each time a client is made.
    KeyFileWritable {
        /// The file.
        path: String,
    },
    /// Every key that the client has was refused.
    KeysRefused {
        /// Fingerprints of the refused keys.
        fingerprints: Vec<String>,
    },
    /// The signing keys that tokens are verified with could not be renewed; the last ones serve, for a day at most. Told once for
    /// each fetch that failed.
    SigningKeysStale {
        /// Why the fetch failed.
        reason: String,
    },
    /// An attempt of a call is over. Only with [`request_log`](crate::ConfigBuilder::request_log).
    Request {
        /// The method, such as `GET`.
        method: &'static str,
        /// The route template, such as `users/{userId}`: no id and no query.
        route: String,
        /// The status of the response, if there was one.
        status: Option<u16>,
        /// Why there was none.
        error: Option<Code>,
        /// Which attempt of its call this was, counted from 1.
        attempt: u32,
        /// How long it took, the wait for a connection included.
        duration: Duration,
        /// What it proved who it is with: `primary`, `secondary` or `token`.
        credential: Option<&'static str>,
        /// Of the key.
        fingerprint: Option<Arc<str>>,
        /// The service's name for the request, if it gave one.
        request_id: Option<String>,
    },
    /// A call is over. Only with [`request_log`](crate::ConfigBuilder::request_log).
    Call {
        /// The method, such as `GET`.
        method: &'static str,
        /// The route template, such as `users/{userId}`: no id and no query.
        route: String,
        /// The status of the response that decided, if there was one.
        status: Option<u16>,
        /// What the call failed with.
        error: Option<Code>,
        /// How many attempts it took; 0 for what was at hand.
        attempts: u32,
        /// How long it took altogether.
        duration: Duration,
    },
}

impl Event {
    /// A stable name: `failover`, `failover_elsewhere`, `keys_replaced`, `source_failed`, `insecure_http`, `key_file_writable`,
    /// `keys_refused`, `signing_keys_stale`, `token_store_lost`, `token_store_back`, `request` or `call`.
    pub fn name(&self) -> &'static str {
        match self {
            Event::Failover { .. } => "failover",
            Event::FailoverElsewhere { .. } => "failover_elsewhere",
            Event::TokenStoreLost { .. } => "token_store_lost",
            Event::TokenStoreBack => "token_store_back",
            Event::KeysReplaced { .. } => "keys_replaced",
            Event::SourceFailed { .. } => "source_failed",
            Event::InsecureHttp { .. } => "insecure_http",
            Event::KeyFileWritable { .. } => "key_file_writable",
            Event::KeysRefused { .. } => "keys_refused",
            Event::SigningKeysStale { .. } => "signing_keys_stale",
            Event::Request { .. } => "request",
            Event::Call { .. } => "call",
        }
    }

    /// How much it matters.
    pub fn level(&self) -> Level {
        match self {
            Event::Request { .. } => Level::Debug,
            Event::KeysReplaced { .. }
            | Event::FailoverElsewhere { .. }
            | Event::TokenStoreBack
            | Event::Call { .. } => Level::Info,
            Event::Failover { .. }
            | Event::TokenStoreLost { .. }
            | Event::SourceFailed { .. }
            | Event::InsecureHttp { .. }
            | Event::KeyFileWritable { .. }
            | Event::SigningKeysStale { .. } => Level::Warning,
            Event::KeysRefused { .. } => Level::Error,
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::Failover { from, to } => {
                write!(f, "API key {from} was refused, {to} works and is used from now on")
            }
            Event::FailoverElsewhere { from, to } => {
                write!(
                    f,
                    "API key {from} was refused or replaced in another process, {to} is used from now on"
                )
            }
            Event::TokenStoreLost { reason } => {
                write!(f, "the token store is of no use for now, tokens are exchanged without it: {reason}")
            }
            Event::TokenStoreBack => write!(f, "the token store is back"),
            Event::KeysReplaced { primary, secondary: Some(secondary) } => {
                write!(f, "API keys replaced: primary {primary}, secondary {secondary}")
            }
            Event::KeysReplaced { primary, secondary: None } => {
                write!(f, "API key replaced: primary {primary}, no secondary")
            }
            Event::SourceFailed { reason } => {
                write!(f, "API keys could not be read, those in use stay: {reason}")
            }
            Event::InsecureHttp { url } => {
                write!(f, "allow_insecure_http: API keys and tokens are sent to {url} unencrypted")
            }
            Event::KeyFileWritable { path } => {
                write!(f, "the key file {path} may be written by every user of this machine: chmod o-w")
            }
            Event::KeysRefused { fingerprints } => {
                write!(f, "every API key was refused: {}", fingerprints.join(", "))
            }
            Event::SigningKeysStale { reason } => {
                write!(f, "signing keys could not be renewed, the last ones serve for now: {reason}")
            }
            Event::Request {
                method,
                route,
                status,
                error,
                attempt,
                duration,
                credential,
                fingerprint,
                request_id,
            } => {
                let outcome = Outcome(*error, *status);
                write!(
                    f,
                    "{method} {route}: {outcome} after {}, attempt {attempt}",
                    Milliseconds(*duration)
                )?;
                if let Some(credential) = credential {
                    write!(f, ", {credential}")?;
                }
                if let Some(fingerprint) = fingerprint {
                    write!(f, " {fingerprint}")?;
                }
                match request_id {
                    Some(id) => write!(f, ", request id {id}"),
                    None => Ok(()),
                }
            }
            Event::Call { method, route, status, error, attempts, duration } => {
                let (outcome, s) = (Outcome(*error, *status), if *attempts == 1 { "" } else { "s" });
                write!(
                    f,
                    "{method} {route}: {outcome} after {}, {attempts} attempt{s}",
                    Milliseconds(*duration)
                )
            }
        }
    }
}

/// `200`, `NOT_FOUND (404)`, `TIMEOUT`, or `ok` for what needed no response.
struct Outcome(Option<Code>, Option<u16>);

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome(None, None) => f.write_str("ok"),
            Outcome(None, Some(status)) => write!(f, "{status}"),
            Outcome(Some(code), None) => f.write_str(code.name()),
            Outcome(Some(code), Some(status)) => write!(f, "{} ({status})", code.name()),
        }
    }
}

/// `12.3 ms`
struct Milliseconds(Duration);

impl fmt::Display for Milliseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} ms", self.0.as_secs_f64() * 1e3)
    }
}
