//! A setting by name, for bindings: they read a value by its kind, and only this list knows which setter takes it.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use secrecy::SecretString;

use super::builder::ConfigBuilder;
use super::settings::Setting;
use crate::error::Result;
use crate::keys::GivenKeys;
use crate::time::Seconds;

/// The value of a setting, one variant for each [`Kind`](super::Kind).
#[derive(Clone)]
pub enum Value {
    /// Text.
    Text(String),
    /// Text that must not be shown.
    Secret(SecretString),
    /// The path of a file.
    Path(PathBuf),
    /// True or false.
    Flag(bool),
    /// A span of time.
    Span(Seconds),
    /// A whole number.
    Number(i64),
    /// A function that knows the keys.
    KeySource(KeySource),
}

/// What a binding makes of a function that knows the keys.
pub type KeySource = Arc<dyn Fn() -> Result<GivenKeys, String> + Send + Sync>;

impl ConfigBuilder {
    /// Gives a setting of the list its value.
    ///
    /// # Panics
    /// If the value is of another kind than the setting's.
    #[doc(hidden)]
    pub fn set(self, setting: &Setting, value: Value) -> ConfigBuilder {
        match (setting.name, value) {
            ("tenant_id", Value::Text(id)) => self.tenant_id(id),
            ("api_key", Value::Secret(key)) => self.api_key(key),
            ("secondary_api_key", Value::Secret(key)) => self.secondary_api_key(key),
            ("api_key_file", Value::Path(path)) => self.api_key_file(path),
            ("secondary_api_key_file", Value::Path(path)) => self.secondary_api_key_file(path),
            ("key_source", Value::KeySource(ask)) => self.key_source(move || ask()),
            ("base_url", Value::Text(url)) => self.base_url(url),
            ("users_path", Value::Text(path)) => self.users_path(path),
            ("app_name", Value::Text(name)) => self.app_name(name),
            ("ca_file", Value::Path(path)) => self.ca_file(path),
            ("allow_insecure_http", Value::Flag(allow)) => self.allow_insecure_http(allow),
            ("connect_timeout", Value::Span(time)) => self.connect_timeout(time),
            ("timeout", Value::Span(time)) => self.timeout(time),
            ("deadline", Value::Span(time)) => self.deadline(time),
            ("max_retries", Value::Number(retries)) => self.max_retries(retries),
            ("max_connections", Value::Number(connections)) => self.max_connections(connections),
            ("idle_timeout", Value::Span(time)) => self.idle_timeout(time),
            ("connection_max_age", Value::Span(time)) => self.connection_max_age(time),
            ("io_threads", Value::Number(threads)) => self.io_threads(threads),
            ("token_cache_size", Value::Number(users)) => self.token_cache_size(users),
            ("token_store", Value::Secret(url)) => self.token_store(url),
            ("token_store_key", Value::Secret(key)) => self.token_store_key(key),
            ("audience", Value::Text(audience)) => self.audience(audience),
            ("clock_tolerance", Value::Span(time)) => self.clock_tolerance(time),
            ("verify_cache_size", Value::Number(tokens)) => self.verify_cache_size(tokens),
            ("request_log", Value::Flag(log)) => self.request_log(log),
            (name, value) => panic!("{name} takes no {value:?}"),
        }
    }
}

/// The kind alone: a value may be a secret.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Value::Text(_) => "text",
            Value::Secret(_) => "secret",
            Value::Path(_) => "path",
            Value::Flag(_) => "flag",
            Value::Span(_) => "span",
            Value::Number(_) => "number",
            Value::KeySource(_) => "key source",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Kind, SETTINGS};

    /// A value that the core accepts, or refuses by the setting's name.
    fn value(kind: Kind) -> Value {
        match kind {
            Kind::Text => Value::Text("not\nfit".into()),
            Kind::Secret => Value::Secret("not fit".into()),
            Kind::Path => Value::Path("/there/is/no/such/file".into()),
            Kind::Flag => Value::Flag(true),
            Kind::Span => Value::Span(Seconds::from(-1.0)),
            Kind::Number => Value::Number(-1),
            Kind::KeySource => Value::KeySource(Arc::new(|| Err("nothing known".into()))),
        }
    }

    #[test]
    fn every_setting_of_the_list_reaches_its_own_setter() {
        for setting in SETTINGS {
            let built = Config::builder().set(setting, value(setting.kind)).build_with(|_| None);
            let told = built.unwrap_err();
            let told: Vec<_> = told.problems().iter().map(|problem| problem.setting()).collect();
            match setting.kind {
                // Both are accepted; a source of keys makes them no longer missing.
                Kind::Flag => assert_eq!(told, ["tenant_id", "api_key"]),
                Kind::KeySource => assert_eq!(told, ["tenant_id"]),
                _ => assert!(told.contains(&setting.name), "{}: {told:?}", setting.name),
            }
        }
    }

    #[test]
    #[should_panic(expected = "timeout takes no secret")]
    fn a_value_of_another_kind_is_a_bug_that_shows_no_secret() {
        let timeout = SETTINGS.iter().find(|setting| setting.name == "timeout").unwrap();
        let _ = Config::builder().set(timeout, Value::Secret("planted".into()));
    }
}
