//! What an entry of the store holds: a token, when it ends, how long it lived, and which forgetting it comes after.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use zeroize::Zeroizing;

use super::super::lifetime::Lifetime;
use crate::secret::Token;
use crate::time::Now;

/// End, life and epoch, eight bytes each.
const HEAD: usize = 24;

/// A token that is shared.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub token: Token,
    /// When the token ends, by the calendar.
    ends: SystemTime,
    life: Duration,
    epoch: u64,
}

impl Entry {
    /// `None` for a token that does not say how long it lives: nobody keeps it.
    pub fn of(token: &Token, epoch: u64, now: Now) -> Option<Entry> {
        let life = token.life()?;
        Some(Entry { token: token.clone(), ends: now.system + (life - token.age()), life, epoch })
    }

    /// How long the store has to keep it: as long as it may be given out.
    pub fn kept(&self, now: Now) -> Duration {
        let left = self.ends.duration_since(now.system).unwrap_or_default();
        left.saturating_sub(Lifetime::stop(self.life))
    }

    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let token = self.token.expose().as_bytes();
        let mut bytes = Zeroizing::new(Vec::with_capacity(HEAD + token.len()));
        let ends = self.ends.duration_since(UNIX_EPOCH).unwrap_or_default();
        for number in [milliseconds(ends), milliseconds(self.life), self.epoch] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        bytes.extend_from_slice(token);
        bytes
    }

    /// Reads an entry that the store goes on to keep for `kept`. `None` for one that is over, or of before `epoch`.
    ///
    /// The store's clock counts as well as the calendar here, whichever says less: an entry that is played back after its end is
    /// none, and a machine whose calendar is behind gives no token out for longer.
    pub fn read(bytes: &[u8], kept: Duration, epoch: u64, now: Now) -> Option<Entry> {
        let (head, token) = bytes.split_at_checked(HEAD)?;
        let number = |at: usize| Some(u64::from_be_bytes(head[at..at + 8].try_into().ok()?));
        if number(16)? != epoch {
            return None;
        }
        let life = Duration::from_millis(number(8)?);
        let ends = UNIX_EPOCH.checked_add(Duration::from_millis(number(0)?))?;
        let left = ends.duration_since(now.system).ok()?;
        let left = left.min(kept.saturating_add(Lifetime::stop(life))).min(life);
        if left <= Lifetime::stop(life) {
            return None;
        }
        let token = Token::new(std::str::from_utf8(token).ok()?).ok()?.kept(life, left, now.system)?;
        Some(Entry { token, ends: now.system + left, life, epoch })
    }
}

fn milliseconds(time: Duration) -> u64 {
    time.as_millis().try_into().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokens::lifetime::Phase;

    const LIFE: Duration = Duration::from_secs(900);

    fn later(now: Now, by: u64) -> Now {
        let by = Duration::from_secs(by);
        Now { instant: now.instant + by, system: now.system + by }
    }

    fn bytes(now: Now) -> Zeroizing<Vec<u8>> {
        Entry::of(&Token::testing("a", LIFE), 7, now).unwrap().to_bytes()
    }

    #[test]
    fn a_token_is_renewed_and_ends_when_it_would_have_where_it_came_from() {
        let now = Now::read();
        let at = later(now, 300);
        let entry = Entry::read(&bytes(now), LIFE, 7, at).unwrap();
        let lifetime = Lifetime::of(&entry.token, at, 0.5).unwrap();
        for (after, phase) in [
            (400, Phase::Use),
            (719, Phase::Use),
            (721, Phase::Renewal),
            (889, Phase::Renewal),
            (891, Phase::Over),
        ] {
            assert_eq!(lifetime.phase(later(now, after)), phase, "{after}");
        }
    }

    #[test]
    fn an_entry_that_is_over_or_older_than_a_forgetting_is_none() {
        let now = Now::read();
        let bytes = bytes(now);
        for after in [891, 2000] {
            assert!(Entry::read(&bytes, LIFE, 7, later(now, after)).is_none(), "played back after {after} s");
        }
        assert!(Entry::read(&bytes, Duration::ZERO, 7, now).is_none(), "the store's own time is over");
        assert!(Entry::read(&bytes, LIFE, 8, now).is_none(), "everything was forgotten since");
        assert!(Entry::read(&bytes[..20], LIFE, 7, now).is_none());
    }

    #[test]
    fn the_stores_clock_counts_where_the_calendar_is_behind() {
        let now = Now::read();
        let entry = Entry::read(&bytes(now), Duration::from_secs(30), 7, now).unwrap();
        assert_eq!(entry.kept(now), Duration::from_secs(30));
    }

    #[test]
    fn a_token_without_a_life_is_not_shared() {
        let token = Token::new("a.e30.c").unwrap();
        assert!(Entry::of(&token, 0, Now::read()).is_none());
    }
}
