//! A fault as the control API takes it: every member optional, none ignored.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::faults::{Close, Fault};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct FaultJson {
    #[serde(default = "every_path")]
    path: String,
    method: Option<String>,
    #[serde(default = "once")]
    times: u32,
    status: Option<u16>,
    headers: Option<IndexMap<String, HeaderJson>>,
    body: Option<Box<RawValue>>,
    delay_ms: Option<u64>,
    close: Option<Close>,
}

/// A header's value, or several for a header that is sent several times.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a header is a string, a number or an array of strings")]
enum HeaderJson {
    Text(String),
    Number(u64),
    Texts(Vec<String>),
}

impl HeaderJson {
    fn values(self) -> Vec<String> {
        match self {
            Self::Text(text) => vec![text],
            Self::Number(number) => vec![number.to_string()],
            Self::Texts(texts) => texts,
        }
    }
}

fn every_path() -> String {
    "*".into()
}

fn once() -> u32 {
    1
}

/// The fault that a control call describes, or what is wrong with it.
pub(crate) fn read(text: &[u8]) -> Result<Fault, String> {
    let json: FaultJson = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    let mut fault = Fault::on(json.path).times(json.times);
    if let Some(method) = json.method {
        fault = fault.method(method);
    }
    if let Some(milliseconds) = json.delay_ms {
        fault = fault.delay(Duration::from_millis(milliseconds));
    }
    if let Some(close) = json.close {
        fault = fault.close(close);
    }
    match json.status {
        Some(status @ 200..=999) => fault = fault.answer(status),
        Some(_) => return Err("status must be from 200 to 999".into()),
        None => {}
    }
    for (name, values) in json.headers.into_iter().flatten() {
        let wrong = |_| format!("header {name:?} can't be sent");
        for value in values.values() {
            let value = HeaderValue::try_from(value).map_err(|_| wrong(()))?;
            let name = HeaderName::try_from(&name).map_err(|_| wrong(()))?;
            fault = fault.append(name, value);
        }
    }
    if let Some(body) = json.body {
        // Text is sent as it is, any other JSON value in the very spelling it was given in.
        fault = match serde_json::from_str::<String>(body.get()) {
            Ok(text) => fault.body(text).default_content_type("text/plain; charset=utf-8"),
            Err(_) => fault.body(body.get()).default_content_type("application/json"),
        };
    }
    match fault.contradiction() {
        Some(why) => Err(why.into()),
        None => Ok(fault),
    }
}
