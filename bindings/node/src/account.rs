//! What a watched call did, as one text: the engine makes a string and cuts it sooner than it parses JSON or takes values one by one.

use std::fmt::{Display, Write};

use agglestone::{Account, Attempt, Code, TokenFrom};

/// How long it is for a call of one attempt, at most.
const USUAL: usize = 256;

/// A line each: first of the call, then of each attempt, in the order in which `node/src/account.ts` reads them. Empty where there is
/// nothing to say.
pub fn lines(account: &Account) -> String {
    let mut lines = Lines(String::with_capacity(USUAL));
    lines.text(account.method);
    lines.text(&account.route);
    lines.text(&account.server_address);
    lines.number(Some(account.server_port));
    lines.number(account.status);
    lines.text(account.error.map_or("", Code::name));
    lines.text(account.token.map_or("", TokenFrom::name));
    lines.text(account.token_store.unwrap_or_default());
    lines.number(Some(account.failovers));
    lines.number(account.duration);
    account.attempts.iter().for_each(|attempt| lines.attempt(attempt));
    lines.0
}

struct Lines(String);

impl Lines {
    fn attempt(&mut self, attempt: &Attempt) {
        self.text(attempt.method);
        self.text(&attempt.route);
        self.number(Some(attempt.start));
        self.number(attempt.duration);
        self.number(attempt.connection_wait);
        self.number(Some(attempt.resends));
        self.number(attempt.status);
        self.text(attempt.error.map_or("", Code::name));
        self.text(attempt.error_type.as_deref().unwrap_or_default());
        self.text(attempt.credential.unwrap_or_default());
        self.text(attempt.fingerprint.as_deref().unwrap_or_default());
        self.text(attempt.request_id.as_deref().unwrap_or_default());
    }

    /// Words of ours, a host, or cleaned: none has a line break.
    fn text(&mut self, text: &str) {
        debug_assert!(!text.contains('\n'));
        self.0.push_str(text);
        self.0.push('\n');
    }

    fn number(&mut self, number: Option<impl Display>) {
        if let Some(number) = number {
            let _ = write!(self.0, "{number}");
        }
        self.0.push('\n');
    }
}
