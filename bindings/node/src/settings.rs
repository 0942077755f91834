//! Settings of a client and of a single call as the façade passes them on: right types, everything else for the core to judge.

use std::collections::HashMap;
use std::sync::Arc;

use agglestone::binding::{Kind, SETTINGS, Setting, Spelling, Value};
use agglestone::{CallOptions, Config, Error, Problem};
use napi::bindgen_prelude::Either3;
use napi_derive::napi;

use crate::channel::{Channel, Item};
use crate::key_source::{KeySource, Limit};

/// What was given, by the names of JavaScript; the core takes the others from the environment and its defaults. Times are
/// milliseconds.
pub type Given = HashMap<String, Either3<String, bool, f64>>;

/// What was given for a call.
pub type CallSettings = HashMap<String, f64>;

/// What a client is made from.
#[napi(object, object_to_js = false)]
pub struct Settings {
    /// The number that events and questions of the client carry.
    pub client: u32,
    pub runtime: String,
    pub given: Given,
    /// Whether JavaScript answers questions for keys.
    pub key_source: bool,
    /// What the façade found wrong: each time an option, and the end of a sentence.
    pub problems: Vec<(String, String)>,
}

impl Settings {
    pub fn check(self, channel: &Arc<Channel>) -> Result<Config, Error> {
        let mut builder = Config::builder().runtime(self.runtime);
        for (setting, value) in known(self.given) {
            builder = builder.set(setting, to_value(setting.kind, value));
        }
        for (option, reason) in self.problems {
            builder = builder.problem(match SETTINGS.iter().find(|setting| spelt(setting) == option) {
                Some(setting) => Problem::new(setting.name, reason),
                None => Problem::unknown(option, reason),
            });
        }

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

/// The options of a call, which are all numbers.
pub fn check_call(settings: CallSettings) -> Result<CallOptions, Error> {
    known(settings).try_fold(CallOptions::new(), |options, (setting, number)| {
        options.set(setting, to_value(setting.kind, Either3::C(number)))
    })
}

/// What was given of each setting of the core, in the core's order.
fn known<T>(mut given: HashMap<String, T>) -> impl Iterator<Item = (&'static Setting, T)> {
    SETTINGS.iter().filter_map(move |setting| Some((setting, given.remove(&spelt(setting))?)))
}

fn spelt(setting: &Setting) -> String {
    Spelling::Camel.setting(setting.name)
}

/// The façade passes no value of another type.
fn to_value(kind: Kind, value: Either3<String, bool, f64>) -> Value {
    match (kind, value) {
        (Kind::Text, Either3::A(text)) => Value::Text(text),
        (Kind::Secret, Either3::A(text)) => Value::Secret(text.into()),
        (Kind::Path, Either3::A(text)) => Value::Path(text.into()),
        (Kind::Flag, Either3::B(flag)) => Value::Flag(flag),
        (Kind::Span, Either3::C(milliseconds)) => Value::Span((milliseconds / 1000.0).into()),
        (Kind::Number, Either3::C(number)) => Value::Number(number as i64),
        (kind, _) => unreachable!("a value of another type for {kind:?}"),
    }
}
