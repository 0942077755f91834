//! Settings of a client and of a single call as the façade passes them on: right types, everything else for the core to judge.

use std::sync::Arc;

use agglestone::{CallOptions, Config, Error, Problem};
use napi_derive::napi;

use crate::channel::{Channel, Item};
use crate::key_source::{KeySource, Limit};

/// Settings that were given; the core takes the others from the environment and its defaults. Times in seconds.
#[napi(object, object_to_js = false)]
pub struct Settings {
    /// The number that events and questions of the client carry.
    pub client: u32,
    pub tenant_id: Option<String>,
    pub api_key: Option<String>,
    pub secondary_api_key: Option<String>,
    pub api_key_file: Option<String>,
    pub secondary_api_key_file: Option<String>,
    /// Whether JavaScript answers questions for keys.
    pub key_source: bool,
    pub base_url: Option<String>,
    pub users_path: Option<String>,
    pub app_name: Option<String>,
    pub runtime: String,
    pub allow_insecure_http: Option<bool>,
    pub connect_timeout: Option<f64>,
    pub timeout: Option<f64>,
    pub deadline: Option<f64>,
    pub max_retries: Option<i64>,
    pub ca_file: Option<String>,
    pub token_cache_size: Option<i64>,
    /// What the façade found wrong: each time a setting's name in snake case, and the end of a sentence.
    pub problems: Vec<(String, String)>,
}

impl Settings {
    pub fn check(self, channel: &Arc<Channel>) -> Result<Config, Error> {
        let mut builder = Config::builder().runtime(self.runtime);
        macro_rules! pass_on {
            ($($setting:ident)*) => {
                $(if let Some(value) = self.$setting { builder = builder.$setting(value); })*
            };
        }
        pass_on!(tenant_id api_key secondary_api_key api_key_file secondary_api_key_file);
        pass_on!(base_url users_path app_name allow_insecure_http);
        pass_on!(connect_timeout timeout deadline max_retries ca_file token_cache_size);

        builder = self
            .problems
            .into_iter()
            .fold(builder, |builder, (setting, reason)| builder.problem(Problem::new(setting, reason)));

        let client = self.client;
        let events = channel.clone();
        builder = builder.on_event(move |event| events.push(Item::Event { client, event: event.clone() }));
        let limit = Limit::default();
        if self.key_source {
            let source = KeySource::new(channel.clone(), client, limit.clone());
            builder = builder.key_source(move || source.ask());
        }
        let config = builder.build()?;
        limit.get_or_init(|| config.deadline());
        Ok(config)
    }
}

/// What a single call does differently from its client. Times in seconds.
#[napi(object, object_to_js = false)]
pub struct CallSettings {
    pub connect_timeout: Option<f64>,
    pub timeout: Option<f64>,
    pub deadline: Option<f64>,
    pub max_retries: Option<i64>,
}

impl CallSettings {
    pub fn check(&self) -> Result<CallOptions, Error> {
        let mut options = CallOptions::new();
        if let Some(seconds) = self.connect_timeout {
            options = options.connect_timeout(seconds)?;
        }
        if let Some(seconds) = self.timeout {
            options = options.timeout(seconds)?;
        }
        if let Some(seconds) = self.deadline {
            options = options.deadline(seconds)?;
        }
        if let Some(retries) = self.max_retries {
            options = options.max_retries(retries)?;
        }
        Ok(options)
    }
}
