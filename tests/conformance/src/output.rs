//! What a driver prints beside its answers: logs, panics, its last words.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Result, bail};

/// The line by which a driver ends what it has printed until it was asked to show something.
pub const MARK: &str = "-- shown";
/// How much of a dead driver's last words is shown.
const KEPT_LINES: usize = 40;
/// A line travels through a pipe; longer than this it is not coming.
const LIMIT: Duration = Duration::from_secs(10);

/// Everything a driver has printed to its error output.
#[derive(Clone)]
pub struct Output(Arc<(Mutex<Heard>, Condvar)>);

#[derive(Default)]
struct Heard {
    last: VecDeque<String>,
    /// Since the last mark.
    new: String,
    /// What came before each mark.
    marked: VecDeque<String>,
}

impl Output {
    /// Listens until the driver ends.
    pub fn listen(source: impl Read + Send + 'static) -> Self {
        let output = Self(Arc::default());
        let heard = output.clone();
        std::thread::spawn(move || {
            let mut lines = BufReader::new(source);
            let mut line = Vec::new();
            while lines.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                heard.hear(String::from_utf8_lossy(&line).trim_end().to_string());
                line.clear();
            }
        });
        output
    }

    fn hear(&self, line: String) {
        let (heard, changed) = &*self.0;
        let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
        if line == MARK {
            let before = std::mem::take(&mut heard.new);
            heard.marked.push_back(before);
            changed.notify_all();
            return;
        }
        heard.new += &line;
        heard.new.push('\n');
        heard.last.push_back(line);
        if heard.last.len() > KEPT_LINES {
            heard.last.pop_front();
        }
    }

    /// What was printed before the next mark.
    pub fn take(&self) -> Result<String> {
        let (heard, changed) = &*self.0;
        let heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut heard, _) = changed
            .wait_timeout_while(heard, LIMIT, |heard| heard.marked.is_empty())
            .unwrap_or_else(PoisonError::into_inner);
        match heard.marked.pop_front() {
            Some(text) => Ok(text),
            None => bail!("the driver did not print {MARK:?} to its error output"),
        }
    }

    /// The end of it, for people.
    pub fn last_words(&self) -> String {
        let heard = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        heard.last.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_before_the_mark_is_there_once_it_came() {
        let output = Output::listen(
            format!("one\ntw\u{fffd}\n{MARK}\nlater\n{MARK}\n").as_bytes().to_vec().leak() as &[u8],
        );
        assert_eq!(output.take().expect("marked"), "one\ntw\u{fffd}\n");
        assert_eq!(output.take().expect("marked"), "later\n");
        assert_eq!(output.last_words(), "one\ntw\u{fffd}\nlater");
    }
}
