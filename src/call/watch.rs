//! What a call did and how long it took, noted while it runs: for the request log, and for whoever observes the call. The one place
//! that knows either.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::HeaderMap;
use tracing::Span;

use super::context::Context;
use super::credential::Credential;
use crate::error::{Code, Error, Result};
use crate::events::Event;
use crate::observation::{Attempt, Observation, TokenFrom, Wait, micros};
use crate::operation::Endpoint;
use crate::reply::Reply;
use crate::spans;
use crate::time::Now;
use crate::tokens::Obtained;
use crate::tokens::shared::Shared;
use crate::trace_context::TraceContext;

/// Notes of one call. Dropped before the call is over, they say that it was given up.
#[derive(Debug)]
pub(super) struct Watch {
    context: Arc<Context>,
    observation: Observation,
    /// The account is another call's, which has this one run.
    helps: bool,
    method: &'static str,
    route: Cow<'static, str>,
    begun: Instant,
    attempts: u32,
    under_way: Option<UnderWay>,
    /// The place of one that was none.
    spare: Option<usize>,
    over: bool,
}

/// An attempt under way: its place in the account, and its span.
#[derive(Debug)]
struct UnderWay {
    place: usize,
    begun: Instant,
    span: Span,
}

/// What an attempt came to.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub status: Option<u16>,
    pub error: Option<Code>,
    /// Cleaned.
    pub request_id: Option<String>,
}

impl Watch {
    /// Begins where somebody wants to know.
    pub fn begin(
        observation: Option<Observation>,
        context: &Arc<Context>,
        endpoint: &Endpoint,
        now: Now,
    ) -> Option<Box<Watch>> {
        match observation {
            None if !context.config.request_log() => None,
            observation => Some(Watch::of(observation, context, endpoint, now)),
        }
    }

    #[cold]
    fn of(
        observation: Option<Observation>,
        context: &Arc<Context>,
        endpoint: &Endpoint,
        now: Now,
    ) -> Box<Watch> {
        let observation = observation.unwrap_or_else(|| Observation::new(TraceContext::default()));
        let mut watch = Watch::helping(observation, context, endpoint, now);
        watch.observation.change(|account| {
            let (host, port) = context.config.server();
            (account.server_address, account.server_port) = (host.clone(), port);
            (account.method, account.route) = (watch.method, watch.route.clone());
        });
        watch.helps = false;
        watch
    }

    /// Notes of a call that another one has run, in that one's account.
    #[cold]
    pub fn helping(
        observation: Observation,
        context: &Arc<Context>,
        endpoint: &Endpoint,
        now: Now,
    ) -> Box<Watch> {
        Box::new(Watch {
            context: context.clone(),
            observation,
            helps: true,
            method: endpoint.method_name(),
            route: endpoint.template(),
            begun: now.instant,
            attempts: 0,
            under_way: None,
            spare: None,
            over: false,
        })
    }

    /// From now on it helps another call.
    #[cold]
    pub fn help(&mut self, observation: Observation) {
        (self.observation, self.helps) = (observation, true);
    }

    pub fn observation(&self) -> &Observation {
        &self.observation
    }

    /// Adds the headers of the trace.
    #[cold]
    pub fn add_trace(&self, headers: &mut HeaderMap) {
        self.observation.trace().add_to(headers);
    }

    /// An attempt goes out. How it waits for a connection.
    #[cold]
    pub fn attempt(&mut self, credential: &Credential, now: Now) -> Wait {
        let (resends, spare, wait) = (self.attempts, self.spare.take(), Wait::begin(now));
        let (credential, fingerprint) = credential.shown();
        let attempt = Attempt {
            method: self.method,
            route: self.route.clone(),
            start: self.observation.offset(now),
            resends,
            credential,
            fingerprint,
            wait: wait.clone(),
            ..Attempt::default()
        };
        let parent = self.observation.span();
        let under_way = self.observation.change(|account| {
            let span = match parent.is_disabled() {
                true => Span::none(),
                false => spans::attempt(parent, account, &attempt),
            };
            let place = spare.unwrap_or(account.attempts.len());
            match account.attempts.get_mut(place) {
                Some(spare) => *spare = attempt,
                None => account.attempts.push(attempt),
            }
            UnderWay { place, begun: now.instant, span }
        });
        self.attempts += 1;
        self.under_way = Some(under_way);
        wait
    }

    /// Another key of the pair is tried.
    #[cold]
    pub fn failover(&self) {
        self.observation.change(|account| account.failovers += 1);
    }

    /// The attempt was none: nobody was there to ask.
    #[cold]
    pub fn never_mind(&mut self) {
        self.attempts -= 1;
        self.spare = self.under_way.take().map(|attempt| attempt.place);
    }

    /// A user's token has come.
    #[cold]
    pub fn obtained(&self, obtained: &Obtained) {
        self.observation.change(|account| {
            account.token = Some(match obtained.attempts {
                0 if account.from_store => TokenFrom::Store,
                0 if account.exchanges => TokenFrom::CacheRenewed,
                0 => TokenFrom::Cache,
                _ => TokenFrom::Exchange,
            });
            account.token_store = self.context.shared.as_deref().map(Shared::store_state);
        });
    }

    /// The attempt is over.
    #[cold]
    pub fn came(&mut self, outcome: Outcome, now: Now) {
        let Some(UnderWay { place, begun, span }) = self.under_way.take() else { return };
        let attempt = self.observation.change(|account| {
            let attempt = &mut account.attempts[place];
            attempt.duration = Some(micros(now.instant.saturating_duration_since(begun)));
            attempt.came(outcome.status, outcome.error);
            attempt.request_id = outcome.request_id;
            attempt.note_wait();
            spans::end_attempt(&span, attempt);
            self.context.config.request_log().then(|| attempt.clone())
        });
        if let Some(attempt) = attempt {
            self.log(attempt);
        }
    }

    fn log(&self, attempt: Attempt) {
        let Attempt { method, route, status, error, resends, credential, fingerprint, request_id, .. } =
            attempt;
        self.context.config.listener().tell(&Event::Request {
            method,
            route: route.into_owned(),
            status,
            error,
            attempt: resends + 1,
            duration: Duration::from_micros(attempt.duration.unwrap_or_default()),
            credential,
            fingerprint,
            request_id,
        });
    }

    /// The call is over.
    #[cold]
    pub fn ended(&mut self, result: Result<&Reply, &Error>, now: Now) {
        if std::mem::replace(&mut self.over, true) {
            return;
        }
        let (status, error) = match result {
            Ok(reply) => (Some(reply.status()).filter(|_| self.attempts > 0), None),
            Err(error) => (error.status(), Some(error.code())),
        };
        // Only what ends a call from outside finds an attempt that has no outcome.
        self.came(Outcome { error, ..Outcome::default() }, now);
        if !self.helps {
            let span = self.observation.span();
            self.observation.change(|account| {
                (account.status, account.error) = (status, error);
                account.duration = Some(self.observation.offset(now));
                if !span.is_disabled() {
                    spans::end_call(span, account);
                }
            });
        }
        if self.context.config.request_log() {
            self.context.config.listener().tell(&Event::Call {
                method: self.method,
                route: self.route.clone().into_owned(),
                status,
                error,
                attempts: self.attempts,
                duration: now.instant.saturating_duration_since(self.begun),
            });
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if !self.over {
            let code = if std::thread::panicking() { Code::Panic } else { Code::Cancelled };
            self.ended(Err(&Error::new(code, "")), Now::read());
        }
    }
}
