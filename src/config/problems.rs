//! Collects everything that is wrong with a configuration, so that it is mended in one go.

use std::time::Duration;

use crate::error::{Code, Error, Result};
use crate::time::Seconds;

/// Checks a number of retries. The error completes a sentence about the setting.
pub(crate) fn check_retries(retries: i64) -> Result<u32, String> {
    match u32::try_from(retries) {
        Ok(retries) if retries <= MAX_RETRIES => Ok(retries),
        _ => Err(format!("is {retries}; 0 to {MAX_RETRIES} are accepted")),
    }
}

/// More retries than this only delay an error.
const MAX_RETRIES: u32 = 10;

/// Collects what is wrong, so that a caller mends everything in one go.
pub(super) struct Problems(Vec<String>);

/// Those that a binding found.
impl From<Vec<String>> for Problems {
    fn from(found: Vec<String>) -> Problems {
        Problems(found)
    }
}

impl Problems {
    pub fn add(&mut self, setting: &str, what: impl std::fmt::Display) {
        self.0.push(format!("`{setting}` {what}"));
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Whether something is wrong with the setting already.
    pub fn know(&self, setting: &str) -> bool {
        let start = format!("`{setting}` ");
        self.0.iter().any(|problem| problem.starts_with(&start))
    }

    pub fn checked<T, E: std::fmt::Display>(&mut self, setting: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|what| self.add(setting, what)).ok()
    }

    pub fn required<V, T, E: std::fmt::Display>(
        &mut self,
        setting: &str,
        variable: &str,
        value: Option<V>,
        check: impl FnOnce(V) -> Result<T, E>,
    ) -> Option<T> {
        match value {
            Some(value) => self.checked(setting, check(value)),
            // A value was given, but it was of no use.
            None if self.know(setting) => None,
            None => {
                self.add(setting, format_args!("is missing: pass it or set {variable}"));
                None
            }
        }
    }

    pub fn time(&mut self, setting: &str, time: Option<Seconds>, default: f64) -> Option<Duration> {
        self.checked(setting, time.unwrap_or(Seconds::new(default)).check())
    }

    /// Fails if there are problems.
    pub fn none(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(self.into_error()) }
    }

    pub fn into_error(self) -> Error {
        let message = match &self.0[..] {
            [one] => format!("invalid configuration: {one}"),
            many => format!("invalid configuration, {} problems: {}", many.len(), many.join("; ")),
        };
        Error::new(Code::InvalidConfig, message)
    }
}
