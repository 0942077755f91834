//! Tokens shared with other processes over a store that is told no secret: what to ask of it, what to believe of it, what to tell.
//!
//! All rules and no I/O: an [`Errand`] is the way to one token, [`News`] are what everybody should know.

mod command;
mod entry;
mod errand;
mod news;
mod seal;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::SystemTime;

use secrecy::ExposeSecret;
use tokio::sync::Notify;

pub(crate) use self::command::{Answer, Command, Mark};
#[cfg(feature = "token-store")]
pub(crate) use self::command::{Found, KEPT_NEWS, LEASE, MOST_KEPT_NEWS};
pub(crate) use self::errand::{Errand, Purpose, Step};
pub(crate) use self::news::News;
pub(crate) use self::seal::Seal;
use crate::config::TokenStore;
use crate::keys::{KeyRing, KeySet};
use crate::operation::UserId;
use crate::sync::Mutex;

/// More news than this are told as one: that everything was forgotten. Whoever comes back hears no more of them anyway, and they
/// have to be told within the store's own time.
const MOST_NEWS: usize = command::MOST_KEPT_NEWS;

/// What one client shares, and how.
pub(crate) struct Shared {
    /// This client, among all.
    mark: u64,
    secrets: Secrets,
    outbox: Mutex<VecDeque<News>>,
    wake: Notify,
    /// Whether the store was there when it was last heard of.
    up: AtomicBool,
}

/// What entries are sealed with.
enum Secrets {
    Fixed(Arc<Vec<Seal>>),
    /// Each key held, in an order that all agree on.
    Keys {
        tenant: String,
        ring: Arc<KeyRing>,
        known: Mutex<Option<Known>>,
    },
}

/// The seals of a set of keys.
type Known = (Arc<KeySet>, Arc<Vec<Seal>>);

impl Shared {
    pub fn new(store: &TokenStore, tenant: &str, ring: &Arc<KeyRing>) -> Shared {
        let secrets = match &store.key {
            Some(key) => Secrets::Fixed(Arc::new(vec![Seal::new(key.expose_secret().as_bytes(), tenant)])),
            None => Secrets::Keys { tenant: tenant.to_owned(), ring: ring.clone(), known: Mutex::new(None) },
        };
        Shared {
            mark: fastrand::u64(..),
            secrets,
            outbox: Mutex::new(VecDeque::new()),
            wake: Notify::new(),
            up: AtomicBool::new(false),
        }
    }

    /// The store is there, or is not.
    pub fn store_is(&self, up: bool) {
        self.up.store(up, Relaxed);
    }

    /// The state of the store, as a word: `up` or `down`.
    pub fn store_state(&self) -> &'static str {
        if self.up.load(Relaxed) { "up" } else { "down" }
    }

    /// The seals of this moment; none while there are no keys to make them of.
    pub fn seals(&self) -> Arc<Vec<Seal>> {
        let (tenant, ring, known) = match &self.secrets {
            Secrets::Fixed(seals) => return seals.clone(),
            Secrets::Keys { tenant, ring, known } => (tenant, ring, known),
        };
        let Some(set) = ring.current() else { return Arc::default() };
        let mut known = known.lock();
        if let Some((of, seals)) = &*known
            && Arc::ptr_eq(of, &set)
        {
            return seals.clone();
        }
        let mut keys: Vec<_> = set.slots().map(|slot| &slot.key).collect();
        keys.sort_by_key(|key| key.fingerprint());
        let seals: Vec<_> = keys.iter().map(|key| Seal::new(key.expose().as_bytes(), tenant)).collect();
        let seals = Arc::new(seals);
        *known = Some((set, seals.clone()));
        // Whoever listens has other channels to listen to.
        self.wake.notify_one();
        seals
    }

    /// The way to a user's token; `None` while there is nothing to seal with.
    pub fn errand(&self, user_id: &UserId, purpose: Purpose) -> Option<Errand> {
        let seals = self.seals();
        let mark = Mark(fastrand::u64(..));
        (!seals.is_empty()).then(|| Errand::new(user_id.clone(), purpose, seals, mark))
    }

    /// Something for others to know, as soon as there is a way.
    pub fn tell(&self, news: News) {
        add(&mut self.outbox.lock(), news);
        self.wake.notify_one();
    }

    /// What has to be told now.
    pub fn take_news(&self) -> Vec<News> {
        self.outbox.lock().drain(..).collect()
    }

    /// It could not be told.
    pub fn put_back(&self, news: Vec<News>) {
        let mut outbox = self.outbox.lock();
        let since = std::mem::take(&mut *outbox);
        news.into_iter().chain(since).for_each(|news| add(&mut outbox, news));
    }

    pub fn commands(&self, news: &[News]) -> Vec<Command> {
        let seals = self.seals();
        let now = SystemTime::now();
        news.iter().flat_map(|news| news.commands(&seals, self.mark, now)).collect()
    }

    /// What to ask for to hear what was told meanwhile.
    pub fn asking_for_missed(&self) -> Vec<Command> {
        self.channels().into_iter().map(|channel| Command::LastTold { channel }).collect()
    }

    /// What was told from `since` on, by the answers to that.
    pub fn missed(&self, answers: &[Answer], since: SystemTime) -> Vec<News> {
        let seals = self.seals();
        let told = seals.iter().zip(answers).filter_map(|(seal, answer)| match answer {
            Answer::Told(told) => Some(News::missed(seal, told, self.mark, since)),
            _ => None,
        });
        told.flatten().collect()
    }

    pub fn channels(&self) -> Vec<String> {
        self.seals().iter().map(|seal| seal.channel.clone()).collect()
    }

    /// What somebody else told.
    pub fn heard(&self, channel: &str, message: &[u8]) -> Option<News> {
        News::heard(&self.seals(), channel, message, self.mark)
    }

    /// Until there is something to tell, or somewhere else to listen.
    pub async fn woken(&self) {
        self.wake.notified().await;
    }
}

/// The latest word on keys replaces the ones before it. An hour without a store must not fill the memory, and what was forgotten
/// meanwhile must not come back: so too many become one.
fn add(outbox: &mut VecDeque<News>, news: News) {
    if matches!(news, News::Retired(_)) {
        outbox.retain(|known| !matches!(known, News::Retired(_)));
    } else if matches!(news, News::ForgetAll) || outbox.len() >= MOST_NEWS {
        outbox.retain(|known| matches!(known, News::Retired(_)));
        outbox.push_back(News::ForgetAll);
        return;
    } else if outbox.contains(&news) {
        return;
    }
    outbox.push_back(news);
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("mark", &self.mark).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod errand_tests;
#[cfg(test)]
mod fake;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn whoever_holds_the_same_keys_locks_under_the_same_one() {
        let shared = |primary: &str, secondary: &str| {
            let config = Config::builder().tenant_id("t").api_key(primary).secondary_api_key(secondary);
            let config = config.token_store("redis://localhost").build_with(|_| None).unwrap();
            Shared::new(config.token_store().unwrap(), "t", &Arc::new(config.key_ring()))
        };
        let channels = shared("a-key", "another-key").channels();
        assert_eq!(channels.len(), 2);
        assert_eq!(channels, shared("another-key", "a-key").channels());
    }

    #[test]
    fn news_that_can_not_be_told_stay_few_and_forget_nothing() {
        let mut outbox = VecDeque::new();
        add(&mut outbox, News::Retired(vec!["a".into()]));
        for user in 0..MOST_NEWS {
            add(&mut outbox, News::Forget(user.to_string()));
        }
        add(&mut outbox, News::Retired(vec!["b".into()]));
        add(&mut outbox, News::Forget("last".into()));
        add(&mut outbox, News::Forget("last".into()));
        let expected = [News::ForgetAll, News::Retired(vec!["b".into()]), News::Forget("last".into())];
        assert_eq!(outbox, expected);
    }
}
