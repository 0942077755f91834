//! A store in memory, for tests: does to the letter what the commands say.

use std::collections::HashMap;
use std::time::Instant;

use super::command::{Answer, Command, Found, LEASE};

#[derive(Default)]
pub(super) struct FakeStore {
    kept: HashMap<String, (Vec<u8>, Instant)>,
    epochs: HashMap<String, u64>,
    pub commands: u64,
}

impl FakeStore {
    pub fn run(&mut self, commands: &[Command], now: Instant) -> Vec<Answer> {
        self.commands += commands.len() as u64;
        commands.iter().map(|command| self.answer(command, now)).collect()
    }

    /// How many entries there are, locks not counted.
    pub fn entries(&self, now: Instant) -> usize {
        self.kept.iter().filter(|(name, (_, end))| !name.ends_with(":lock") && *end > now).count()
    }

    /// Every entry, to be altered.
    pub fn altered(&mut self, alter: impl Fn(&mut Vec<u8>)) {
        self.kept.values_mut().for_each(|(sealed, _)| alter(sealed));
    }

    fn answer(&mut self, command: &Command, now: Instant) -> Answer {
        match command {
            Command::LookOrLock { name, mark, anyway } => {
                let entry = self.get(name.entry(), now);
                let free = self.get(&name.lock(), now).is_none();
                let locked = free && (entry.is_none() || *anyway);
                if locked {
                    self.kept.insert(name.lock(), (mark.0.to_be_bytes().into(), now + LEASE));
                }
                Answer::Looked { entry, locked }
            }
            Command::Look { name } => Answer::Looked { entry: self.get(name.entry(), now), locked: false },
            Command::KeepAndUnlock { name, mark, sealed, life } => {
                let owner =
                    self.get(&name.lock(), now).is_some_and(|lock| lock.sealed == mark.0.to_be_bytes());
                if owner {
                    self.kept.insert(name.entry().to_owned(), (sealed.clone(), now + *life));
                    self.kept.remove(&name.lock());
                }
                Answer::Kept(owner)
            }
            Command::Keep { name, sealed, life } => {
                self.kept.insert(name.entry().to_owned(), (sealed.clone(), now + *life));
                Answer::Done
            }
            Command::Unlock { name, mark } => {
                if self.get(&name.lock(), now).is_some_and(|lock| lock.sealed == mark.0.to_be_bytes()) {
                    self.kept.remove(&name.lock());
                }
                Answer::Done
            }
            Command::Drop { name } => {
                self.kept.remove(name.entry());
                self.kept.remove(&name.lock());
                Answer::Done
            }
            Command::Epoch { counter } => {
                Answer::Epoch(self.epochs.get(counter).copied().unwrap_or_default())
            }
            Command::NextEpoch { counter } => {
                let epoch = self.epochs.entry(counter.clone()).or_default();
                *epoch += 1;
                Answer::Epoch(*epoch)
            }
            Command::Publish { .. } => Answer::Done,
            Command::LastTold { .. } => Answer::Told(Vec::new()),
        }
    }

    fn get(&self, name: &str, now: Instant) -> Option<Found> {
        let (sealed, end) = self.kept.get(name)?;
        let kept = end.checked_duration_since(now).filter(|left| !left.is_zero())?;
        Some(Found { sealed: sealed.clone(), kept })
    }
}
