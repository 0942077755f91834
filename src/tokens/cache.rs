//! What the cache holds: a bounded set of tokens and refusals, and the exchanges under way with those who wait for them.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::time::Duration;

use lru::LruCache;

use super::lifetime::{Lifetime, Phase};
use crate::error::{Error, Result};
use crate::operation::UserId;
use crate::secret::Token;
use crate::time::Now;

/// How long a refusal to issue a token is remembered.
const REFUSAL_LIVES: Duration = Duration::from_secs(5);

/// A token, and how many requests it took to get it: none when it was in the cache.
#[derive(Clone, Debug)]
pub struct Obtained {
    /// The token.
    pub token: Token,
    /// The requests sent for it.
    pub attempts: u32,
}

/// Takes the answer to a question, exactly once.
pub(crate) type Deliver = Box<dyn FnOnce(Result<Obtained>) + Send>;

/// Least recently used users go first. An exchange is a flight: many may wait for one, and a newer flight for the same user
/// makes an older one stale.
pub(super) struct Cache {
    entries: LruCache<UserId, Entry>,
    /// The flight whose result will be stored, by user.
    current: HashMap<UserId, Flight>,
    /// Those who wait, by flight.
    waiting: HashMap<u64, Vec<Deliver>>,
    flights: u64,
    /// Users were written after this flight began: what it and those before it learn of who is not there is out of date.
    written: u64,
}

/// An exchange under way.
struct Flight {
    number: u64,
    /// It ends with another token than this, or with one that is newer than everything.
    not: Option<Token>,
}

enum Entry {
    Token(Token, Lifetime),
    /// By this flight, at this time.
    Refusal(Error, u64, Now),
}

/// What the cache knows of a user.
pub(super) enum Found {
    Token { token: Token, renew: bool },
    Refusal(Error),
    Nothing,
}

impl Cache {
    pub fn new(capacity: usize) -> Cache {
        let capacity = NonZeroUsize::new(capacity).unwrap_or(NonZeroUsize::MIN);
        // Unbounded for the crate, which would otherwise reserve memory for all of it now; bounded in `store`.
        let mut entries = LruCache::unbounded();
        entries.resize(capacity);
        Cache { entries, current: HashMap::new(), waiting: HashMap::new(), flights: 0, written: 0 }
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn find(&mut self, user_id: &UserId, now: Now) -> Found {
        match self.entries.get(user_id) {
            None => return Found::Nothing,
            Some(Entry::Token(token, lifetime)) => match lifetime.phase(now) {
                Phase::Over => {}
                phase => return Found::Token { token: token.clone(), renew: phase == Phase::Renewal },
            },
            Some(Entry::Refusal(error, flight, at)) => {
                if *flight > self.written && now.since(*at) < REFUSAL_LIVES {
                    return Found::Refusal(error.clone());
                }
            }
        }
        self.entries.pop(user_id);
        Found::Nothing
    }

    /// Drops a token that was refused, unless a newer one has taken its place.
    pub fn drop_token(&mut self, user_id: &UserId, refused: &Token) {
        if let Some(Entry::Token(token, _)) = self.entries.peek(user_id)
            && token == refused
        {
            self.entries.pop(user_id);
        }
    }

    /// Waits for the flight under way for a user, if it ends with what is asked for, or for a new one, whose number is returned for
    /// the caller to run. `not` must not be the answer of a flight that may get it from others.
    pub fn join(
        &mut self,
        user_id: &UserId,
        anew: bool,
        not: Option<&Token>,
        deliver: Deliver,
    ) -> Option<u64> {
        if !anew
            && let Some(flight) = self.current.get(user_id)
            && flight.number > self.written
            && (not.is_none() || not == flight.not.as_ref())
        {
            self.waiting.entry(flight.number).or_default().push(deliver);
            return None;
        }
        let flight = self.begin(user_id, not.cloned());
        self.waiting.entry(flight).or_default().push(deliver);
        Some(flight)
    }

    /// A flight that nobody waits for, unless one is under way.
    pub fn renew(&mut self, user_id: &UserId) -> Option<u64> {
        (!self.current.contains_key(user_id)).then(|| self.begin(user_id, None))
    }

    fn begin(&mut self, user_id: &UserId, not: Option<Token>) -> u64 {
        self.flights += 1;
        self.current.insert(user_id.clone(), Flight { number: self.flights, not });
        self.flights
    }

    /// Whether anybody has a use for the outcome of a flight.
    pub fn wants(&self, user_id: &UserId, flight: u64) -> bool {
        self.is_current(user_id, flight) || self.waiting.contains_key(&flight)
    }

    /// Another process was refused the user's token: so is whoever waits here.
    pub fn refused_elsewhere(&mut self, user_id: &UserId, error: &Error, now: Now) -> Vec<Deliver> {
        let flight = self.current.get(user_id).map(|flight| flight.number);
        let flight = flight.unwrap_or_else(|| self.begin(user_id, None));
        self.land_with_error(user_id, flight, error, Some(now))
    }

    pub fn forget(&mut self, user_id: &UserId) {
        self.entries.pop(user_id);
        self.current.remove(user_id);
    }

    /// Users came or changed: no refusal so far counts, nor what an exchange under way will be refused with.
    pub fn users_written(&mut self) {
        self.written = self.flights;
    }

    /// A user is gone: forgets it under every spelling that is known, which are returned. Ids are mostly GUIDs, which a path may spell in another letter case.
    pub fn user_deleted(&mut self, id: &str) -> Vec<UserId> {
        let known = self.entries.iter().map(|(user_id, _)| user_id).chain(self.current.keys());
        let known: Vec<UserId> =
            known.filter(|user_id| user_id.as_str().eq_ignore_ascii_case(id)).cloned().collect();
        known.iter().for_each(|user_id| self.forget(user_id));
        self.users_written();
        known
    }

    pub fn forget_all(&mut self) {
        self.entries.clear();
        self.current.clear();
    }

    /// Ends a flight with a token, which is kept when it says how long it lives and nothing made the flight stale. Those who wait, and
    /// whether it was kept.
    pub fn land_with_token(
        &mut self,
        user_id: &UserId,
        flight: u64,
        token: &Token,
        lifetime: Option<Lifetime>,
    ) -> (Vec<Deliver>, bool) {
        let lifetime = lifetime.filter(|_| self.is_current(user_id, flight));
        if let Some(lifetime) = lifetime {
            self.entries.put(user_id.clone(), Entry::Token(token.clone(), lifetime));
        }
        (self.land(user_id, flight), lifetime.is_some())
    }

    /// Ends a flight with an error. A refusal is remembered from `refused_at` on, and one to renew leaves nothing to serve.
    pub fn land_with_error(
        &mut self,
        user_id: &UserId,
        flight: u64,
        error: &Error,
        refused_at: Option<Now>,
    ) -> Vec<Deliver> {
        if self.is_current(user_id, flight)
            && let Some(now) = refused_at
        {
            self.entries.put(user_id.clone(), Entry::Refusal(error.clone(), flight, now));
        }
        self.land(user_id, flight)
    }

    fn is_current(&self, user_id: &UserId, flight: u64) -> bool {
        self.current.get(user_id).is_some_and(|current| current.number == flight)
    }

    fn land(&mut self, user_id: &UserId, flight: u64) -> Vec<Deliver> {
        if self.is_current(user_id, flight) {
            self.current.remove(user_id);
        }
        self.waiting.remove(&flight).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_had_a_token_refused_waits_for_no_flight_that_may_end_with_it() {
        let (mut cache, user) = (Cache::new(1), UserId::new("u").unwrap());
        let refused = Token::testing("a", Duration::from_secs(900));
        let mut join = |not| cache.join(&user, false, not, Box::new(drop));
        assert_eq!(join(None), Some(1));
        assert_eq!(join(None), None);
        assert_eq!(join(Some(&refused)), Some(2));
        assert_eq!((join(Some(&refused)), join(None)), (None, None));
    }
}
