//! The list of what a client can do: names and arguments, the same for every language.

use serde::Serialize;

/// One method of a client.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Method {
    /// Its name, in snake case.
    pub name: &'static str,
    /// The names of its arguments, in snake case.
    pub arguments: &'static [&'static str],
    /// Whether a user's client, made by `as_user`, has it too.
    pub as_user: bool,
    /// Whether it asks the service, so that it has an asynchronous form and takes options of a call.
    pub asks: bool,
}

const fn asks(name: &'static str, arguments: &'static [&'static str], as_user: bool) -> Method {
    Method { name, arguments, as_user, asks: true }
}

const fn at_once(name: &'static str, arguments: &'static [&'static str]) -> Method {
    Method { name, arguments, as_user: false, asks: false }
}

/// Every method. A face that lacks one fails its tests.
pub const METHODS: &[Method] = &[
    asks("get_users", &["page_number", "page_size"], true),
    asks("iter_users", &["page_size"], true),
    asks("get_user", &["user_id"], true),
    asks("exchange_api_key_for_token", &["user_id", "fresh"], false),
    asks("request", &["method", "path", "query", "headers", "json"], true),
    asks("check_api_keys", &[], false),
    asks("verify_token", &["token", "check"], false),
    at_once("as_user", &["user_id"]),
    at_once("set_api_keys", &["primary", "secondary"]),
    at_once("key_usage", &[]),
    at_once("forget_token", &["user_id"]),
    at_once("forget_tokens", &[]),
    at_once("token_stats", &[]),
    at_once("close", &[]),
];
