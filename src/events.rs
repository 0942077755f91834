//! What an operator should know of a client's keys, told to the host's own logging. Fingerprints, never keys.

use std::fmt;
use std::sync::Arc;

/// How much an event matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// As planned.
    Info,
    /// Someone should look.
    Warning,
    /// Calls fail.
    Error,
}

impl Level {
    /// The level as a word: `info`, `warning` or `error`.
    pub const fn name(self) -> &'static str {
        match self {
            Level::Info => "info",
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }
}

/// Something that happened to the keys of a client.
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
}

impl Event {
    /// A stable name: `failover`, `keys_replaced`, `source_failed`, `insecure_http`,
    /// `key_file_writable`, `keys_refused` or `signing_keys_stale`.
    pub fn name(&self) -> &'static str {
        match self {
            Event::Failover { .. } => "failover",
            Event::KeysReplaced { .. } => "keys_replaced",
            Event::SourceFailed { .. } => "source_failed",
            Event::InsecureHttp { .. } => "insecure_http",
            Event::KeyFileWritable { .. } => "key_file_writable",
            Event::KeysRefused { .. } => "keys_refused",
            Event::SigningKeysStale { .. } => "signing_keys_stale",
        }
    }

    /// How much it matters.
    pub fn level(&self) -> Level {
        match self {
            Event::KeysReplaced { .. } => Level::Info,
            Event::Failover { .. }
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
        }
    }
}

/// Who is told. Called on whatever thread noticed, also one that drives I/O: hand the event on and return.
#[derive(Clone, Default)]
pub struct Listener(Option<Arc<Tell>>);

type Tell = dyn Fn(&Event) + Send + Sync;

impl Listener {
    /// A listener that calls a function.
    pub fn new(listener: impl Fn(&Event) + Send + Sync + 'static) -> Listener {
        Listener(Some(Arc::new(listener)))
    }

    /// Tells the listener, and whoever collects `tracing` events in this process.
    pub(crate) fn tell(&self, event: &Event) {
        match event.level() {
            Level::Info => tracing::info!(target: "agglestone", event = event.name(), "{event}"),
            Level::Warning => tracing::warn!(target: "agglestone", event = event.name(), "{event}"),
            Level::Error => tracing::error!(target: "agglestone", event = event.name(), "{event}"),
        }
        if let Some(listener) = &self.0 {
            listener(event);
        }
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Listener(set)" } else { "Listener(none)" })
    }
}
