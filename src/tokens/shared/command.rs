//! What is asked of a store, and what it answers: a handful of commands, each of which leaves it whole.

use std::time::Duration;

use super::seal::Name;

/// How long a process may exchange for all others. One that died costs the others at most this.
pub(crate) const LEASE: Duration = Duration::from_secs(3);

/// How long what was told is kept, and how much of it.
pub(crate) const KEPT_NEWS: Duration = Duration::from_secs(3600);
pub(crate) const MOST_KEPT_NEWS: usize = 100;

/// One command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Gets the entry and, where there is none or in any case, the lock, unless somebody has it. Answer: [`Answer::Looked`].
    LookOrLock { name: Name, mark: Mark, anyway: bool },
    /// Gets the entry. Answer: [`Answer::Looked`].
    Look { name: Name },
    /// Writes the entry and gives the lock back; nothing if somebody else has the lock by now, or the entry was forgotten, which
    /// takes the lock away too. Answer: [`Answer::Kept`].
    KeepAndUnlock { name: Name, mark: Mark, sealed: Vec<u8>, life: Duration },
    /// Writes the entry. Answer: [`Answer::Done`].
    Keep { name: Name, sealed: Vec<u8>, life: Duration },
    /// Gives the lock back. Answer: [`Answer::Done`].
    Unlock { name: Name, mark: Mark },
    /// Removes the entry, and the lock from whoever has it. Answer: [`Answer::Done`].
    Drop { name: Name },
    /// How often everything was forgotten. Answer: [`Answer::Epoch`].
    Epoch { counter: String },
    /// Everything is forgotten. Answer: [`Answer::Epoch`].
    NextEpoch { counter: String },
    /// Tells every process that listens, and keeps it for those who come back within [`KEPT_NEWS`]. Answer: [`Answer::Done`].
    Publish { channel: String, message: Vec<u8> },
    /// What was told last, the newest first. Answer: [`Answer::Told`].
    LastTold { channel: String },
}

/// Whose lock it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark(pub u64);

/// The answer to one command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Looked { entry: Option<Found>, locked: bool },
    Kept(bool),
    Epoch(u64),
    Told(Vec<Vec<u8>>),
    Done,
}

/// A sealed entry, and how long the store goes on to keep it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub sealed: Vec<u8>,
    pub kept: Duration,
}
