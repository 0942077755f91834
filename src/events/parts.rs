//! What an event tells, piece by piece: for bindings, which hand it to logs that are searched by name.

use std::cell::LazyCell;
use std::time::Duration;

use super::event::{Event, Level};

/// A piece.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Piece<'a> {
    /// A text.
    Text(&'a str),
    /// Several.
    Texts(&'a [String]),
    /// A status, or how many.
    Number(u32),
    /// How long something took.
    Time(Duration),
}

/// One by its name; `None` where there is nothing to tell.
pub type Part<'a> = (&'static str, Option<Piece<'a>>);

impl Event {
    /// Its pieces by their names, in the same order each time.
    #[doc(hidden)]
    pub fn parts(&self) -> Vec<Part<'_>> {
        use Piece::{Number, Text, Texts};
        match self {
            Event::Failover { from, to } | Event::FailoverElsewhere { from, to } => {
                vec![("from", Some(Text(from))), ("to", Some(Text(to)))]
            }
            Event::KeysReplaced { primary, secondary } => {
                vec![("primary", Some(Text(primary))), ("secondary", secondary.as_deref().map(Text))]
            }
            Event::TokenStoreLost { reason }
            | Event::SourceFailed { reason }
            | Event::SigningKeysStale { reason } => vec![("reason", Some(Text(reason)))],
            Event::TokenStoreBack => vec![],
            Event::InsecureHttp { url } => vec![("url", Some(Text(url)))],
            Event::KeyFileWritable { path } => vec![("path", Some(Text(path)))],
            Event::KeysRefused { fingerprints } => vec![("fingerprints", Some(Texts(fingerprints)))],
            Event::Request { attempt, credential, fingerprint, request_id, .. } => self.of_both([
                ("attempt", Some(Number(*attempt))),
                ("credential", credential.map(Text)),
                ("fingerprint", fingerprint.as_deref().map(Text)),
                ("request_id", request_id.as_deref().map(Text)),
            ]),
            Event::Call { attempts, .. } => self.of_both([("attempts", Some(Number(*attempts)))]),
        }
    }

    /// What attempts and calls tell alike, and more of one of them.
    fn of_both<'a, const N: usize>(&'a self, more: [Part<'a>; N]) -> Vec<Part<'a>> {
        use Piece::{Number, Text, Time};
        let (Event::Request { method, route, status, error, duration, .. }
        | Event::Call { method, route, status, error, duration, .. }) = self
        else {
            return more.into();
        };
        let alike = [
            ("method", Some(Text(method))),
            ("route", Some(Text(route))),
            ("status", status.map(|status| Number(status.into()))),
            ("error", error.map(|code| Text(code.name()))),
            ("duration", Some(Time(*duration))),
        ];
        alike.into_iter().chain(more).collect()
    }
}

impl<'a> Piece<'a> {
    fn text(self) -> Option<&'a str> {
        if let Piece::Text(text) = self { Some(text) } else { None }
    }

    fn number(self) -> Option<u32> {
        if let Piece::Number(number) = self { Some(number) } else { None }
    }

    fn seconds(self) -> Option<f64> {
        if let Piece::Time(time) = self { Some(time.as_secs_f64()) } else { None }
    }
}

/// Tells whoever collects `tracing` events in this process. Nothing is taken apart where nobody does.
pub(super) fn trace(event: &Event) {
    let parts = LazyCell::new(|| event.parts());
    let part = |name| parts.iter().find(|part| part.0 == name).and_then(|part| part.1);
    macro_rules! trace {
        ($level:ident) => {
            tracing::$level!(
                target: "agglestone",
                event = event.name(),
                method = part("method").and_then(Piece::text),
                route = part("route").and_then(Piece::text),
                status = part("status").and_then(Piece::number),
                error = part("error").and_then(Piece::text),
                duration = part("duration").and_then(Piece::seconds),
                attempt = part("attempt").and_then(Piece::number),
                attempts = part("attempts").and_then(Piece::number),
                credential = part("credential").and_then(Piece::text),
                fingerprint = part("fingerprint").and_then(Piece::text),
                request_id = part("request_id").and_then(Piece::text),
                "{event}"
            )
        };
    }
    match event.level() {
        Level::Debug => trace!(debug),
        Level::Info => trace!(info),
        Level::Warning => trace!(warn),
        Level::Error => trace!(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn a_message_is_made_of_its_parts() {
        let text = str::to_owned;
        let events = [
            Event::Failover { from: text("5f446419"), to: text("2f72fd8f") },
            Event::KeysReplaced { primary: text("5f446419"), secondary: Some(text("2f72fd8f")) },
            Event::SourceFailed { reason: text("it is gone") },
            Event::InsecureHttp { url: text("http://a.example") },
            Event::KeyFileWritable { path: text("/run/key") },
            Event::KeysRefused { fingerprints: vec![text("5f446419"), text("2f72fd8f")] },
            Event::Request {
                method: "GET",
                route: text("users/{userId}"),
                status: Some(503),
                error: None,
                attempt: 2,
                duration: Duration::from_micros(20_400),
                credential: Some("primary"),
                fingerprint: Some("5f446419".into()),
                request_id: Some(text("0a1b2c3d")),
            },
            Event::Call {
                method: "GET",
                route: text("users"),
                status: Some(404),
                error: Some(Code::NotFound),
                attempts: 3,
                duration: Duration::from_millis(7),
            },
        ];
        for event in events {
            let message = event.to_string();
            let parts = event.parts();
            assert!(!parts.is_empty());
            for (name, piece) in parts {
                let shown = match piece {
                    None => continue,
                    Some(Piece::Text(text)) => text.to_owned(),
                    Some(Piece::Texts(texts)) => texts.join(", "),
                    Some(Piece::Number(number)) => number.to_string(),
                    Some(Piece::Time(time)) => format!("{:.1} ms", time.as_secs_f64() * 1e3),
                };
                assert!(message.contains(&shown), "{name}: {message}");
            }
        }
    }
}
