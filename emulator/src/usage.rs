//! Who uses which key: counters for each fingerprint and `User-Agent`, which go on when the journal has forgotten a request.

use std::time::SystemTime;

use crate::keys::{Keys, Slot};

/// Rows kept, so that a caller who makes up keys or names can't fill the memory.
const CAPACITY: usize = 256;

/// Characters kept of a `User-Agent`.
const AGENT_LENGTH: usize = 200;

/// How often one caller presented one key.
pub(crate) struct Row {
    id: u64,
    pub(crate) fingerprint: String,
    /// None for callers that don't name themselves.
    pub(crate) user_agent: Option<String>,
    pub(crate) requests: u64,
    /// Requests answered 401.
    pub(crate) refused: u64,
    pub(crate) first: SystemTime,
    pub(crate) last: SystemTime,
}

/// All rows, in the order their first requests came.
#[derive(Default)]
pub(crate) struct Usage {
    rows: Vec<Row>,
    next_id: u64,
}

/// Which row a request was counted in.
#[derive(Clone, Copy)]
pub(crate) struct Counted(u64);

impl Usage {
    /// Counts a request that presented a key.
    pub(crate) fn count(
        &mut self,
        keys: &Keys,
        fingerprint: &str,
        user_agent: Option<&str>,
        now: SystemTime,
    ) -> Counted {
        let user_agent = user_agent.map(|agent| match agent.char_indices().nth(AGENT_LENGTH) {
            Some((end, _)) => &agent[..end],
            None => agent,
        });
        let same = |row: &&mut Row| row.fingerprint == fingerprint && row.user_agent.as_deref() == user_agent;
        if let Some(row) = self.rows.iter_mut().find(same) {
            row.requests += 1;
            row.last = now;
            return Counted(row.id);
        }
        if self.rows.len() == CAPACITY {
            self.forget_one(keys);
        }
        // Ids are not used twice: a request from before a reset must not be refused in a row from after it.
        self.next_id += 1;
        self.rows.push(Row {
            id: self.next_id,
            fingerprint: fingerprint.to_owned(),
            user_agent: user_agent.map(str::to_owned),
            requests: 1,
            refused: 0,
            first: now,
            last: now,
        });
        Counted(self.next_id)
    }

    /// Counts the refusal of a request, if its row is still there.
    pub(crate) fn refused(&mut self, counted: Counted) {
        if let Some(row) = self.rows.iter_mut().find(|row| row.id == counted.0) {
            row.refused += 1;
        }
    }

    pub(crate) fn rows(&self) -> &[Row] {
        &self.rows
    }

    pub(crate) fn clear(&mut self) {
        self.rows.clear();
    }

    /// Drops the row that says least: of a key never known rather than of one replaced, rather than of one accepted,
    /// and among those the one not used for the longest time.
    fn forget_one(&mut self, keys: &Keys) {
        let worth = |row: &Row| {
            let accepted = Slot::ALL.into_iter().any(|slot| keys.fingerprint(slot) == row.fingerprint);
            let known = accepted || keys.replaced().any(|old| old.fingerprint == row.fingerprint);
            (accepted, known, row.last)
        };
        let least = self.rows.iter().enumerate().min_by_key(|(_, row)| worth(row)).map(|(index, _)| index);
        if let Some(index) = least {
            self.rows.remove(index);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    fn second(number: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(number)
    }

    #[test]
    fn requests_and_refusals_are_counted_by_key_and_caller() {
        let (mut usage, keys) = (Usage::default(), Keys::new(None, None, UNIX_EPOCH));
        usage.count(&keys, "a", Some("shop"), second(1));
        let last = usage.count(&keys, "a", Some("shop"), second(2));
        usage.count(&keys, "a", None, second(3));
        usage.count(&keys, "b", Some("shop"), second(4));
        usage.refused(last);
        let row = &usage.rows()[0];
        assert_eq!((row.requests, row.refused, row.first, row.last), (2, 1, second(1), second(2)));
        assert_eq!(usage.rows().len(), 3);
    }

    #[test]
    fn a_refusal_of_a_request_from_before_a_clear_is_nobodys() {
        let (mut usage, keys) = (Usage::default(), Keys::new(None, None, UNIX_EPOCH));
        let old = usage.count(&keys, "a", None, second(1));
        usage.clear();
        usage.count(&keys, "a", None, second(2));
        usage.refused(old);
        assert_eq!(usage.rows()[0].refused, 0);
    }

    #[test]
    fn rows_are_bounded_and_those_of_known_keys_stay_longest() {
        let (mut usage, mut keys) = (Usage::default(), Keys::new(None, None, UNIX_EPOCH));
        let old = keys.fingerprint(Slot::Primary).to_owned();
        keys.generate(Slot::Primary, second(1));
        let new = keys.fingerprint(Slot::Primary).to_owned();
        usage.count(&keys, &new, Some("shop"), second(1));
        usage.count(&keys, &old, Some("shop"), second(2));
        for number in 0..2 * CAPACITY as u64 {
            usage.count(&keys, &format!("made up {number}"), Some("flood"), second(3 + number));
        }
        assert_eq!(usage.rows().len(), CAPACITY);
        assert_eq!((&usage.rows()[0].fingerprint, &usage.rows()[1].fingerprint), (&new, &old));
        for number in 0..CAPACITY as u64 {
            usage.count(&keys, &new, Some(&format!("made up {number}")), second(1000 + number));
        }
        assert_eq!(usage.rows().len(), CAPACITY);
        assert!(usage.rows().iter().all(|row| row.fingerprint == new));
    }

    #[test]
    fn a_long_user_agent_is_kept_in_part_and_stays_one_row() {
        let (mut usage, keys) = (Usage::default(), Keys::new(None, None, UNIX_EPOCH));
        let long = "é".repeat(AGENT_LENGTH + 1);
        usage.count(&keys, "a", Some(&long), second(1));
        usage.count(&keys, "a", Some(&long), second(2));
        assert_eq!(usage.rows().len(), 1);
        assert_eq!(usage.rows()[0].user_agent.as_deref(), Some(&long[..2 * AGENT_LENGTH]));
    }
}
