//! What a call did and how long it took, noted while it runs, for the request log.

use std::sync::Arc;
use std::time::Instant;

use super::context::Context;
use super::credential::Credential;
use crate::error::{Code, Error, Result};
use crate::events::Event;
use crate::operation::Endpoint;
use crate::reply::Reply;
use crate::time::Now;

/// Notes of one call. Dropped before the call is over, they say that it was given up.
#[derive(Debug)]
pub(super) struct Watch {
    context: Arc<Context>,
    method: &'static str,
    route: String,
    begun: Instant,
    attempts: u32,
    under_way: Option<Attempt>,
    over: bool,
}

/// An attempt under way.
#[derive(Debug)]
struct Attempt {
    begun: Instant,
    credential: Option<String>,
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
    pub fn begin(context: &Arc<Context>, endpoint: &Endpoint, now: Now) -> Option<Box<Watch>> {
        context.config.request_log().then(|| Watch::of(context, endpoint, now))
    }

    #[cold]
    fn of(context: &Arc<Context>, endpoint: &Endpoint, now: Now) -> Box<Watch> {
        Box::new(Watch {
            context: context.clone(),
            method: endpoint.method_name(),
            route: endpoint.template().into_owned(),
            begun: now.instant,
            attempts: 0,
            under_way: None,
            over: false,
        })
    }

    /// An attempt goes out.
    #[cold]
    pub fn attempt(&mut self, credential: &Credential, now: Now) {
        self.attempts += 1;
        self.under_way = Some(Attempt { begun: now.instant, credential: credential.shown() });
    }

    /// The attempt was none: nobody was there to ask.
    #[cold]
    pub fn never_mind(&mut self) {
        self.attempts -= 1;
        self.under_way = None;
    }

    /// The attempt is over.
    #[cold]
    pub fn came(&mut self, outcome: Outcome, now: Now) {
        let Some(Attempt { begun, credential }) = self.under_way.take() else { return };
        let Outcome { status, error, request_id } = outcome;
        self.context.config.listener().tell(&Event::Request {
            method: self.method,
            route: self.route.clone(),
            status,
            error,
            attempt: self.attempts,
            duration: now.instant.saturating_duration_since(begun),
            credential,
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
        self.context.config.listener().tell(&Event::Call {
            method: self.method,
            route: self.route.clone(),
            status,
            error,
            attempts: self.attempts,
            duration: now.instant.saturating_duration_since(self.begun),
        });
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
