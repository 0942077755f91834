//! A question for keys on its way from the thread that asks to JavaScript.

use std::sync::mpsc::SyncSender;

use agglestone::GivenKeys;

/// What comes back.
pub type Answer = Result<GivenKeys, String>;

/// The keys of a client are wanted. Dropped without an answer, it says so.
pub struct Question(SyncSender<Answer>);

impl Question {
    pub fn new(sender: SyncSender<Answer>) -> Question {
        Question(sender)
    }

    pub fn answer(self, answer: Answer) {
        // Whoever asked has given up when it took too long.
        let _ = self.0.try_send(answer);
    }
}
