//! The users' tokens: one exchange for everyone who waits, bounded, renewed before anyone has to wait, dropped when refused.
//!
//! The cache decides and remembers; it does no I/O. Whoever [asks](TokenCache::ask) and gets an [`Exchange`] back has to
//! have it run, in the background, and hand in the result.

mod cache;
mod lifetime;
pub(crate) mod shared;
mod stats;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

pub use cache::Obtained;
pub use stats::TokenStats;

use self::cache::{Cache, Deliver, Found};
use self::lifetime::Lifetime;
use self::shared::{Errand, News, Purpose, Shared};
use crate::error::{Code, Error, Result};
use crate::operation::UserId;
use crate::secret::Token;
use crate::sync::{Mutex, MutexGuard};
use crate::time::Now;

/// What a call wants of the cache.
#[derive(Clone, Debug)]
pub struct TokenQuestion {
    /// Whose token.
    pub user_id: UserId,
    /// What must not be the answer.
    pub(crate) not: Not,
    /// How long the call can wait.
    pub timeout: Duration,
}

/// What must not be the answer to a question.
#[derive(Clone, Debug)]
pub(crate) enum Not {
    /// Anything is fine.
    Nothing,
    /// This token, which the service has just refused.
    Refused(Token),
    /// Anything issued before the question.
    Old,
}

/// The tokens of one client.
pub struct TokenCache {
    cache: Mutex<Cache>,
    jitter: fn() -> f64,
    hits: AtomicU64,
    misses: AtomicU64,
    renewals: AtomicU64,
    from_others: AtomicU64,
    shared: Option<Arc<Shared>>,
}

/// An exchange that must be run. Dropped without a result, it reports a bug to whoever waits.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub user_id: UserId,
    purpose: Purpose,
    flight: u64,
    tokens: Option<Arc<TokenCache>>,
}

impl TokenCache {
    pub(crate) fn new(capacity: usize, jitter: fn() -> f64) -> TokenCache {
        TokenCache {
            cache: Mutex::new(Cache::new(capacity)),
            jitter,
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            renewals: AtomicU64::new(0),
            from_others: AtomicU64::new(0),
            shared: None,
        }
    }

    /// The same, over tokens that other processes have.
    pub(crate) fn sharing(self, shared: Option<Arc<Shared>>) -> TokenCache {
        TokenCache { shared, ..self }
    }

    /// The token that is at hand, for callers that must not wait. With an exchange when it is time to renew it.
    pub(crate) fn at_hand(self: &Arc<Self>, user_id: &UserId, now: Now) -> Option<(Token, Option<Exchange>)> {
        let mut cache = self.cache();
        let Found::Token { token, renew } = cache.find(user_id, now) else { return None };
        let exchange = renew.then(|| self.renewal(&mut cache, user_id, &token));
        self.hits.fetch_add(1, Relaxed);
        Some((token, exchange.flatten()))
    }

    /// Asks for a token. `deliver` is called at once, or when an exchange is over that is under way already or that the
    /// caller has to run.
    pub(crate) fn ask(
        self: &Arc<Self>,
        question: &TokenQuestion,
        now: Now,
        deliver: Deliver,
    ) -> Option<Exchange> {
        let user_id = &question.user_id;
        let mut cache = self.cache();
        let found = match &question.not {
            Not::Nothing => cache.find(user_id, now),
            Not::Refused(token) => {
                cache.drop_token(user_id, token);
                cache.find(user_id, now)
            }
            Not::Old => Found::Nothing,
        };
        match found {
            Found::Token { token, renew } => {
                let exchange = renew.then(|| self.renewal(&mut cache, user_id, &token)).flatten();
                drop(cache);
                self.hits.fetch_add(1, Relaxed);
                deliver(Ok(Obtained { token, attempts: 0 }));
                exchange
            }
            Found::Refusal(error) => {
                drop(cache);
                self.hits.fetch_add(1, Relaxed);
                deliver(Err(error.remembered()));
                None
            }
            Found::Nothing => {
                self.misses.fetch_add(1, Relaxed);
                let (anew, purpose) = match &question.not {
                    Not::Nothing => (false, Purpose::Missing),
                    Not::Refused(token) => (false, Purpose::Refused(token.clone())),
                    Not::Old => (true, Purpose::Fresh),
                };
                // Alone, every flight ends with a token that nobody had before.
                let not = match &question.not {
                    Not::Refused(token) if self.shared.is_some() => Some(token),
                    _ => None,
                };
                let flight = cache.join(user_id, anew, not, deliver)?;
                Some(self.exchange(user_id, flight, purpose))
            }
        }
    }

    /// Forgets a user's token. An exchange under way still answers those who wait for it, and nobody else.
    pub fn forget(&self, user_id: &UserId) {
        self.cache().forget(user_id);
        self.tell(|| News::Forget(user_id.as_str().to_owned()));
    }

    /// Forgets every token, and what was refused.
    pub fn forget_all(&self) {
        self.cache().forget_all();
        self.tell(|| News::ForgetAll);
    }

    /// Another process forgot a user's token.
    pub(crate) fn forgotten_elsewhere(&self, user_id: &str) {
        // An id that is none here is nobody's.
        if let Ok(user_id) = UserId::new(user_id) {
            self.cache().forget(&user_id);
        }
    }

    /// Another process forgot every token.
    pub(crate) fn all_forgotten_elsewhere(&self) {
        self.cache().forget_all();
    }

    /// Another process was refused a user's token: so is whoever waits for it here.
    pub(crate) fn refused_elsewhere(&self, user_id: &str, status: u16, now: Now) {
        let Ok(user_id) = UserId::new(user_id) else { return };
        let error = Error::refused_elsewhere(status);
        let waiting = self.cache().refused_elsewhere(&user_id, &error, now);
        waiting.into_iter().for_each(|deliver| deliver(Err(error.clone())));
    }

    /// Tells the others, if there are any.
    fn tell(&self, news: impl FnOnce() -> News) {
        if let Some(shared) = &self.shared {
            shared.tell(news());
        }
    }

    /// Drops what was refused: users were written, so who had no token may have one now.
    pub(crate) fn users_written(&self) {
        self.cache().users_written();
    }

    /// Forgets the token of a user that was deleted, whatever the letter case of the id, and what was refused.
    pub(crate) fn user_deleted(&self, id: &str) {
        let known = self.cache().user_deleted(id);
        for id in known.iter().map(UserId::as_str).chain([id]) {
            self.tell(|| News::Forget(id.to_owned()));
        }
    }

    /// How the cache is doing.
    pub fn stats(&self) -> TokenStats {
        TokenStats {
            size: self.cache().len(),
            hits: self.hits.load(Relaxed),
            misses: self.misses.load(Relaxed),
            renewals: self.renewals.load(Relaxed),
            from_others: self.from_others.load(Relaxed),
        }
    }

    /// A renewal in the background, unless an exchange for the user is under way.
    fn renewal(self: &Arc<Self>, cache: &mut Cache, user_id: &UserId, old: &Token) -> Option<Exchange> {
        let flight = cache.renew(user_id)?;
        self.renewals.fetch_add(1, Relaxed);
        Some(self.exchange(user_id, flight, Purpose::Renewal(old.clone())))
    }

    fn exchange(self: &Arc<Self>, user_id: &UserId, flight: u64, purpose: Purpose) -> Exchange {
        Exchange { user_id: user_id.clone(), purpose, flight, tokens: Some(self.clone()) }
    }

    /// Whether the token was kept.
    fn finished(&self, user_id: &UserId, flight: u64, result: Result<Obtained>, now: Now) -> bool {
        let (waiting, kept) = {
            let mut cache = self.cache();
            match &result {
                Ok(obtained) => {
                    let lifetime = Lifetime::of(&obtained.token, now, (self.jitter)());
                    cache.land_with_token(user_id, flight, &obtained.token, lifetime)
                }
                Err(error) => {
                    let refused = matches!(error.code(), Code::Forbidden | Code::NotFound);
                    (cache.land_with_error(user_id, flight, error, refused.then_some(now)), false)
                }
            }
        };
        if let Some(shared) = &self.shared
            && let Some(news) = result.as_ref().err().and_then(|error| News::of_refusal(user_id, error))
        {
            shared.tell(news);
        }
        // Outside the lock: whoever is told may ask again at once.
        for deliver in waiting {
            deliver(result.clone());
        }
        kept
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock()
    }
}

impl Exchange {
    /// Hands in the result: stores what may be stored and answers everyone who waits. Whether it was a token, and stored.
    pub fn finish(mut self, result: Result<Obtained>, now: Now) -> bool {
        self.tokens.take().is_some_and(|tokens| tokens.finished(&self.user_id, self.flight, result, now))
    }

    /// The same with a token that another process had exchanged.
    pub fn finish_with_others(self, token: Token, now: Now) {
        if let Some(tokens) = &self.tokens {
            tokens.from_others.fetch_add(1, Relaxed);
        }
        self.finish(Ok(Obtained { token, attempts: 0 }), now);
    }

    /// The way to the token over what others have; `None` where nothing is shared.
    pub fn errand(&self) -> Option<Errand> {
        self.tokens.as_ref()?.shared.as_ref()?.errand(&self.user_id, self.purpose.clone())
    }

    /// Whether anybody still has a use for it.
    pub fn is_wanted(&self) -> bool {
        self.tokens.as_ref().is_some_and(|tokens| tokens.cache().wants(&self.user_id, self.flight))
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if let Some(tokens) = self.tokens.take() {
            let error = Error::abandoned("a token exchange", "a token was fetched");
            tokens.finished(&self.user_id, self.flight, Err(error), Now::read());
        }
    }
}

impl std::fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.stats().fmt(f)
    }
}

#[cfg(all(test, agglestone_loom))]
mod loom_tests;
#[cfg(test)]
mod model_tests;
#[cfg(test)]
mod tests;
