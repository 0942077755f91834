//! The environment behind the settings: the process's own, or one that a caller lends.

use std::ffi::OsString;
use std::path::PathBuf;

use secrecy::SecretString;

use super::problems::Problems;
use super::settings::Setting;

/// Knows variables by their names. An empty one counts as not set.
pub(super) struct Environment<'a>(&'a dyn Fn(&str) -> Option<OsString>);

impl<'a> Environment<'a> {
    pub fn new(variables: &'a dyn Fn(&str) -> Option<OsString>) -> Environment<'a> {
        Environment(variables)
    }

    fn get(&self, name: &str) -> Option<OsString> {
        (self.0)(name).filter(|value| !value.is_empty())
    }

    /// The text of the variable behind a setting. One that is no Unicode is a problem, not absent.
    pub fn text(&self, setting: &Setting, problems: &mut Problems) -> Option<String> {
        let variable = setting.variable?;
        match self.get(variable)?.into_string() {
            Ok(text) => Some(text),
            Err(_) => {
                problems.add(setting, format_args!("({variable}) is not valid Unicode"));
                None
            }
        }
    }

    /// Whether the variable behind a setting says yes or no.
    pub fn flag(&self, setting: &Setting, problems: &mut Problems) -> Option<bool> {
        let text = self.text(setting, problems)?;
        match text.to_ascii_lowercase().as_str() {
            "1" | "true" => Some(true),
            "0" | "false" => Some(false),
            _ => {
                let variable = setting.variable.unwrap_or_default();
                problems.add(setting, format_args!("({variable}) is neither true nor false"));
                None
            }
        }
    }

    /// The secret in the variable behind a setting.
    pub fn secret_text(&self, setting: &Setting, problems: &mut Problems) -> Option<SecretString> {
        self.text(setting, problems).map(SecretString::from)
    }

    /// A secret in the variable behind a setting that is not used, so that it is of no interest what is wrong with it.
    pub fn secret(&self, setting: &Setting) -> Option<SecretString> {
        self.any(setting.variable?).map(SecretString::from)
    }

    /// The path in the variable behind a setting, in whatever encoding the system has.
    pub fn path(&self, setting: &Setting) -> Option<PathBuf> {
        self.get(setting.variable?).map(PathBuf::from)
    }

    /// Any variable, as far as it is text.
    pub fn any(&self, name: &str) -> Option<String> {
        self.get(name)?.into_string().ok()
    }
}
