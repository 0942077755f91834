//! The settings that say where the keys are: a value, a file, or a function, from arguments or from the environment.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use super::problems::Problems;
use crate::keys::{GivenKeys, Keys, Place, Source};
use crate::secret::ApiKey;

/// One key's settings.
#[derive(Clone, Debug, Default)]
pub(super) struct KeySetting {
    pub value: Option<SecretString>,
    pub file: Option<PathBuf>,
}

/// Both keys' settings.
#[derive(Clone, Default)]
pub(super) struct KeySettings {
    pub primary: KeySetting,
    pub secondary: KeySetting,
    pub callback: Option<Arc<dyn Fn() -> Result<GivenKeys, String> + Send + Sync>>,
}

impl KeySettings {
    /// The source of the keys and those to begin with; `None` when there were problems.
    pub fn source(
        self,
        environment: &impl Fn(&str) -> Option<String>,
        problems: &mut Problems,
    ) -> Option<(Source, Option<Keys>)> {
        let source = match self.callback {
            Some(callback) => {
                // A program that brings its own source means that one; a variable left over in the environment does not.
                let nothing = |_: &str| None;
                let primary = self.primary.place("api_key", &nothing, problems);
                let secondary = self.secondary.place("secondary_api_key", &nothing, problems);
                let first = primary.map(|primary| Source::Places { primary, secondary }.load());
                let first = first.and_then(|keys| problems.checked("api_key", keys));
                Source::Callback { callback, first }
            }
            None => {
                let known = problems.count();
                // The two belong together: beside a key that was passed, one left over in the environment may be another
                // tenant's, and would be sent to this one's address.
                let passed = self.primary.value.is_some() || self.primary.file.is_some();
                let beside = |name: &str| if passed { None } else { environment(name) };
                let primary = self.primary.place("api_key", environment, problems);
                let secondary = self.secondary.place("secondary_api_key", &beside, problems);
                // A value that was of no use is not missing.
                let given = ["api_key", "api_key_file", "key_source"].iter().any(|name| problems.know(name));
                if primary.is_none() && problems.count() == known && !given {
                    problems.add("api_key", "is missing: pass it or set AGGLESTONE_API_KEY");
                }
                Source::Places { primary: primary?, secondary }
            }
        };
        let first = source.first();
        let first = problems.checked("api_key", first)?;
        if let Some(Keys { primary, secondary: Some(secondary) }) = &first
            && primary == secondary
        {
            problems.add("secondary_api_key", "is the same as `api_key`");
        }
        Some((source, first))
    }
}

impl KeySetting {
    /// Where the key is: by argument, else by environment. Two places at once are a mistake that must be seen.
    fn place(
        self,
        setting: &str,
        environment: &impl Fn(&str) -> Option<String>,
        problems: &mut Problems,
    ) -> Option<Place> {
        let variable = format!("AGGLESTONE_{}", setting.to_uppercase());
        let from_environment = self.value.is_none() && self.file.is_none();
        let (value, file) = match (self.value, self.file) {
            (None, None) => (
                environment(&variable).map(SecretString::from),
                environment(&format!("{variable}_FILE")).map(PathBuf::from),
            ),
            given => given,
        };
        match (value, file) {
            (Some(_), Some(_)) => {
                let names = if from_environment {
                    format!(" ({variable} and {variable}_FILE)")
                } else {
                    String::new()
                };
                problems
                    .add(setting, format_args!("is given both as a value and as a file{names}; give one"));
                None
            }
            (Some(value), None) => {
                problems.checked(setting, ApiKey::new(value.expose_secret())).map(Place::Given)
            }
            (None, Some(file)) => {
                let place = Place::File(file);
                let readable = place.load();
                problems.checked(&format!("{setting}_file"), readable).map(|_| place)
            }
            (None, None) => None,
        }
    }
}

impl fmt::Debug for KeySettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySettings")
            .field("primary", &self.primary)
            .field("secondary", &self.secondary)
            .field("callback", &self.callback.is_some())
            .finish()
    }
}
