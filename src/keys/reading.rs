//! Reading the keys anew: one reading at a time, shared by everyone who wants one, however long it takes.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::watch;

use super::ring::{KeyRing, UnderWay};

/// Reading the keys anew, as a call asks its driver for it.
#[derive(Debug)]
pub struct KeyWork {
    ring: Arc<KeyRing>,
    /// With a count: ask the source, unless somebody did since. Without: only look whether files changed.
    reload: Option<u64>,
}

/// A reading that somebody has to run, on a thread that may block. Dropped without, it ends for everyone who waits.
#[derive(Debug)]
pub(crate) struct Reading {
    ring: Arc<KeyRing>,
    look: bool,
    outcome: watch::Sender<Option<Result<(), String>>>,
    over: bool,
}

/// What comes of a reading. Whoever drops it stops nothing.
#[derive(Debug)]
pub(crate) struct Outcome(watch::Receiver<Option<Result<(), String>>>);

impl KeyRing {
    /// Whether asking the source again can bring other keys, as work for a driver. To be taken before a look at the
    /// keys: a reading that ends in between is then not asked for once more.
    pub(crate) fn reload_work(self: &Arc<Self>) -> Option<KeyWork> {
        self.source.can_change().then(|| KeyWork::new(self, Some(self.loads())))
    }

    /// A look at the files, when one is due, as work for a driver.
    pub(crate) fn look_work(self: &Arc<Self>, now: Instant) -> Option<KeyWork> {
        self.is_look_due(now).then(|| KeyWork::new(self, None))
    }
}

impl KeyWork {
    fn new(ring: &Arc<KeyRing>, reload: Option<u64>) -> KeyWork {
        KeyWork { ring: ring.clone(), reload }
    }

    /// Whether it is only a look at files, which a call can do without.
    pub(crate) fn is_look(&self) -> bool {
        self.reload.is_none()
    }

    /// Joins the reading under way, or begins one, which the caller has to run. So a source that never answers holds one
    /// thread, and not one of every call.
    pub(crate) fn begin(self) -> (Outcome, Option<Reading>) {
        let mut under_way = self.ring.under_way.lock();
        if self.reload.is_some_and(|seen| self.ring.loads() > seen) {
            return (Outcome(watch::channel(Some(Ok(()))).1), None);
        }
        if let Some(other) = &mut *under_way {
            other.wanted = other.wanted.max(self.reload);
            return (Outcome(other.outcome.clone()), None);
        }
        let (sender, outcome) = watch::channel(None);
        *under_way = Some(UnderWay { wanted: self.reload, outcome: outcome.clone() });
        drop(under_way);
        let look = self.is_look();
        (Outcome(outcome), Some(Reading { ring: self.ring, look, outcome: sender, over: false }))
    }

    /// Does it all at once, on this thread.
    #[cfg(test)]
    pub(crate) fn run(self) -> Result<(), String> {
        let (Outcome(outcome), reading) = self.begin();
        reading.into_iter().for_each(Reading::run);
        outcome.borrow().clone().expect("a reading that was run has ended")
    }
}

impl Outcome {
    /// Resolves when the reading is over.
    pub async fn wait(mut self) -> Result<(), String> {
        match self.0.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone().expect("waited for"),
            Err(_) => Err("reading them panicked".to_owned()),
        }
    }
}

impl Reading {
    /// Does the work. May block for as long as a disk or the host's function pleases.
    pub fn run(mut self) {
        let mut outcome = Ok(());
        if self.look {
            self.ring.look();
        }
        while self.goes_on() {
            outcome = self.ring.load();
        }
        self.outcome.send_replace(Some(outcome));
    }

    /// Whether somebody wants newer keys than those read last. If not, the reading is over: nobody can join it any more.
    fn goes_on(&mut self) -> bool {
        let mut under_way = self.ring.under_way.lock();
        let wanted = under_way.as_ref().and_then(|reading| reading.wanted);
        self.over = wanted.is_none_or(|seen| self.ring.loads() > seen);
        if self.over {
            *under_way = None;
        }
        !self.over
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        if !self.over {
            *self.ring.under_way.lock() = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    use super::super::set::Keys;
    use super::super::source::{Look, Source};
    use super::*;
    use crate::events::Listener;
    use crate::secret::ApiKey;

    /// A ring whose source counts how often it is asked.
    fn ring() -> (Arc<KeyRing>, Arc<AtomicUsize>) {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = asked.clone();
        let callback = Arc::new(move || {
            count.fetch_add(1, SeqCst);
            Err("sealed".to_owned())
        });
        let first = Keys { primary: ApiKey::new("first-key").unwrap(), secondary: None };
        let source = Source::Callback { callback, first: Some(first.clone()), nearby: Vec::new() };
        (Arc::new(KeyRing::new(source, Some(first), Look::default(), Listener::default())), asked)
    }

    fn ended(outcome: &Outcome) -> Option<Result<(), String>> {
        outcome.0.borrow().clone()
    }

    #[test]
    fn whoever_comes_while_the_source_is_asked_shares_the_answer_and_no_thread() {
        let (ring, asked) = ring();
        let work = || ring.reload_work().unwrap().begin();
        let (first, reading) = work();
        let others: Vec<_> = (0..100).map(|_| work()).collect();
        assert!(others.iter().all(|(outcome, reading)| reading.is_none() && ended(outcome).is_none()));
        reading.unwrap().run();
        for (outcome, _) in others.iter().chain([&(first, None)]) {
            assert_eq!(ended(outcome), Some(Err("the key callback failed: sealed".to_owned())));
        }
        assert_eq!(asked.load(SeqCst), 1);
        assert!(work().1.is_some(), "the next one asks anew");
    }

    #[test]
    fn a_look_that_is_joined_by_someone_who_wants_new_keys_asks_for_them() {
        let (ring, asked) = ring();
        let (_, look) = KeyWork::new(&ring, None).begin();
        let (outcome, none) = ring.reload_work().unwrap().begin();
        assert!(none.is_none());
        look.unwrap().run();
        assert!(ended(&outcome).unwrap().is_err());
        assert_eq!(asked.load(SeqCst), 1);
    }

    #[test]
    fn a_reading_that_is_never_run_ends_and_the_next_one_begins() {
        let (ring, _) = ring();
        let (outcome, reading) = ring.reload_work().unwrap().begin();
        drop(reading);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        assert_eq!(runtime.block_on(outcome.wait()), Err("reading them panicked".to_owned()));
        assert!(ring.reload_work().unwrap().begin().1.is_some());
    }
}
