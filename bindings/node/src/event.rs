//! Events on their way to JavaScript: plain data. Fingerprints, never keys.

use std::time::Duration;

use agglestone::{Code, Event};
use napi_derive::napi;

/// What happened. Members that the event doesn't have are left out.
#[napi(object)]
pub struct EventData {
    pub name: String,
    pub level: String,
    pub message: String,
    pub from: Option<String>,
    pub to: Option<String>,
    pub primary: Option<String>,
    pub secondary: Option<String>,
    pub reason: Option<String>,
    pub fingerprints: Option<Vec<String>>,
    pub url: Option<String>,
    pub path: Option<String>,
    pub method: Option<String>,
    pub route: Option<String>,
    pub status: Option<u16>,
    pub error: Option<String>,
    pub attempt: Option<u32>,
    pub attempts: Option<u32>,
    /// Milliseconds.
    pub duration: Option<f64>,
    pub credential: Option<String>,
    pub request_id: Option<String>,
}

impl From<Event> for EventData {
    fn from(event: Event) -> EventData {
        let mut data = EventData {
            name: event.name().to_owned(),
            level: event.level().name().to_owned(),
            message: event.to_string(),
            from: None,
            to: None,
            primary: None,
            secondary: None,
            reason: None,
            fingerprints: None,
            url: None,
            path: None,
            method: None,
            route: None,
            status: None,
            error: None,
            attempt: None,
            attempts: None,
            duration: None,
            credential: None,
            request_id: None,
        };
        match event {
            Event::Failover { from, to } | Event::FailoverElsewhere { from, to } => {
                (data.from, data.to) = (Some(from), Some(to));
            }
            Event::KeysReplaced { primary, secondary } => {
                (data.primary, data.secondary) = (Some(primary), secondary);
            }
            Event::SourceFailed { reason }
            | Event::SigningKeysStale { reason }
            | Event::TokenStoreLost { reason } => data.reason = Some(reason),
            Event::KeysRefused { fingerprints } => data.fingerprints = Some(fingerprints),
            Event::InsecureHttp { url } => data.url = Some(url),
            Event::KeyFileWritable { path } => data.path = Some(path),
            Event::Request { method, route, status, error, attempt, duration, credential, request_id } => {
                data.call(method, route, status, error, duration);
                (data.attempt, data.credential, data.request_id) = (Some(attempt), credential, request_id);
            }
            Event::Call { method, route, status, error, attempts, duration } => {
                data.call(method, route, status, error, duration);
                data.attempts = Some(attempts);
            }
            // An event of a later core has its name, level and message.
            _ => {}
        }
        data
    }
}

impl EventData {
    fn call(
        &mut self,
        method: &str,
        route: String,
        status: Option<u16>,
        error: Option<Code>,
        duration: Duration,
    ) {
        (self.method, self.route, self.status) = (Some(method.to_owned()), Some(route), status);
        self.error = error.map(|code| code.name().to_owned());
        self.duration = Some(duration.as_secs_f64() * 1e3);
    }
}
