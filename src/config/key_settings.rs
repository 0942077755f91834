//! The settings that say where the keys are: a value, a file, or a function, from arguments or from the environment.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use super::environment::Environment;
use super::problems::Problems;
use super::settings::{
    API_KEY, API_KEY_FILE, KEY_SOURCE, SECONDARY_API_KEY, SECONDARY_API_KEY_FILE, Setting,
};
use crate::files::Patience;
use crate::keys::{Found, GivenKeys, Keys, Look, Place, Source};
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

/// Where the keys come from, and what is known of them already.
pub(super) struct FoundKeys {
    pub source: Source,
    /// Those to begin with, unless only the host's function knows them.
    pub keys: Option<Keys>,
    /// What their files looked like then.
    pub look: Look,
    /// Those that every user of the machine may write.
    pub open_files: Vec<PathBuf>,
}

impl KeySettings {
    /// The source of the keys; `None` when there were problems.
    pub fn source(
        self,
        environment: &Environment<'_>,
        patience: &Patience,
        problems: &mut Problems,
    ) -> Option<FoundKeys> {
        let mut places = Places { patience, open_files: Vec::new() };
        let (primary, secondary) = (self.primary, self.secondary.without_empty_value());
        let source = match self.callback {
            Some(callback) => {
                // A program that brings its own source means that one; a variable left over in the environment does not.
                let primary = places.find(primary, &PRIMARY, None, problems);
                let secondary = places.find(secondary, &SECONDARY, None, problems);
                let first = primary.map(|primary| Source::Places { primary, secondary }.first(patience));
                let first = first.and_then(|loaded| problems.checked(&API_KEY, loaded)).flatten();
                let nearby = [&API_KEY, &SECONDARY_API_KEY].into_iter();
                let nearby = nearby.filter_map(|setting| environment.secret(setting)).collect();
                Source::Callback { callback, first: first.map(|(keys, _)| keys), nearby }
            }
            None => {
                let known = problems.count();
                // The two belong together: beside a key that was passed, one left over in the environment may be another
                // tenant's, and would be sent to this one's address.
                let beside = if primary.is_given() { None } else { Some(environment) };
                let primary = places.find(primary, &PRIMARY, Some(environment), problems);
                let secondary = places.find(secondary, &SECONDARY, beside, problems);
                // A value that was of no use is not missing.
                let given =
                    [&API_KEY, &API_KEY_FILE, &KEY_SOURCE].iter().any(|setting| problems.know(setting));
                if primary.is_none() && problems.count() == known && !given {
                    problems.missing(&API_KEY);
                }
                Source::Places { primary: primary?, secondary }
            }
        };
        let first = source.first(patience);
        let (keys, look) = problems.checked(&API_KEY, first)?.unzip();
        if let Some(Keys { primary, secondary: Some(secondary) }) = &keys
            && primary == secondary
        {
            problems.add(&SECONDARY_API_KEY, "is the same as `api_key`");
        }
        Some(FoundKeys { source, keys, look: look.unwrap_or_default(), open_files: places.open_files })
    }
}

/// The two settings of one key.
type Pair = (Setting, Setting);
const PRIMARY: Pair = (API_KEY, API_KEY_FILE);
const SECONDARY: Pair = (SECONDARY_API_KEY, SECONDARY_API_KEY_FILE);

impl KeySetting {
    /// A tenant need not have a second key, and a program that has an empty text for it says so.
    fn without_empty_value(self) -> KeySetting {
        let value = self.value.filter(|value| !value.expose_secret().is_empty());
        KeySetting { value, ..self }
    }

    fn is_given(&self) -> bool {
        self.value.is_some() || self.file.is_some()
    }
}

/// Looks for keys in the places that are given.
struct Places<'a> {
    patience: &'a Patience,
    open_files: Vec<PathBuf>,
}

impl Places<'_> {
    /// Where a key is: by argument, else by environment. Two places at once are a mistake that must be seen.
    fn find(
        &mut self,
        given: KeySetting,
        (setting, file_setting): &Pair,
        environment: Option<&Environment<'_>>,
        problems: &mut Problems,
    ) -> Option<Place> {
        let (value, file, names) = match (environment, given.is_given()) {
            (Some(environment), false) => {
                let value = environment.text(setting, problems).map(SecretString::from);
                let variables =
                    (setting.variable.unwrap_or_default(), file_setting.variable.unwrap_or_default());
                (value, environment.path(file_setting), format!(" ({} and {})", variables.0, variables.1))
            }
            _ => (given.value, given.file, String::new()),
        };
        match (value, file) {
            (Some(_), Some(_)) => {
                problems
                    .add(setting, format_args!("is given both as a value and as a file{names}; give one"));
                None
            }
            (Some(value), None) => {
                problems.checked(setting, ApiKey::new(value.expose_secret())).map(Place::Given)
            }
            (None, Some(file)) => {
                let found = Place::find(file.clone(), self.patience);
                let Found { place, open_to_all } = problems.checked(file_setting, found)?;
                self.open_files.extend(open_to_all.then_some(file));
                Some(place)
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
