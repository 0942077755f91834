//! Whether the users of believed tokens may still, as the service said within the last minute: one question for everyone who
//! waits.
//!
//! As with tokens, whoever [asks](Standings::ask) and gets an [`Inquiry`] back has to have it run, in the background.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use lru::LruCache;

use super::claims::Claims;
use super::keeping::Deliver;
use super::reason::Reason;
use crate::error::{Code, Error, Result};
use crate::models::User;
use crate::operation::{TokenCheck, UserId};
use crate::reply::Reply;
use crate::sync::Mutex;
use crate::time::Now;

/// How long the service's word counts.
const LIFE: Duration = Duration::from_secs(60);

/// What the service said of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Enabled,
    Disabled,
    Gone,
}

/// Whether a token counts by what is known of its user.
pub(crate) enum Judgement {
    Known(Result<()>),
    /// The service has to be asked about this user.
    Unknown(UserId),
}

/// What is known of the users of one client.
pub struct Standings(Mutex<Held>);

struct Held {
    known: LruCache<UserId, (Standing, Now)>,
    /// Those who wait for an answer, by user and by the writes before it was asked for.
    waiting: HashMap<(UserId, u64), Vec<Deliver>>,
    /// How often users were written: what was asked before the last time is out of date.
    writes: u64,
}

/// A question to the service that must be asked. Dropped without an answer, it reports so to whoever waits.
#[derive(Debug)]
pub(crate) struct Inquiry {
    pub user_id: UserId,
    writes: u64,
    /// There until there is an answer.
    standings: Option<Arc<Standings>>,
}

impl Standings {
    /// Remembers so many users; the least recently used go first.
    pub(crate) fn new(capacity: usize) -> Arc<Standings> {
        // Unbounded for the crate, which would otherwise reserve memory for all of it now.
        let mut known = LruCache::unbounded();
        known.resize(NonZeroUsize::new(capacity).unwrap_or(NonZeroUsize::MIN));
        Arc::new(Standings(Mutex::new(Held { known, waiting: HashMap::new(), writes: 0 })))
    }

    /// Whether a believed token counts by this check, too.
    pub(crate) fn judge(&self, claims: &Claims, check: Option<TokenCheck>, now: Now) -> Judgement {
        let Some(TokenCheck::Service) = check else { return Judgement::Known(Ok(())) };
        let Ok(user_id) = UserId::new(claims.user_id()) else {
            return Judgement::Known(Err(Reason::Malformed
                .refusal("names a user whose id can't be sent")
                .into()));
        };
        match self.known(&user_id, now) {
            Some(verdict) => Judgement::Known(verdict),
            None => Judgement::Unknown(user_id),
        }
    }

    fn known(&self, user_id: &UserId, now: Now) -> Option<Result<()>> {
        let (standing, since) = *self.0.lock().known.get(user_id)?;
        (now.since(since) < LIFE).then(|| standing.verdict())
    }

    /// Waits for the service's word. `deliver` is told when an inquiry is over that is under way already or that the caller has to
    /// run.
    pub(crate) fn ask(self: &Arc<Self>, user_id: UserId, deliver: Deliver) -> Option<Inquiry> {
        let mut held = self.0.lock();
        let writes = held.writes;
        let waiting = held.waiting.entry((user_id.clone(), writes)).or_default();
        waiting.push(deliver);
        let is_first = waiting.len() == 1;
        is_first.then(|| Inquiry { user_id, writes, standings: Some(self.clone()) })
    }

    /// Users were written: nothing so far counts, nor what will be answered to a question that was asked before.
    pub(crate) fn users_written(&self) {
        let mut held = self.0.lock();
        held.writes += 1;
        held.known.clear();
    }

    fn answered(&self, user_id: UserId, writes: u64, answer: Result<Standing>, now: Now) {
        let waiting = {
            let mut held = self.0.lock();
            let key = (user_id, writes);
            let waiting = held.waiting.remove(&key).unwrap_or_default();
            if let Ok(standing) = answer
                && writes == held.writes
            {
                held.known.put(key.0, (standing, now));
            }
            waiting
        };
        let verdict = answer.and_then(Standing::verdict);
        // Outside the lock: whoever is told may ask again at once.
        for deliver in waiting {
            deliver(verdict.clone());
        }
    }
}

impl Standing {
    /// Reads the service's answer to a question for the user. A user is gone only when the service says so: what a key may not ask
    /// (403), and whatever else is no answer, leaves it open.
    fn read(answer: Result<Reply>) -> Result<Standing> {
        let user: User = match answer.and_then(|reply| reply.typed("user")) {
            Ok(user) => user,
            Err(error) if error.code() == Code::NotFound => return Ok(Standing::Gone),
            Err(error) => return Err(Error::check_unavailable(&error)),
        };
        match user.enabled {
            Some(true) => Ok(Standing::Enabled),
            Some(false) => Ok(Standing::Disabled),
            None => {
                let what = "the service's answer does not say whether the user is enabled";
                Err(Error::check_unavailable(&Error::new(Code::InvalidResponse, what)))
            }
        }
    }

    fn verdict(self) -> Result<()> {
        match self {
            Standing::Enabled => Ok(()),
            Standing::Disabled => Err(Reason::Revoked.refusal("is that of a user who was disabled").into()),
            Standing::Gone => Err(Reason::Revoked.refusal("is that of a user who is not there").into()),
        }
    }
}

impl Inquiry {
    /// Takes what the service answered to a question for the user.
    pub fn finish(mut self, answer: Result<Reply>, now: Now) {
        if let Some(standings) = self.standings.take() {
            standings.answered(self.user_id.clone(), self.writes, Standing::read(answer), now);
        }
    }
}

impl Drop for Inquiry {
    fn drop(&mut self) {
        if let Some(standings) = self.standings.take() {
            let error = Error::abandoned("a question for a user", "a user was asked for");
            standings.answered(self.user_id.clone(), self.writes, Err(error), Now::read());
        }
    }
}

impl std::fmt::Debug for Standings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Standings").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};
    use std::time::SystemTime;

    use http::HeaderMap;

    use super::*;
    use crate::http::HttpResponse;
    use crate::operation::Answer;

    fn user() -> UserId {
        UserId::new("u").unwrap()
    }

    fn after(start: Now, seconds: u64) -> Now {
        Now { instant: start.instant + Duration::from_secs(seconds), ..start }
    }

    fn answer(enabled: &str) -> Result<Reply> {
        let body = format!(r#"{{"userId":"u"{enabled}}}"#).into_bytes();
        let response = HttpResponse { status: 200, headers: HeaderMap::new(), body };
        Ok(Reply::read(&Answer::User(user()), response, 1, SystemTime::UNIX_EPOCH, false).unwrap())
    }

    fn ask(standings: &Arc<Standings>) -> (Option<Inquiry>, Receiver<Result<()>>) {
        let (sender, receiver) = channel();
        (standings.ask(user(), Box::new(move |verdict| sender.send(verdict).unwrap())), receiver)
    }

    /// Has the service give this answer; what whoever asked is told.
    fn told(standings: &Arc<Standings>, answer: Result<Reply>, at: Now) -> Result<()> {
        let (inquiry, receiver) = ask(standings);
        inquiry.unwrap().finish(answer, at);
        receiver.recv().unwrap()
    }

    fn reason(verdict: Option<Result<()>>) -> Option<&'static str> {
        verdict.and_then(|verdict| verdict.unwrap_err().reason())
    }

    #[test]
    fn the_services_word_counts_for_a_minute_whatever_it_was() {
        let (start, gone) = (Now::read(), Err(Error::new(Code::NotFound, "")));
        for (answer, revoked) in
            [(answer(r#","enabled":true"#), false), (answer(r#","enabled":false"#), true), (gone, true)]
        {
            let standings = Standings::new(10);
            assert!(standings.known(&user(), start).is_none());
            assert_eq!(told(&standings, answer, start).is_err(), revoked);
            let known = standings.known(&user(), after(start, 59));
            assert_eq!(known.as_ref().map(Result::is_err), Some(revoked));
            assert_eq!(reason(known.filter(Result::is_err)), revoked.then_some("revoked"));
            assert!(standings.known(&user(), after(start, 60)).is_none());
        }
    }

    #[test]
    fn what_is_no_answer_is_told_and_not_remembered() {
        let (start, standings) = (Now::read(), Standings::new(10));
        let codes = [Code::Forbidden, Code::Unauthorized, Code::Server, Code::Connect, Code::InvalidResponse];
        for answer in codes.map(|code| Err(Error::new(code, "why"))).into_iter().chain([answer("")]) {
            let error = told(&standings, answer, start).unwrap_err();
            assert_eq!((error.code(), error.retryable()), (Code::CheckUnavailable, true));
            assert!(standings.known(&user(), start).is_none());
        }
    }

    #[test]
    fn everyone_who_asks_meanwhile_waits_for_one_answer_and_nobody_waits_for_ever() {
        let (start, standings) = (Now::read(), Standings::new(10));
        let (inquiry, first) = ask(&standings);
        let (none, second) = ask(&standings);
        assert!(none.is_none());
        inquiry.unwrap().finish(answer(r#","enabled":true"#), start);
        assert!(first.recv().unwrap().is_ok() && second.recv().unwrap().is_ok());
        let (inquiry, waiting) = ask(&standings);
        drop(inquiry);
        assert_eq!(waiting.recv().unwrap().unwrap_err().code(), Code::Closed);
        assert!(ask(&standings).0.is_some());
    }

    #[test]
    fn a_write_to_the_users_ends_what_is_known_and_what_is_being_asked() {
        let (start, standings) = (Now::read(), Standings::new(10));
        told(&standings, answer(r#","enabled":true"#), start).unwrap();
        standings.users_written();
        assert!(standings.known(&user(), start).is_none());
        let (before, waiting) = ask(&standings);
        standings.users_written();
        let (after, other) = ask(&standings);
        before.unwrap().finish(answer(r#","enabled":true"#), start);
        assert!(waiting.recv().unwrap().is_ok() && standings.known(&user(), start).is_none());
        after.unwrap().finish(answer(r#","enabled":false"#), start);
        assert_eq!(reason(Some(other.recv().unwrap())), Some("revoked"));
        assert_eq!(reason(standings.known(&user(), start)), Some("revoked"));
    }

    #[test]
    fn no_more_users_are_remembered_than_told() {
        let (start, standings) = (Now::read(), Standings::new(2));
        for id in ["a", "b", "c"] {
            let inquiry = standings.ask(UserId::new(id).unwrap(), Box::new(drop));
            inquiry.unwrap().finish(Err(Error::new(Code::NotFound, "")), start);
        }
        let known = |id: &str| standings.known(&UserId::new(id).unwrap(), start).is_some();
        assert_eq!((known("a"), known("b"), known("c")), (false, true, true));
    }
}
