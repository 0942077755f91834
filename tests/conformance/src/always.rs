//! What holds for every error of every call, whatever its case is about.

use anyhow::{Result, bail};
use serde_json::{Map, Value};

use crate::expect::short;

/// The first code of errors that are about the service rather than about what the caller gave.
const FIRST_OF_CALLS: i64 = 200;
const PANIC: i64 = 900;
/// Those about a token, for which nothing may have been sent.
const OF_TOKENS: std::ops::RangeInclusive<i64> = 310..=312;
/// A message is for a line of a log.
const LONGEST: usize = 2_000;
/// Ids shorter than this could be part of any text.
const SHORTEST_ID: usize = 8;

/// Fails if an error's message lacks what every message has, or holds what none may.
pub fn check(call: &str, arguments: &Map<String, Value>, error: &Value) -> Result<()> {
    let text = |name: &str| error[name].as_str().unwrap_or_default();
    let message = text("message");
    if message.len() > LONGEST {
        bail!("{call}: a message of {} bytes", message.len());
    }
    // Configuration has one problem a line.
    if message.contains(|c: char| c.is_control() && c != '\n') {
        bail!("{call}: a message with control characters: {}", short(error));
    }
    let argument = text("argument");
    if !message.contains(argument) {
        bail!("{call}: the message does not name the argument {argument}: {message:?}");
    }
    let code = error["code"].as_i64().unwrap_or_default();
    if !(FIRST_OF_CALLS..PANIC).contains(&code) || OF_TOKENS.contains(&code) {
        return Ok(());
    }
    let names_the_call = message.split_once(' ').is_some_and(|(method, _)| {
        !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase())
    });
    if !names_the_call {
        bail!("{call}: the message does not begin with method and route: {message:?}");
    }
    let ours = message.replace(text("service_message"), "");
    for name in ["user_id", "as_user"] {
        let id = arguments.get(name).and_then(Value::as_str).filter(|id| id.len() >= SHORTEST_ID);
        if id.is_some_and(|id| ours.contains(id)) {
            bail!("{call}: the message names a user's id: {message:?}");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn verdict(code: i64, message: &str) -> Result<()> {
        let arguments = json!({"user_id": "12345678-x"});
        let error = json!({"code": code, "message": message, "service_message": "No 12345678-x here."});
        check("get_user", arguments.as_object().expect("an object"), &error)
    }

    #[test]
    fn an_id_may_only_be_in_the_services_own_words() {
        assert!(verdict(304, "GET users/{userId}: the service returned 404: No 12345678-x here.").is_ok());
        assert!(verdict(304, "GET users/12345678-x: the service returned 404").is_err());
    }

    #[test]
    fn a_call_is_named_and_a_message_is_one_short_line() {
        assert!(verdict(350, "the service returned 500").is_err());
        assert!(verdict(100, "`user_id` is empty").is_ok());
        let refused = json!({"code": 100, "argument": "userId", "message": "user_id is empty"});
        assert!(check("get_user", &Map::new(), &refused).is_err());
        assert!(verdict(100, "`user_id` is\tempty").is_err());
        assert!(verdict(100, &"x".repeat(3_000)).is_err());
    }
}
