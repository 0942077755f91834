//! `agglestone token`: a token that represents a user. It is what was asked for, so it is printed.

use agglestone::Client;
use anyhow::Result;
use serde::Serialize;

use crate::output::Output;

#[derive(clap::Args)]
pub struct Options {
    /// The user's id
    user_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Printed<'a> {
    token: &'a str,
    /// When it ends, where it says so.
    expires_at: Option<String>,
}

pub fn run(client: &Client, options: Options, output: Output) -> Result<bool> {
    let token = client.exchange_api_key_for_token(options.user_id)?;
    let expires_at = token.expires_at().map(|time| humantime::format_rfc3339_seconds(time).to_string());
    output
        .result(&Printed { token: token.expose(), expires_at }, |printed| format!("{}\n", printed.token))?;
    Ok(true)
}
