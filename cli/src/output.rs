//! Tables for people, JSON for machines. Results go to standard output, everything else to standard error.

use std::io::{self, Write};

use agglestone::{Error, binding::Spelling};
use anyhow::Result;
use serde::Serialize;
use tabwriter::TabWriter;

/// How results are printed.
#[derive(Clone, Copy)]
pub struct Output {
    json: bool,
}

impl Output {
    pub fn new(json: bool) -> Output {
        Output { json }
    }

    /// A result: as JSON, or as `for_people` writes it.
    pub fn result<T: Serialize>(self, value: &T, for_people: impl FnOnce(&T) -> String) -> Result<()> {
        let text = if self.json { serde_json::to_string_pretty(value)? + "\n" } else { for_people(value) };
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            // Whoever reads has seen enough, as `head` has.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => Ok(written?),
        }
    }

    /// A line about work that takes a while.
    pub fn progress(self, line: &str) {
        eprintln!("{line}");
    }

    /// What went wrong.
    pub fn error(self, error: &anyhow::Error) {
        let Some(ours) = error.downcast_ref::<Error>() else {
            return match self.json {
                true => eprintln!("{}", serde_json::json!({ "error": { "message": format!("{error:#}") } })),
                false => eprintln!("error: {error:#}"),
            };
        };
        match self.json {
            true => {
                let error = serde_json::json!({ "error": {
                    "code": ours.code().name(),
                    "number": ours.code().number(),
                    "message": ours.message(),
                    "status": ours.status(),
                    "reason": ours.reason(),
                    "requestId": ours.request_id(),
                    "retryable": ours.retryable(),
                } });
                eprintln!("{error}");
            }
            false => eprintln!("error: {} ({})", ours.message_in(Spelling::Snake), ours.code().name()),
        }
    }
}

/// Rows under headings.
pub fn table<const N: usize>(headings: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let mut text = headings.join("\t") + "\n";
    for row in rows {
        // What stands in a cell must not make a new one, or a new line.
        text += &(row.map(|cell| cell.replace(char::is_control, " ")).join("\t") + "\n");
    }
    let mut aligned = TabWriter::new(Vec::new()).padding(2);
    aligned.write_all(text.as_bytes()).and_then(|()| aligned.flush()).expect("it is in memory");
    String::from_utf8_lossy(&aligned.into_inner().expect("it was flushed")).into_owned()
}
