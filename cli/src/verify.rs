//! `agglestone verify`: whether a token is to be believed, and what it says.

use std::io::{self, Read};

use agglestone::Client;
use anyhow::Result;
use serde_json::Value;

use crate::output::Output;

/// No token is longer.
const LONGEST: u64 = 1 << 20;

#[derive(clap::Args)]
pub struct Options {
    /// The token; `-` to read it from standard input, where nobody else sees it
    token: String,
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
    let claims: Value = serde_json::from_str(client.verify_token(&token)?.json())?;
    output.result(&claims, |claims| format!("{claims:#}\n"))?;
    Ok(true)
}
