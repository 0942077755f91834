//! What a process does for a user's token where others may have one: looks, takes the lock, exchanges, or waits for who has it.
//!
//! A state machine like a call's: no I/O and no clock. The driver asks for the next [`Step`], does it and reports.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::command::{Answer, Command, LEASE, Mark};
use super::entry::Entry;
use super::seal::{Name, Seal};
use crate::operation::UserId;
use crate::secret::Token;
use crate::time::Now;
use crate::tokens::lifetime::{Lifetime, Phase};

/// What a token is got for: what must not be the answer follows from it.
#[derive(Clone, Debug)]
pub(crate) enum Purpose {
    /// There is none.
    Missing,
    /// The service refused this one.
    Refused(Token),
    /// This one ends soon.
    Renewal(Token),
    /// It has to be new, whatever there is.
    Fresh,
}

/// What the driver does next.
#[derive(Debug)]
pub(crate) enum Step {
    /// Ask the store and report by [`Errand::answered`].
    Ask(Vec<Command>),
    /// Wait this long, unless nobody wants the token any more.
    Wait(Duration),
    /// Exchange, and report by [`Errand::exchanged`].
    Exchange,
    /// Here it is, from another process.
    Found(Token),
}

/// The way to one token.
#[derive(Debug)]
pub(crate) struct Errand {
    user_id: UserId,
    purpose: Purpose,
    /// The lock is under the first, which is the same for all who hold the same.
    seals: Arc<Vec<Seal>>,
    mark: Mark,
    state: State,
    /// The lock is this process's.
    locked: bool,
    /// Under the first seal is something that can't be used, so that only the lock tells whose turn it is.
    useless: bool,
    epochs: Vec<u64>,
    pause: Duration,
    /// When this process stops waiting for whoever has the lock.
    until: Option<Instant>,
    /// What is left to be told to the store once the token is out.
    rest: Vec<Command>,
}

#[derive(Debug)]
enum State {
    Look,
    Pause,
    Asking,
    Exchange,
    Found(Token),
    Over,
}

const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

impl Errand {
    pub fn new(user_id: UserId, purpose: Purpose, seals: Arc<Vec<Seal>>, mark: Mark) -> Errand {
        Errand {
            user_id,
            purpose,
            seals,
            mark,
            state: State::Look,
            locked: false,
            useless: false,
            epochs: Vec::new(),
            pause: FIRST_PAUSE,
            until: None,
            rest: Vec::new(),
        }
    }

    /// What to do next. `random` is 0 to 1 and spreads those who wait for the same.
    pub fn step(&mut self, random: f64) -> Step {
        match std::mem::replace(&mut self.state, State::Over) {
            State::Look => {
                self.state = State::Asking;
                Step::Ask(self.look())
            }
            State::Pause => {
                self.state = State::Look;
                let pause = self.pause.mul_f64(0.5 + random);
                self.pause = (self.pause * 2).min(LONGEST_PAUSE);
                Step::Wait(pause)
            }
            State::Exchange => Step::Exchange,
            State::Found(token) => Step::Found(token),
            state @ (State::Asking | State::Over) => panic!("a driver asked for a step in state {state:?}"),
        }
    }

    /// Takes the store's answers; `None` when there are none, and the process is on its own.
    pub fn answered(&mut self, answers: Option<Vec<Answer>>, now: Now) {
        self.state = match answers.and_then(|answers| self.judge(&answers, now)) {
            Some(state) => state,
            None => State::Exchange,
        };
    }

    /// What the store has to be told now that the exchange is over: `token` is the one that this process goes on with, if any.
    pub fn exchanged(&self, token: Option<&Token>, now: Now) -> Vec<Command> {
        let (name, mark) = (self.name(0), self.mark);
        match token.and_then(|token| self.entry(0, token, now)) {
            _ if !self.locked => Vec::new(),
            Some((sealed, life)) => vec![Command::KeepAndUnlock { name, mark, sealed, life }],
            None => vec![Command::Unlock { name, mark }],
        }
    }

    /// What is left to be told after that, or after a token was found.
    pub fn rest(&mut self, answers: &[Answer], token: &Token, now: Now) -> Vec<Command> {
        if matches!(answers, [Answer::Kept(true)]) {
            // Somebody who holds the other key alone finds it, too.
            let others = (1..self.seals.len()).filter_map(|at| self.keep(at, token, now));
            self.rest.extend(others.collect::<Vec<_>>());
        }
        std::mem::take(&mut self.rest)
    }

    fn look(&self) -> Vec<Command> {
        let anyway = self.useless || !matches!(self.purpose, Purpose::Missing);
        let mut commands = vec![Command::LookOrLock { name: self.name(0), mark: self.mark, anyway }];
        commands.extend((1..self.seals.len()).map(|at| Command::Look { name: self.name(at) }));
        commands.extend(self.seals.iter().map(|seal| Command::Epoch { counter: seal.epoch.clone() }));
        commands
    }

    /// `None` for answers that are none.
    fn judge(&mut self, answers: &[Answer], now: Now) -> Option<State> {
        let (looked, epochs) = answers.split_at_checked(self.seals.len())?;
        self.epochs =
            epochs.iter().map(|answer| if let Answer::Epoch(epoch) = answer { *epoch } else { 0 }).collect();
        let Some(Answer::Looked { entry: first, locked }) = looked.first() else { return None };
        self.locked = *locked;
        let tokens: Vec<_> =
            looked.iter().enumerate().map(|(at, answer)| self.usable(at, answer, now)).collect();
        self.useless = first.is_some() && tokens[0].is_none();
        Some(match tokens.iter().flatten().next().cloned() {
            Some(token) => {
                self.rest = self.mending(&tokens, &token, now);
                State::Found(token)
            }
            None if self.locked || matches!(self.purpose, Purpose::Fresh) => State::Exchange,
            None => self.wait(now),
        })
    }

    /// Whoever has the lock may be dead, and the store may lie about it: after a lease this process goes on alone.
    fn wait(&mut self, now: Now) -> State {
        let until = *self.until.get_or_insert(now.instant + LEASE);
        if now.instant < until { State::Pause } else { State::Exchange }
    }

    /// The token under a seal, if it can be the answer.
    fn usable(&self, at: usize, answer: &Answer, now: Now) -> Option<Token> {
        let Answer::Looked { entry: Some(found), .. } = answer else { return None };
        let plain = self.seals[at].open_entry(self.user_id.as_str(), &found.sealed)?;
        let token = Entry::read(&plain, found.kept, *self.epochs.get(at)?, now)?.token;
        let usable = match &self.purpose {
            Purpose::Missing => true,
            Purpose::Refused(refused) => token != *refused,
            Purpose::Renewal(old) => {
                let phase = Lifetime::of(&token, now, 0.0)?.phase(now);
                token != *old && phase == Phase::Use
            }
            Purpose::Fresh => false,
        };
        usable.then_some(token)
    }

    /// A token was found under one seal: it is written under those that don't have it, and a lock is given back.
    fn mending(&self, found: &[Option<Token>], token: &Token, now: Now) -> Vec<Command> {
        let first = match (self.locked, &found[0]) {
            (true, Some(_)) => vec![Command::Unlock { name: self.name(0), mark: self.mark }],
            (true, None) => self.exchanged(Some(token), now),
            (false, _) => Vec::new(),
        };
        let lacking =
            found.iter().enumerate().filter(|(at, known)| known.is_none() && !(self.locked && *at == 0));
        first.into_iter().chain(lacking.filter_map(|(at, _)| self.keep(at, token, now))).collect()
    }

    fn keep(&self, at: usize, token: &Token, now: Now) -> Option<Command> {
        let (sealed, life) = self.entry(at, token, now)?;
        Some(Command::Keep { name: self.name(at), sealed, life })
    }

    fn entry(&self, at: usize, token: &Token, now: Now) -> Option<(Vec<u8>, Duration)> {
        let entry = Entry::of(token, *self.epochs.get(at)?, now)?;
        let life = entry.kept(now);
        let sealed = self.seals[at].seal_entry(self.user_id.as_str(), &entry.to_bytes());
        (!life.is_zero()).then_some((sealed, life))
    }

    fn name(&self, at: usize) -> Name {
        self.seals[at].name(self.user_id.as_str())
    }
}
