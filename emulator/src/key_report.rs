//! The report on keys that the control API and the portal answer: which are accepted, which were, and who presents them.
//! It holds fingerprints and no key.

use std::time::SystemTime;

use serde::Serialize;

use crate::clock::{iso8601, iso8601_or_null};
use crate::keys::Slot;
use crate::state::Shared;
use crate::usage::Row;

/// Everything about keys, at one moment.
#[derive(Serialize)]
pub(crate) struct KeyReport {
    #[serde(serialize_with = "iso8601")]
    now: SystemTime,
    /// The accepted ones as [`Slot::ALL`] has them, then those replaced, then the unknown; the latest of each first.
    keys: Vec<KeyUse>,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Accepted,
    Replaced,
    /// Presented, and not a key of this tenant as far as the emulator remembers.
    Unknown,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct KeyUse {
    fingerprint: String,
    state: State,
    slot: Option<Slot>,
    #[serde(serialize_with = "iso8601_or_null")]
    since: Option<SystemTime>,
    #[serde(serialize_with = "iso8601_or_null")]
    replaced_at: Option<SystemTime>,
    callers: Vec<Caller>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Caller {
    user_agent: Option<String>,
    requests: u64,
    refused: u64,
    #[serde(serialize_with = "iso8601")]
    first_used: SystemTime,
    #[serde(serialize_with = "iso8601")]
    last_used: SystemTime,
}

impl KeyReport {
    pub(crate) fn of(shared: &Shared) -> Self {
        let state = shared.lock();
        let (rows, now) = (state.usage.rows(), shared.clock.now());
        let mut keys: Vec<KeyUse> = Slot::ALL
            .into_iter()
            .map(|slot| KeyUse {
                slot: Some(slot),
                since: Some(state.keys.since(slot)),
                ..KeyUse::of(rows, state.keys.fingerprint(slot), State::Accepted)
            })
            .collect();
        keys.extend(state.keys.replaced().map(|old| KeyUse {
            slot: Some(old.slot),
            since: Some(old.since),
            replaced_at: Some(old.at),
            ..KeyUse::of(rows, &old.fingerprint, State::Replaced)
        }));
        let mut unknown: Vec<KeyUse> = vec![];
        for row in rows {
            if !keys.iter().chain(&unknown).any(|key| key.fingerprint == row.fingerprint) {
                unknown.push(KeyUse::of(rows, &row.fingerprint, State::Unknown));
            }
        }
        unknown.sort_by_key(|key| std::cmp::Reverse(key.callers.iter().map(|caller| caller.last_used).max()));
        keys.extend(unknown);
        Self { now, keys }
    }
}

impl KeyUse {
    fn of(rows: &[Row], fingerprint: &str, state: State) -> Self {
        let callers = rows.iter().filter(|row| row.fingerprint == fingerprint).map(|row| Caller {
            user_agent: row.user_agent.clone(),
            requests: row.requests,
            refused: row.refused,
            first_used: row.first,
            last_used: row.last,
        });
        Self {
            fingerprint: fingerprint.to_owned(),
            state,
            slot: None,
            since: None,
            replaced_at: None,
            callers: callers.collect(),
        }
    }
}
