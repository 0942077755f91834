//! What follows from the outcome of an attempt: the reply, an error, or another attempt.

use std::time::Duration;

use http::header::LOCATION;

use super::context::Context;
use super::credential::Credential;
use super::keys::Next;
use super::retry::Cause;
use super::watch::Outcome;
use super::{Call, State};
use crate::error::{Code, Error, Result};
use crate::http::{Failure, FailureKind, HttpResponse};
use crate::reply::Reply;
use crate::time::Now;

impl Call {
    /// Takes the outcome of the request that the last step asked for.
    ///
    /// This is where one answer may lead to another attempt: with the other key, after a wait, with a fresh token.
    pub fn received(&mut self, outcome: Result<HttpResponse, Failure>, now: Now) {
        self.tell_of_write();
        if let Err(failure) = &outcome
            && let Some(look) = self.next_look(failure, now)
        {
            // Nobody was there to ask, so this was no attempt.
            self.attempts -= 1;
            if let Some(watch) = &mut self.watch {
                watch.never_mind();
            }
            self.state = State::Pause(look);
            return;
        }
        if self.watch.is_some() {
            self.note(&outcome, now);
        }
        self.state = match outcome {
            Ok(response) => self.judge(response, now),
            // A connection that had been idle, and ended with this request: as good as never sent, for what may be repeated.
            // It costs no retry, and the next one is new, so this happens once.
            Err(Failure { kind: FailureKind::Lost, reused: true, .. })
                if self.endpoint.is_repeatable() && !self.fresh =>
            {
                self.fresh = true;
                State::Attempt
            }
            Err(failure) => {
                let error = self.failure(&failure);
                self.fail(error, Cause::Failure(&failure), now)
            }
        };
    }

    /// How long to wait before looking again whether a service that restarts is back.
    fn next_look(&mut self, failure: &Failure, now: Now) -> Option<Duration> {
        if failure.kind != FailureKind::NotListening || !self.endpoint.is_repeatable() {
            return None;
        }
        let (time_left, random) = (self.time_left(now), self.context.random);
        self.restart.next_look(&self.context.presence, now.instant, time_left, random())
    }

    /// Notes the outcome of an attempt.
    #[cold]
    fn note(&mut self, outcome: &Result<HttpResponse, Failure>, now: Now) {
        let noted = match outcome {
            Ok(response) => Outcome {
                status: Some(response.status),
                error: None,
                request_id: self.request_id(&response.headers),
            },
            Err(failure) => Outcome { error: Some(self.code_of_failure(failure)), ..Outcome::default() },
        };
        if let Some(watch) = &mut self.watch {
            watch.came(noted, now);
        }
    }

    /// What an answer means.
    fn judge(&mut self, response: HttpResponse, now: Now) -> State {
        let status = response.status;
        self.context.presence.answered();
        if let Credential::Check(check) = &mut self.credential
            && matches!(status, 200..=299 | 401 | 403)
        {
            return match check.answered(status) {
                Some(report) => {
                    let reply = Reply::made(report, self.attempts);
                    self.finish(Ok(reply))
                }
                None => State::Attempt,
            };
        }
        if status == 401 && matches!(self.credential, Credential::Key(_)) {
            return self.key_refused(&response, now);
        }
        if let Credential::Bearer(bearer) = &mut self.credential
            && status == 401
            && bearer.refused()
        {
            return State::Attempt;
        }
        if let Credential::Key(trial) = &self.credential
            && status < 500
        {
            trial.worked();
        }
        match code_of(&response) {
            None => {
                self.context.budget.success();
                let (answer, outlined) = (&self.endpoint.answer, self.outlined);
                let reply = Reply::read(answer, response, self.attempts, now.system, outlined);
                self.finish(reply.map_err(|mismatch| self.broken_promise(*mismatch)))
            }
            Some(code) => {
                let error = self.refusal(code, &response, now);
                let retry_after = error.retry_after();
                self.fail(error, Cause::Status { status, retry_after }, now)
            }
        }
    }

    /// Ends with an error, unless another attempt may make it good.
    fn fail(&mut self, error: Error, cause: Cause<'_>, now: Now) -> State {
        let time_left = self.time_left(now);
        let Context { budget, random, .. } = &*self.context;
        match self.retries.next(&self.endpoint, cause, time_left, budget, random()) {
            Some(wait) if wait.is_zero() => State::Attempt,
            Some(wait) => State::Pause(wait),
            None => self.finish(Err(error)),
        }
    }

    fn key_refused(&mut self, response: &HttpResponse, now: Now) -> State {
        let Credential::Key(trial) = &mut self.credential else { unreachable!("only a key can be refused") };
        let next = trial.refused();
        // Kept now, because the answer is gone by the time the last key turns out to be refused too.
        self.refused = Some(self.refusal(Code::Unauthorized, response, now));
        match next {
            Next::Again => self.failover(),
            Next::Reload(work) => State::Reload(work),
            Next::Exhausted => self.exhausted(),
        }
    }

    /// The next attempt is made with another key.
    pub(super) fn failover(&self) -> State {
        if let Some(watch) = &self.watch {
            watch.failover();
        }
        State::Attempt
    }

    /// Every key was refused.
    pub(super) fn exhausted(&mut self) -> State {
        let error = self.refused.take().expect("a key was refused before all were");
        self.finish(Err(error))
    }
}

/// The code of an answer. 300 and 304 lead elsewhere only where they say to where.
fn code_of(response: &HttpResponse) -> Option<Code> {
    match response.status {
        300 | 304 if !response.headers.contains_key(LOCATION) => Some(Code::UnexpectedStatus),
        status => Code::from_status(status),
    }
}
