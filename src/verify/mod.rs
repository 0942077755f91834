//! Whether a token is to be believed: its form, its key, its signature, its claims.
//!
//! The verifier decides and remembers; it does no I/O. Whoever [asks](Verifier::ask) for keys and gets a [`KeyFetch`] back has
//! to have it run, in the background.

mod claims;
mod discovery;
mod fetch;
mod jws;
mod keeping;
mod key_set;
mod members;
mod reason;
mod standing;

use std::sync::Arc;

use ring::digest::{SHA256, digest};

pub use self::claims::Claims;
pub(crate) use self::keeping::Deliver;
pub(crate) use self::standing::{Inquiry, Judgement, Standings};

use self::claims::Rules;
use self::discovery::Discovered;
use self::fetch::Got;
use self::jws::{Jws, check_length};
use self::keeping::{Digest, Held, Keys, Phase};
use self::members::{Members, Unread};
use self::reason::{Reason, Refusal};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::events::{Event, Listener};
use crate::operation::Endpoint;
use crate::reply::Reply;
use crate::sync::Mutex;
use crate::time::Now;

/// The keys and the believed tokens of one client.
pub struct Verifier {
    rules: Rules,
    origin: String,
    /// Whether tokens are remembered.
    remembers: bool,
    listener: Listener,
    held: Mutex<Held>,
}

/// A fetch of the keys that must be run: one request after the other. Dropped without a result, it reports so to whoever waits.
#[derive(Debug)]
pub struct KeyFetch {
    /// There until the fetch is over.
    verifier: Option<Arc<Verifier>>,
    discovered: Option<Discovered>,
}

/// What is known of a token.
pub(crate) enum Verdict {
    Known(Result<Claims>),
    /// Keys have to come first.
    KeysWanted(KeyQuestion),
}

/// Which keys did not do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyQuestion {
    /// Those there were.
    generation: u64,
    /// They don't hold the token's.
    for_unknown: bool,
}

impl Verifier {
    pub(crate) fn new(config: &Config) -> Arc<Verifier> {
        let rules = Rules {
            tenant_id: config.tenant_id().to_owned(),
            audience: config.audience().map(str::to_owned),
            tolerance: config.clock_tolerance(),
        };
        let size = config.verify_cache_size();
        Arc::new(Verifier {
            rules,
            origin: config.origin().to_owned(),
            remembers: size > 0,
            listener: config.listener().clone(),
            held: Mutex::new(Held::new(size)),
        })
    }

    /// Judges a token by what is at hand; never waits. With a fetch to be run when it is time to renew the keys.
    pub(crate) fn judge(self: &Arc<Self>, token: &str, now: Now) -> (Verdict, Option<KeyFetch>) {
        if let Err(refusal) = check_length(token) {
            return (Verdict::Known(Err(refusal.into())), None);
        }
        let digest = self.remembers.then(|| digest_of(token));
        let mut held = self.held.lock();
        let generation = held.generation;
        let wanted = |for_unknown| Verdict::KeysWanted(KeyQuestion { generation, for_unknown });
        // What is no token at all is none without keys, too.
        let needed = || match Jws::parse(token) {
            Ok(_) => wanted(false),
            Err(refusal) => Verdict::Known(Err(refusal.into())),
        };
        let Some(keys) = held.keys.clone() else { return (needed(), None) };
        let renewal = match keys.phase(now) {
            Phase::Over => return (needed(), None),
            // Whoever comes first after the pause waits for what becomes of it.
            Phase::Stale if held.may_renew(now) => return (needed(), None),
            Phase::Renewal if held.may_renew(now) => {
                held.begin(now, false);
                Some(KeyFetch::new(self.clone(), None))
            }
            Phase::Use | Phase::Renewal | Phase::Stale => None,
        };
        if let Some(claims) = digest.and_then(|digest| self.seen(&mut held, &digest, now)) {
            return (Verdict::Known(Ok(claims)), renewal);
        }
        let may_fetch = held.waiting.is_some() || held.may_fetch_for_unknown(now);
        // Cryptography takes its time.
        drop(held);
        let verdict = match self.check(token, &keys, now) {
            Err(Refusal { reason: Reason::UnknownKey, .. }) if may_fetch => wanted(true),
            Err(refusal) => Verdict::Known(Err(refusal.into())),
            Ok(claims) => {
                if let Some(digest) = digest {
                    self.remember(digest, &claims, generation);
                }
                Verdict::Known(Ok(claims))
            }
        };
        (verdict, renewal)
    }

    /// Judges a token when keys have come, by whatever keys there are.
    pub(crate) fn settle(&self, token: &str, now: Now) -> Result<Claims> {
        let (keys, generation) = {
            let held = self.held.lock();
            (held.keys.clone(), held.generation)
        };
        let Some(keys) = keys else { return Err(Error::panic("the signing keys")) };
        let claims = self.check(token, &keys, now)?;
        if self.remembers {
            self.remember(digest_of(token), &claims, generation);
        }
        Ok(claims)
    }

    /// Asks for keys. `deliver` is told at once, or when a fetch is over that is under way already or that the caller has to run.
    pub(crate) fn ask(
        self: &Arc<Self>,
        question: KeyQuestion,
        now: Now,
        deliver: Deliver,
    ) -> Option<KeyFetch> {
        let mut held = self.held.lock();
        if held.generation != question.generation {
            // Others have come meanwhile.
            drop(held);
            deliver(Ok(()));
            return None;
        }
        if let Some(waiting) = &mut held.waiting {
            waiting.push(deliver);
            return None;
        }
        if question.for_unknown && !held.may_fetch_for_unknown(now) {
            drop(held);
            deliver(Ok(()));
            return None;
        }
        held.begin(now, question.for_unknown);
        held.waiting.get_or_insert_default().push(deliver);
        // Where the keys are is known for as long as they live.
        let known = held.keys.as_ref().filter(|keys| question.for_unknown && keys.phase(now) == Phase::Use);
        let discovered = known.map(|keys| keys.discovered.clone());
        Some(KeyFetch::new(self.clone(), discovered))
    }

    /// A fetch is over: keeps what came and answers everyone who waits.
    fn fetched(&self, outcome: Result<Keys>, now: Now) {
        let (waiting, result, stale) = {
            let mut held = self.held.lock();
            let waiting = held.waiting.take().unwrap_or_default();
            match outcome {
                Ok(keys) => {
                    held.take(keys);
                    (waiting, Ok(()), None)
                }
                Err(error) => match held.keys.as_ref().map(|keys| keys.phase(now)) {
                    None | Some(Phase::Over) => (waiting, Err(error), None),
                    Some(Phase::Stale) => (waiting, Ok(()), Some(error)),
                    Some(Phase::Use | Phase::Renewal) => (waiting, Ok(()), None),
                },
            }
        };
        // Outside the lock: whoever is told may ask again at once.
        if let Some(error) = stale {
            self.listener.tell(&Event::SigningKeysStale { reason: error.message().to_owned() });
        }
        for deliver in waiting {
            deliver(result.clone());
        }
    }

    fn check(&self, token: &str, keys: &Keys, now: Now) -> Result<Claims, Refusal> {
        let jws = Jws::parse(token)?;
        let payload = Members::read(&jws.payload);
        let payload =
            payload.map_err(|Unread| Reason::Malformed.refusal("has a payload that is no JSON object"))?;
        let issuer = &keys.discovered.issuer;
        keys.set.check(&jws).or_else(|refusal| {
            // Another's token is not worth a fetch.
            if refusal.reason == Reason::UnknownKey {
                self.rules.check_origin(&payload, issuer)?;
            }
            Err(refusal)
        })?;
        self.rules.check(&payload, issuer, now.system)
    }

    fn seen(&self, held: &mut Held, digest: &Digest, now: Now) -> Option<Claims> {
        let claims = held.seen(digest)?.clone();
        if claims.are_over(&self.rules, now.system) {
            held.forget(digest);
            return None;
        }
        Some(claims)
    }

    /// Unless other keys have come since it was believed.
    fn remember(&self, digest: Digest, claims: &Claims, generation: u64) {
        let mut held = self.held.lock();
        if held.generation == generation {
            held.remember(digest, claims.clone());
        }
    }
}

impl KeyFetch {
    /// `discovered`: where the keys are, if that is known.
    fn new(verifier: Arc<Verifier>, discovered: Option<Discovered>) -> KeyFetch {
        KeyFetch { verifier: Some(verifier), discovered }
    }

    /// What to ask the service next.
    pub(crate) fn endpoint(&self) -> Endpoint {
        fetch::endpoint(self.discovered.as_ref())
    }

    /// Takes what the service answered; gives the fetch back when there is more to ask.
    pub(crate) fn took(mut self, answer: Result<Reply>, now: Now) -> Option<KeyFetch> {
        let verifier = self.verifier.take()?;
        let outcome = match fetch::read(self.discovered.take(), answer, &verifier.origin, now) {
            Ok(Got::Place(discovered)) => return Some(KeyFetch::new(verifier, Some(discovered))),
            Ok(Got::Keys(keys)) => Ok(keys),
            Err(error) => Err(error),
        };
        verifier.fetched(outcome, now);
        None
    }
}

impl Drop for KeyFetch {
    fn drop(&mut self) {
        if let Some(verifier) = self.verifier.take() {
            let error = Error::abandoned("a fetch of the signing keys", "the signing keys were fetched");
            verifier.fetched(Err(error), Now::read());
        }
    }
}

fn digest_of(token: &str) -> Digest {
    let mut bytes = Digest::default();
    bytes.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    bytes
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verifier").field("rules", &self.rules).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
