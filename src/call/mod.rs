//! One call as a state machine: every protocol decision, no I/O, no clock but the one handed in.
//!
//! A driver asks for the next [`Step`], does what it says, reports what came of it, and asks again.

mod bearer;
mod credential;
mod keys;
mod options;
mod refusal;
mod request;
mod retry;

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use self::bearer::Bearer;
use self::credential::Credential;
use self::keys::{KeyCheck, KeyTrial, Next};
pub use self::options::{CallOptions, Invocation};
pub use self::retry::RetryBudget;
use self::retry::{Cause, Retries};
use crate::config::{Config, Proxy};
use crate::error::{Code, Error, Result};
use crate::http::{Failure, HttpRequest, HttpResponse};
use crate::keys::{KeyRing, KeyWork};
use crate::operation::{Answer, Operation, UserId};
use crate::redact::Redactor;
use crate::reply::Reply;
use crate::session::Session;
use crate::tokens::{Obtained, TokenQuestion};

/// What a driver does next.
#[derive(Debug)]
#[non_exhaustive]
pub enum Step {
    /// Send this and report the outcome by [`Call::received`].
    Send(Box<HttpRequest>),
    /// Wait this long.
    Wait(Duration),
    /// Read the keys anew, off the threads that drive I/O, and report the outcome by [`Call::reloaded`], or by
    /// [`Call::reload_is_late`] when there is none after this time.
    ReloadKeys(KeyWork, Duration),
    /// Get this user's token from the session's cache and report it by [`Call::obtained`].
    Token(TokenQuestion),
    /// The call is over.
    Done(Result<Reply>),
}

/// The time, as the driver reads it: a monotonic reading for spans, the calendar for dates in headers.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// For spans of time.
    pub instant: Instant,
    /// For comparing with dates that the service sends.
    pub system: SystemTime,
}

impl Now {
    /// The real time.
    pub fn read() -> Now {
        Now { instant: Instant::now(), system: SystemTime::now() }
    }
}

/// A look at files takes microseconds. Where it takes longer, the disk is not there, and the keys in use are good enough.
const LONGEST_LOOK: Duration = Duration::from_secs(1);

/// What the state machine does at the next step.
#[derive(Debug)]
enum State {
    /// Nothing was done yet.
    Begin,
    /// Build and send the next attempt.
    Attempt,
    /// Wait, then attempt.
    Pause(Duration),
    /// Have the keys read.
    Reload(KeyWork),
    /// An attempt is under way.
    Waiting,
    /// The keys are being read.
    Reloading,
    /// A token is being fetched.
    Obtaining,
    /// Hand out the result.
    Finished(Result<Reply>),
    /// The result was handed out.
    Over,
}

/// An operation on its way.
#[derive(Debug)]
pub struct Call {
    operation: Operation,
    config: Arc<Config>,
    keys: Arc<KeyRing>,
    credential: Credential,
    ends_at: Instant,
    timeout: Duration,
    connect_timeout: Option<Duration>,
    retries: Retries,
    budget: Arc<RetryBudget>,
    random: fn() -> f64,
    attempts: u32,
    state: State,
    /// What the last refusal of a key would be reported as, while another key may still make it good.
    refused: Option<Error>,
}

impl Call {
    /// A call that begins now.
    pub fn new(invocation: impl Into<Invocation>, session: &Session, now: Now) -> Call {
        let Invocation { operation, options } = invocation.into();
        let credential = match &operation {
            Operation::ExchangeApiKeyForToken(user_id) => {
                Credential::Bearer(Bearer::new(user_id.clone(), false))
            }
            Operation::ExchangeApiKeyForFreshToken(user_id) => {
                Credential::Bearer(Bearer::new(user_id.clone(), true))
            }
            Operation::AsUser(user_id, _) => Credential::Bearer(Bearer::new(user_id.clone(), false)),
            _ => Credential::Open,
        };
        Call::with(operation, &options, credential, session, now)
    }

    /// The exchange itself, that the token cache asked for.
    pub(crate) fn exchange(user_id: UserId, session: &Session, now: Now) -> Call {
        let operation = Operation::ExchangeApiKeyForToken(user_id);
        Call::with(operation, &CallOptions::default(), Credential::Open, session, now)
    }

    fn with(
        operation: Operation,
        options: &CallOptions,
        credential: Credential,
        session: &Session,
        now: Now,
    ) -> Call {
        let config = session.config().clone();
        Call {
            operation,
            keys: session.keys().clone(),
            credential,
            ends_at: now.instant + options.deadline.unwrap_or(config.deadline()),
            timeout: options.timeout.unwrap_or(config.timeout()),
            connect_timeout: options.connect_timeout.filter(|time| *time != config.connect_timeout()),
            retries: Retries::new(options.max_retries.unwrap_or(config.max_retries())),
            budget: session.retry_budget().clone(),
            random: session.random(),
            config,
            attempts: 0,
            state: State::Begin,
            refused: None,
        }
    }

    /// What to do next.
    ///
    /// # Panics
    /// When a driver asks again without having reported what the last step came to, or after [`Step::Done`].
    pub fn step(&mut self, now: Now) -> Step {
        match std::mem::replace(&mut self.state, State::Over) {
            State::Begin if matches!(self.credential, Credential::Open) => {
                match self.keys.look_work(now.instant) {
                    Some(work) => self.reload(work, now),
                    None => self.attempt_step(now),
                }
            }
            State::Begin | State::Attempt => self.attempt_step(now),
            State::Pause(wait) => {
                self.state = State::Attempt;
                Step::Wait(wait)
            }
            State::Reload(work) => self.reload(work, now),
            State::Finished(result) => Step::Done(result),
            state @ (State::Waiting | State::Reloading | State::Obtaining | State::Over) => {
                panic!("a driver asked for a step in state {state:?}")
            }
        }
    }

    /// Takes the outcome of the request that the last step asked for.
    ///
    /// This is where one answer may lead to another attempt: with the other key, after a wait, with a fresh token.
    pub fn received(&mut self, outcome: Result<HttpResponse, Failure>, now: Now) {
        self.state = match outcome {
            Ok(response) => self.judge(response, now),
            Err(failure) => {
                let error = refusal::failure(&self.operation, &failure, &self.config, &self.redactor());
                self.fail(error, Cause::Failure(&failure), now)
            }
        };
    }

    /// Takes the outcome of reading the keys anew.
    pub fn reloaded(&mut self, outcome: Result<(), String>) {
        self.state = match (&mut self.credential, outcome) {
            // A look at the files before the first attempt: whatever came of it, there are keys to go on with.
            (Credential::Open, outcome) if self.keys.current().is_none() => {
                let reason = outcome.err().unwrap_or_else(|| "their source gave none".to_owned());
                let message = format!("{}: there are no API keys: {reason}", self.operation.route());
                self.finish(Err(Error::new(Code::InvalidConfig, message)))
            }
            (Credential::Open | Credential::Check(_) | Credential::Bearer(_), _) => State::Attempt,
            (Credential::Key(trial), _) => match trial.next() {
                Next::Again => State::Attempt,
                Next::Reload(_) | Next::Exhausted => self.exhausted(),
            },
        };
    }

    /// Learns that the keys were not read in time. They still may be, for the calls that come later.
    pub fn reload_is_late(&mut self) {
        let looked = matches!(self.credential, Credential::Open) && self.keys.current().is_some();
        self.state = if looked { State::Attempt } else { self.finish(Err(self.keys_are_late())) };
    }

    /// Takes the token that the last step asked for.
    pub fn obtained(&mut self, outcome: Result<Obtained>) {
        self.state = match (outcome, &mut self.credential, self.operation.answer()) {
            (Ok(Obtained { token, attempts }), _, Answer::Token) => {
                State::Finished(Ok(Reply::token_reply(token, attempts)))
            }
            (Ok(Obtained { token, .. }), Credential::Bearer(bearer), _) => {
                bearer.take(token);
                State::Attempt
            }
            (Ok(_), _, _) => unreachable!("only calls with a bearer ask for tokens"),
            (Err(error), ..) => State::Finished(Err(error)),
        };
    }

    /// What an answer means.
    fn judge(&mut self, response: HttpResponse, now: Now) -> State {
        let status = response.status;
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
        match Code::from_status(status) {
            None => {
                self.budget.success();
                self.finish(Reply::read(&self.operation, response, self.attempts, now.system))
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
        match self.retries.next(&self.operation, cause, time_left, &self.budget, (self.random)()) {
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
            Next::Again => State::Attempt,
            Next::Reload(work) => State::Reload(work),
            Next::Exhausted => self.exhausted(),
        }
    }

    /// Every key was refused.
    fn exhausted(&mut self) -> State {
        let error = self.refused.take().expect("a key was refused before all were");
        self.finish(Err(error))
    }

    fn finish(&self, result: Result<Reply>) -> State {
        State::Finished(result.map_err(|error| error.after_attempts(self.attempts)))
    }

    fn reload(&mut self, work: KeyWork, now: Now) -> Step {
        self.state = State::Reloading;
        let time_left = self.time_left(now);
        let limit = if work.is_look() { time_left.min(LONGEST_LOOK) } else { time_left };
        Step::ReloadKeys(work, limit)
    }

    fn attempt_step(&mut self, now: Now) -> Step {
        if let Credential::Bearer(bearer) = &self.credential
            && let Some(question) = bearer.question(self.time_left(now))
        {
            self.state = State::Obtaining;
            return Step::Token(question);
        }
        if matches!(self.credential, Credential::Open) {
            let work = self.keys.reload_work();
            let begun = match self.operation {
                Operation::CheckApiKeys => KeyCheck::begin(&self.keys).map(Credential::Check),
                _ => KeyTrial::begin(&self.keys).map(Credential::Key),
            };
            match (begun, work) {
                (Some(credential), _) => self.credential = credential,
                (None, Some(work)) => return self.reload(work, now),
                (None, None) => unreachable!("a source that can't be asked gives its keys at once"),
            }
        }
        match self.attempt(now) {
            Ok(request) => {
                self.state = State::Waiting;
                Step::Send(Box::new(request))
            }
            Err(error) => Step::Done(Err(error.after_attempts(self.attempts))),
        }
    }

    fn refusal(&self, code: Code, response: &HttpResponse, now: Now) -> Error {
        let advice = match (code, response.status) {
            (Code::Unauthorized, _) => self.credential.advice(),
            (_, 407) => self.config.proxy().map(|proxy| {
                format!("It came from the proxy {}: {}", proxy.address(), proxy.advice_on_users())
            }),
            _ => None,
        };
        refusal::refusal(&self.operation, code, response, advice, &self.redactor(), now)
    }

    fn redactor(&self) -> Redactor {
        // The keys in use too: a call made as a user carries none, but an answer may still hold one.
        let set = self.keys.current();
        let keys = set.iter().flat_map(|set| set.slots()).map(|slot| slot.key.expose());
        let proxy = self.config.proxy().and_then(Proxy::secret);
        Redactor::new(self.credential.secrets().chain(keys).chain(proxy))
    }
}

#[cfg(test)]
mod retry_tests;
#[cfg(test)]
mod rotation_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod user_tests;
