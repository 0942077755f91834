//! Events on their way to JavaScript: plain data. Fingerprints, never keys.

use agglestone::Event;
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
        };
        match event {
            Event::Failover { from, to } => (data.from, data.to) = (Some(from), Some(to)),
            Event::KeysReplaced { primary, secondary } => {
                (data.primary, data.secondary) = (Some(primary), secondary);
            }
            Event::SourceFailed { reason } | Event::SigningKeysStale { reason } => data.reason = Some(reason),
            Event::KeysRefused { fingerprints } => data.fingerprints = Some(fingerprints),
            Event::InsecureHttp { url } => data.url = Some(url),
            Event::KeyFileWritable { path } => data.path = Some(path),
            // An event of a later core has its name, level and message.
            _ => {}
        }
        data
    }
}
