//! One call as a state machine: every protocol decision, no I/O, no clock but the one handed in.
//!
//! A driver asks for the next [`Step`], does what it says, reports what came of it, and asks again.

mod advice;
mod bearer;
mod context;
mod credential;
mod keys;
mod options;
mod outcome;
mod refusal;
mod request;
mod restart;
mod retry;
mod retry_after;
mod unanswered;
mod users;
mod verdict;
mod verify;
mod watch;

use std::sync::Arc;
use std::time::{Duration, Instant};

use self::bearer::Bearer;
pub use self::context::Context;
use self::credential::{Credential, Turn};
use self::keys::{KeyCheck, KeyTrial, Next};
pub use self::options::{CallOptions, Invocation};
use self::restart::Restart;
use self::retry::Retries;
use self::verdict::Judged;
pub use self::verdict::{SigningKeysQuestion, StandingQuestion};
use self::watch::Watch;
use crate::error::{Code, Error, Result};
use crate::http::HttpRequest;
use crate::keys::KeyWork;
use crate::observation::Observation;
use crate::operation::{Answer, Endpoint, Flow, UserId};
use crate::reply::Reply;
use crate::time::Now;
use crate::tokens::{Obtained, TokenQuestion};
use crate::verify::{Claims, KeyFetch};

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
    /// Get this user's token from the session's cache and report it by [`Call::obtained`], or by
    /// [`Call::obtaining_is_late`] when there is none after the time that the question names.
    Token(TokenQuestion),
    /// Have the signing keys fetched and report by [`Call::signing_keys_came`], or by [`Call::signing_keys_are_late`] when there
    /// are none after the time that the question names.
    SigningKeys(SigningKeysQuestion),
    /// Have the signing keys renewed in the background. There is nothing to report.
    RenewSigningKeys(KeyFetch),
    /// Have the service asked about a token's user and report by [`Call::standing_came`], or by [`Call::standing_is_late`] when
    /// there is no answer after the time that the question names.
    Standing(StandingQuestion),
    /// The call is over.
    Done(Result<Reply>),
}

/// A look at files takes microseconds. Where it takes longer, the disk is not there, and the keys in use are good enough.
const LONGEST_LOOK: Duration = Duration::from_secs(1);

/// What the state machine does at the next step.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one a call, and boxing its end would be an allocation a call"
)]
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
    /// Judge the token: keys have come.
    Settle,
    /// The token is right by itself.
    Believed(Claims),
    /// The service is being asked about the user of such a token.
    Asking(Claims),
    /// Hand out the result.
    Finished(Result<Reply>),
    /// The result was handed out.
    Over,
}

/// An operation on its way.
#[derive(Debug)]
pub struct Call {
    endpoint: Endpoint,
    context: Arc<Context>,
    credential: Credential,
    deadline: Duration,
    ends_at: Instant,
    timeout: Duration,
    /// The attempt under way got less than its `timeout`, because of the deadline.
    cut_short: bool,
    connect_timeout: Option<Duration>,
    /// The reply tells what the body is made of.
    outlined: bool,
    /// The next attempt wants a connection that nobody has used before.
    fresh: bool,
    restart: Restart,
    retries: Retries,
    attempts: u32,
    state: State,
    /// What the last refusal of a key would be reported as, while another key may still make it good.
    refused: Option<Error>,
    /// Notes, where somebody wants to know.
    watch: Option<Box<Watch>>,
}

impl Call {
    /// A call that begins now.
    pub fn new(invocation: impl Into<Invocation>, context: &Arc<Context>, now: Now) -> Call {
        let Invocation { operation, options, outlined, observation } = invocation.into();
        let (credential, endpoint) = match operation.into_flow(context.config.users_path()) {
            Flow::ByKey(endpoint) => (Credential::Open(Turn::Active), endpoint),
            Flow::ByEachKey(endpoint) => (Credential::Open(Turn::Each), endpoint),
            Flow::ByUser(user_id, endpoint) => (Credential::Bearer(Bearer::new(user_id, false)), endpoint),
            Flow::Token { user_id, fresh } => {
                let endpoint = Endpoint::awaited_token(&user_id);
                (Credential::Bearer(Bearer::new(user_id, fresh)), endpoint)
            }
            Flow::Verify { token, check } => {
                (Credential::Verdict(Judged { token, check }), Endpoint::open("", "verify_token"))
            }
        };
        Call::with(endpoint, &options, outlined, observation, credential, context, now)
    }

    /// The exchange itself, that the token cache asked for.
    pub(crate) fn exchange(user_id: &UserId, context: &Arc<Context>, now: Now) -> Call {
        let (endpoint, credential) = (Endpoint::exchange(user_id), Credential::Open(Turn::Active));
        Call::with(endpoint, &CallOptions::default(), false, None, credential, context, now)
    }

    /// A request that takes no credential.
    pub(crate) fn open(endpoint: Endpoint, context: &Arc<Context>, now: Now) -> Call {
        Call::with(endpoint, &CallOptions::default(), false, None, Credential::Nobody, context, now)
    }

    /// The same call, run for another one: in its trace, and noted in its account.
    pub(crate) fn helping(mut self, observation: Option<Observation>, now: Now) -> Call {
        if let Some(observation) = observation {
            let helping = || Watch::helping(observation.clone(), &self.context, &self.endpoint, now);
            match &mut self.watch {
                Some(watch) => watch.help(observation),
                None => self.watch = Some(helping()),
            }
        }
        self
    }

    /// Who observes it.
    pub(crate) fn observation(&self) -> Option<Observation> {
        self.watch.as_ref().map(|watch| watch.observation().clone())
    }

    fn with(
        endpoint: Endpoint,
        options: &CallOptions,
        outlined: bool,
        observation: Option<Observation>,
        credential: Credential,
        context: &Arc<Context>,
        now: Now,
    ) -> Call {
        let config = &context.config;
        let deadline = options.deadline.unwrap_or(config.deadline());
        let watch = Watch::begin(observation, context, &endpoint, now);
        Call {
            endpoint,
            context: context.clone(),
            credential,
            deadline,
            ends_at: now.instant + deadline,
            cut_short: false,
            timeout: options.timeout.unwrap_or(config.timeout()),
            connect_timeout: options.connect_timeout.filter(|time| *time != config.connect_timeout()),
            retries: Retries::new(options.max_retries.unwrap_or(config.max_retries())),
            outlined,
            attempts: 0,
            restart: Restart::default(),
            fresh: false,
            state: State::Begin,
            refused: None,
            watch,
        }
    }

    /// What to do next.
    ///
    /// # Panics
    /// When a driver asks again without having reported what the last step came to, or after [`Step::Done`].
    pub fn step(&mut self, now: Now) -> Step {
        match std::mem::replace(&mut self.state, State::Over) {
            State::Begin if matches!(self.credential, Credential::Open(_)) => {
                match self.context.keys.look_work(now.instant) {
                    Some(work) => self.reload(work, now),
                    None => self.attempt_step(now),
                }
            }
            State::Begin | State::Attempt => match &self.credential {
                Credential::Verdict(Judged { token, .. }) => self.judge_token(&token.clone(), now),
                _ => self.attempt_step(now),
            },
            State::Pause(wait) => {
                self.state = State::Attempt;
                Step::Wait(wait)
            }
            State::Reload(work) => self.reload(work, now),
            State::Settle => self.settle_token(now),
            State::Believed(claims) => self.believed(claims, now),
            State::Finished(result) => self.done(result, now),
            state @ (State::Waiting
            | State::Reloading
            | State::Obtaining
            | State::Asking(_)
            | State::Over) => {
                panic!("a driver asked for a step in state {state:?}")
            }
        }
    }

    /// The end, which is noted where somebody wants to know.
    fn done(&mut self, result: Result<Reply>, now: Now) -> Step {
        if let Some(watch) = &mut self.watch {
            watch.ended(result.as_ref(), now);
        }
        Step::Done(result)
    }

    /// Learns that it was ended from outside, by this error.
    pub(crate) fn ended(&mut self, error: Error) -> Error {
        if let Some(watch) = &mut self.watch {
            watch.ended(Err(&error), Now::read());
        }
        error
    }

    /// Takes the outcome of reading the keys anew.
    pub fn reloaded(&mut self, outcome: Result<(), String>) {
        self.state = match (&mut self.credential, outcome) {
            // A look at the files before the first attempt: whatever came of it, there are keys to go on with.
            (Credential::Open(_), outcome) if self.context.keys.current().is_none() => {
                let reason = outcome.err().unwrap_or_else(|| "their source gave none".to_owned());
                let message = format!("{}: there are no API keys: {reason}", self.endpoint.route());
                self.finish(Err(Error::new(Code::InvalidConfig, message)))
            }
            (Credential::Key(trial), _) => match trial.next() {
                Next::Again => self.failover(),
                Next::Reload(_) | Next::Exhausted => self.exhausted(),
            },
            _ => State::Attempt,
        };
    }

    /// Learns that the keys were not read in time. They still may be, for the calls that come later.
    pub fn reload_is_late(&mut self) {
        let looked = matches!(self.credential, Credential::Open(_)) && self.context.keys.current().is_some();
        self.state = if looked { State::Attempt } else { self.finish(Err(self.keys_are_late())) };
    }

    /// Takes the token that the last step asked for.
    pub fn obtained(&mut self, outcome: Result<Obtained>) {
        if let (Ok(obtained), Some(watch)) = (&outcome, &self.watch) {
            watch.obtained(obtained);
        }
        self.state = match (outcome, &mut self.credential, &self.endpoint.answer) {
            (Ok(Obtained { token, attempts }), _, Answer::Token(_)) => {
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

    /// Learns that the token did not come in time. It still may, for whoever asks later.
    pub fn obtaining_is_late(&mut self) {
        self.state = self.finish(Err(self.token_is_late()));
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
        if let Credential::Open(turn) = self.credential {
            let keys = &self.context.keys;
            let work = keys.reload_work();
            let begun = match turn {
                Turn::Each => KeyCheck::begin(keys).map(Credential::Check),
                Turn::Active => KeyTrial::begin(keys).map(Credential::Key),
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
            Err(error) => self.done(Err(error.after_attempts(self.attempts)), now),
        }
    }
}

#[cfg(test)]
mod message_tests;
#[cfg(test)]
mod model_tests;
#[cfg(test)]
mod retry_tests;
#[cfg(test)]
mod rotation_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod user_tests;
#[cfg(test)]
mod verify_tests;
#[cfg(test)]
mod watch_tests;
