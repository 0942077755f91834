//! What it costs in Rust to verify a token: one that was seen before, one that was not, and ring's part of that.
//! Prints the measurements of every round; `cargo xtask bench verify` runs this and makes the table.

use std::time::{Duration, Instant};

use agglestone::{Client, Config, PageRequest, Request};
use anyhow::{Context, Result, anyhow};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::Value;

const ROUNDS: usize = 101;
/// Short, so that most rounds are undisturbed by whatever else the machine does.
const IN_A_ROUND: u32 = 200;
const WARM_UP: Duration = Duration::from_millis(500);

fn main() -> Result<()> {
    let client = Client::from_env()?;
    let page = client.get_users(PageRequest::default())?;
    let user = page.data.iter().find(|user| user.enabled == Some(true)).context("one user is enabled")?;
    let token = client.exchange_api_key_for_token(user.user_id.as_str())?;
    let token = token.expose();
    let forgetful = Client::new(Config::builder().verify_cache_size(0).build()?);

    let seen = measure(|| client.verify_token(token).map(drop).map_err(Into::into))?;
    let anew = measure(|| forgetful.verify_token(token).map(drop).map_err(Into::into))?;
    print("agglestone", &seen, &anew);

    let keys = client.request(Request::new("GET", "v2.0/Auth/.well-known/jwks.json")?)?;
    let keys: Value = serde_json::from_slice(keys.body())?;
    let part = |name: &str| URL_SAFE_NO_PAD.decode(keys["keys"][0][name].as_str().unwrap_or_default());
    let (n, e) = (part("n")?, part("e")?);
    let (signed, signature) = token.rsplit_once('.').context("a token has parts")?;
    let signature = URL_SAFE_NO_PAD.decode(signature)?;
    let ring = measure(|| {
        let key = RsaPublicKeyComponents { n: &n, e: &e };
        key.verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &signature)
            .map_err(|_| anyhow!("ring refuses it"))
    })?;
    print("ring's signature check alone", &ring, &ring);
    Ok(())
}

/// Nanoseconds a time, round by round.
fn measure(mut verify: impl FnMut() -> Result<()>) -> Result<Vec<u128>> {
    let mut round = || {
        let start = Instant::now();
        for _ in 0..IN_A_ROUND {
            verify()?;
        }
        Ok((start.elapsed() / IN_A_ROUND).as_nanos())
    };
    let start = Instant::now();
    while start.elapsed() < WARM_UP {
        round()?;
    }
    (0..ROUNDS).map(|_| round()).collect()
}

fn print(library: &str, seen: &[u128], anew: &[u128]) {
    println!("{}", serde_json::json!({"library": library, "seen": seen, "anew": anew}));
}
