//! Collects everything that is wrong with a configuration, so that it is mended in one go.

use std::fmt::Display;
use std::time::Duration;

use super::settings::Setting;
use crate::error::{Code, Error, Problem, Result};
use crate::time::Seconds;

/// What is wrong so far; to begin with, what a binding found.
pub(super) struct Problems(Vec<Problem>);

impl Problems {
    pub fn from(found: Vec<Problem>) -> Problems {
        Problems(found)
    }

    pub fn add(&mut self, setting: &Setting, what: impl Display) {
        self.0.push(Problem::new(setting.name, what));
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Whether something is wrong with the setting already.
    pub fn know(&self, setting: &Setting) -> bool {
        self.0.iter().any(|problem| problem.setting() == setting.name)
    }

    pub fn checked<T, E: Display>(&mut self, setting: &Setting, result: Result<T, E>) -> Option<T> {
        result.map_err(|what| self.add(setting, what)).ok()
    }

    /// The setting is not there, unless a value was given that was of no use.
    pub fn missing(&mut self, setting: &Setting) {
        if !self.know(setting) {
            let variable = setting.variable.unwrap_or_default();
            self.add(setting, format_args!("is missing: pass it or set {variable}"));
        }
    }

    pub fn time(&mut self, setting: &Setting, time: Option<Seconds>) -> Option<Duration> {
        let time = time.unwrap_or_else(|| Seconds::from(setting.default_number()));
        self.checked(setting, time.check())
    }

    /// A time within the setting's own limits, both included.
    pub fn time_within(&mut self, setting: &Setting, time: Option<Seconds>) -> Option<Duration> {
        let time = time.unwrap_or_else(|| Seconds::from(setting.default_number()));
        let (least, most) = setting.limits.expect("a span has limits");
        self.checked(setting, time.check_within(least, most))
    }

    pub fn number(&mut self, setting: &Setting, number: Option<i64>) -> Option<u32> {
        let number = number.unwrap_or(setting.default_number() as i64);
        self.checked(setting, setting.check_number(number))
    }

    /// Fails if there are problems.
    pub fn none(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(self.into_error()) }
    }

    pub fn into_error(self) -> Error {
        let sentences: Vec<String> = self.0.iter().map(Problem::sentence).collect();
        let message = match &sentences[..] {
            [one] => format!("invalid configuration: {one}"),
            many => format!("invalid configuration, {} problems: {}", many.len(), many.join("; ")),
        };
        Error::new(Code::InvalidConfig, message).with_problems(self.0)
    }
}
