//! A fault as the control API takes it: every member optional, none ignored.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::fault::{Close, Fault};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct FaultJson {
    #[serde(default = "every_path")]
    path: String,
    method: Option<String>,
    times: Option<u32>,
    status: Option<u16>,
    headers: Option<IndexMap<String, HeaderJson>>,
    body: Option<Box<RawValue>>,
    body_base64: Option<String>,
    raw: Option<String>,
    raw_base64: Option<String>,
    repeat: Option<u32>,
    #[serde(default)]
    gzip: bool,
    delay_ms: Option<u64>,
    drip_ms: Option<u64>,
    close: Option<Close>,
    rate_limit: Option<RateLimitJson>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RateLimitJson {
    requests: u32,
    per_seconds: u64,
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

/// The fault that a control call describes, or what is wrong with it.
pub(crate) fn read(text: &[u8]) -> Result<Fault, String> {
    let json: FaultJson = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    let mut fault = Fault::on(json.path);
    if let Some(method) = json.method {
        fault = fault.method(method);
    }
    if let Some(times) = json.times {
        fault = fault.times(times);
    }
    if let Some(milliseconds) = json.delay_ms {
        fault = fault.delay(Duration::from_millis(milliseconds));
    }
    if let Some(milliseconds) = json.drip_ms {
        fault = fault.drip(Duration::from_millis(milliseconds));
    }
    if let Some(close) = json.close {
        fault = fault.close(close);
    }
    if let Some(times) = json.repeat {
        fault = fault.repeat(times);
    }
    if json.gzip {
        fault = fault.gzip();
    }
    if let Some(RateLimitJson { requests, per_seconds }) = json.rate_limit {
        fault = fault.rate_limit(requests, Duration::from_secs(per_seconds));
    }
    match json.status {
        Some(status @ 200..=999) => fault = fault.answer(status),
        Some(_) => return Err("status must be between 200 and 999".into()),
        None => {}
    }
    fault = with_headers(fault, json.headers.unwrap_or_default())?;
    fault = match (json.body, json.body_base64) {
        (Some(_), Some(_)) => return Err("body and bodyBase64 are mutually exclusive".into()),
        (Some(body), None) => with_body(fault, &body),
        (None, Some(body)) => fault.body(decoded("bodyBase64", &body)?),
        (None, None) => fault,
    };
    fault = match (json.raw, json.raw_base64) {
        (Some(_), Some(_)) => return Err("raw and rawBase64 are mutually exclusive".into()),
        (Some(raw), None) => fault.raw(raw),
        (None, Some(raw)) => fault.raw(decoded("rawBase64", &raw)?),
        (None, None) => fault,
    };
    match fault.contradiction() {
        Some(why) => Err(why.into()),
        None => Ok(fault),
    }
}

fn with_headers(mut fault: Fault, headers: IndexMap<String, HeaderJson>) -> Result<Fault, String> {
    for (name, values) in headers {
        let wrong = || format!("header {name:?} is not a valid HTTP header");
        for value in values.values() {
            let value = HeaderValue::try_from(value).map_err(|_| wrong())?;
            let name = HeaderName::try_from(&name).map_err(|_| wrong())?;
            fault = fault.append(name, value);
        }
    }
    Ok(fault)
}

/// Text is sent as it is, any other JSON value in the very spelling it was given in.
fn with_body(fault: Fault, body: &RawValue) -> Fault {
    match serde_json::from_str::<String>(body.get()) {
        Ok(text) => fault.body(text).default_content_type("text/plain; charset=utf-8"),
        Err(_) => fault.body(body.get()).default_content_type("application/json"),
    }
}

fn decoded(member: &str, text: &str) -> Result<Vec<u8>, String> {
    STANDARD.decode(text).map_err(|error| format!("{member} is not valid base64: {error}"))
}
