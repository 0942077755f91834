//! `agglestone verify`: whether a token is to be believed, and what it says.

use std::io::{self, Read};

use agglestone::{Client, TokenCheck};
use anyhow::Result;
use serde_json::Value;

use crate::output::Output;

/// No token is longer.
const LONGEST: u64 = 1 << 20;

#[derive(clap::Args)]
pub struct Options {
    /// The token; `-` to read it from standard input, where nobody else sees it
    token: String,
    /// What to ask besides: `service`, whether the token's user is still there and enabled
    #[arg(long, value_name = "CHECK", value_parser = ["service"])]
    check: Option<String>,
}

pub fn run(client: &Client, options: Options, output: Output) -> Result<bool> {
    let token = match options.token.as_str() {
        "-" => {
            let mut text = String::new();
            io::stdin().lock().take(LONGEST).read_to_string(&mut text)?;
            text.trim().to_owned()
        }
        token => token.to_owned(),
    };
    let claims = match options.check {
        None => client.verify_token(&token)?,
        Some(_) => client.verify_token_with(&token, TokenCheck::Service)?,
    };
    let claims: Value = serde_json::from_str(claims.json())?;
    output.result(&claims, |claims| format!("{claims:#}\n"))?;
    Ok(true)
}
