//! What arrived, in order: one entry a request, without secrets.
//! An entry is opened on arrival and completed with the status, so a request whose caller gave up is here too.

use std::collections::VecDeque;
use std::time::SystemTime;

use serde::Serialize;

use crate::clock::iso8601;
use crate::credentials::Credential;
use crate::keys::Slot;

/// Entries kept; the oldest go first.
const CAPACITY: usize = 10_000;

/// One request as it arrived, and how it was answered.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct JournalEntry {
    /// When it arrived.
    #[serde(serialize_with = "iso8601")]
    pub time: SystemTime,
    /// The method.
    pub method: String,
    /// The path as it arrived, not decoded, without the query.
    pub path: String,
    /// The query as it arrived, without the `?`.
    pub query: Option<String>,
    /// The status it was answered with; none while it is not answered, and none for ever if the caller gave up or a fault cut the connection.
    pub status: Option<u16>,
    /// The slot whose key it carried; none if the key was not accepted at that moment, or there was none.
    pub key_slot: Option<Slot>,
    /// The fingerprint of the key it carried, accepted or not.
    pub fingerprint: Option<String>,
    /// What kind of credential it carried.
    pub credential: Credential,
    /// The `User-Agent`.
    pub user_agent: Option<String>,
    /// The `x-request-id` of the answer.
    pub request_id: String,
}

/// The last requests.
#[derive(Default)]
pub(crate) struct Journal {
    entries: VecDeque<JournalEntry>,
    /// Requests that came before the first of `entries`.
    gone: u64,
}

/// Where an opened entry is found again.
#[derive(Clone, Copy)]
pub(crate) struct Opened(u64);

impl Journal {
    /// Notes a request that has arrived.
    pub(crate) fn open(&mut self, entry: JournalEntry) -> Opened {
        if self.entries.len() == CAPACITY {
            self.entries.pop_front();
            self.gone += 1;
        }
        self.entries.push_back(entry);
        Opened(self.gone + self.entries.len() as u64 - 1)
    }

    /// Completes an entry, if it is still kept.
    pub(crate) fn complete(&mut self, opened: Opened, status: u16, request_id: &str) {
        let index = opened.0.checked_sub(self.gone);
        if let Some(entry) = index.and_then(|index| self.entries.get_mut(index as usize)) {
            entry.status = Some(status);
            entry.request_id = request_id.to_owned();
        }
    }

    /// Everything kept, oldest first.
    pub(crate) fn entries(&self) -> Vec<JournalEntry> {
        self.entries.iter().cloned().collect()
    }

    /// Forgets everything. Requests still open are not noted when they complete.
    pub(crate) fn clear(&mut self) {
        self.gone += self.entries.len() as u64;
        self.entries.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str) -> JournalEntry {
        JournalEntry {
            time: SystemTime::UNIX_EPOCH,
            method: "GET".into(),
            path: path.into(),
            query: None,
            status: None,
            key_slot: None,
            fingerprint: None,
            credential: Credential::None,
            user_agent: None,
            request_id: String::new(),
        }
    }

    #[test]
    fn the_oldest_entries_go_first_and_the_rest_still_complete() {
        let mut journal = Journal::default();
        let first = journal.open(entry("/first"));
        let second = journal.open(entry("/second"));
        for _ in 2..=CAPACITY {
            journal.open(entry("/more"));
        }
        journal.complete(first, 500, "gone");
        journal.complete(second, 204, "kept");
        let entries = journal.entries();
        assert_eq!(entries.len(), CAPACITY);
        assert_eq!((entries[0].path.as_str(), entries[0].status), ("/second", Some(204)));
        assert_eq!(entries.iter().filter(|entry| entry.status.is_some()).count(), 1);
    }

    #[test]
    fn a_request_open_across_a_clear_completes_nobody_elses_entry() {
        let mut journal = Journal::default();
        let old = journal.open(entry("/old"));
        journal.clear();
        journal.open(entry("/new"));
        journal.complete(old, 200, "old");
        assert_eq!(journal.entries()[0].status, None);
    }
}
