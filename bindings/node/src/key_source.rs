//! The host's own key source: the core asks on a thread that may block, JavaScript answers on its own.

use std::cell::Cell;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use agglestone::GivenKeys;
use agglestone::binding::Tracked;
use napi_derive::napi;

use crate::channel::{Channel, Item};
use crate::question::{Answer, Question};

/// How much longer than a call an answer is waited for, so that the call ends with its own deadline.
const GRACE: Duration = Duration::from_millis(100);

/// A client's source, as the core calls it.
pub struct KeySource {
    channel: Arc<Channel>,
    client: u32,
    limit: Limit,
}

/// How long a whole call may take. Known when the configuration is checked, which is after the source is part of it.
pub type Limit = Arc<OnceLock<Duration>>;

impl KeySource {
    pub fn new(channel: Arc<Channel>, client: u32, limit: Limit) -> KeySource {
        KeySource { channel, client, limit }
    }

    /// Asks JavaScript and waits for the answer, as long as a whole call may take: a promise that is never settled must not
    /// keep the thread, nor every later call that wants keys.
    pub fn ask(&self) -> Answer {
        // A thread of the pool is a resource that tests must see given back.
        let _waiting = Tracked::new();
        let (sender, receiver) = sync_channel(1);
        self.channel.push(Item::Question { client: self.client, question: Question::new(sender) });
        self.wait(&receiver)
    }

    fn wait(&self, receiver: &Receiver<Answer>) -> Answer {
        let limit = self.limit.get().copied().unwrap_or_default();
        receiver.recv_timeout(limit + GRACE).unwrap_or_else(|error| {
            Err(match error {
                RecvTimeoutError::Timeout => format!("no answer within {} ms", limit.as_millis()),
                RecvTimeoutError::Disconnected => "it ended before it answered".to_owned(),
            })
        })
    }
}

/// A question in the hands of JavaScript, to be answered once. Collected unanswered, or at the end of its environment, it
/// frees whoever waits.
#[napi]
pub struct KeyQuestion(Cell<Option<Question>>);

impl From<Question> for KeyQuestion {
    fn from(question: Question) -> KeyQuestion {
        KeyQuestion(Cell::new(Some(question)))
    }
}

#[napi]
impl KeyQuestion {
    #[napi(catch_unwind)]
    pub fn answer(&self, primary: String, secondary: Option<String>) {
        self.reply(Ok(GivenKeys { primary: primary.into(), secondary: secondary.map(Into::into) }));
    }

    #[napi(catch_unwind)]
    pub fn fail(&self, reason: String) {
        self.reply(Err(reason));
    }

    fn reply(&self, answer: Answer) {
        if let Some(question) = self.0.take() {
            question.answer(answer);
        }
    }
}
