//! What a token costs in Rust: one that the client has at hand, and one that it exchanges its key for.
//! Prints the measurements of every round; `cargo xtask bench tokens` runs this and makes the table.

use std::time::{Duration, Instant};

use agglestone::{AsyncClient, Client, Error, PageRequest};

const ROUNDS: usize = 101;
/// Short, so that most rounds are undisturbed by whatever else the machine does.
const CACHED_IN_A_ROUND: u32 = 2_000;
const FRESH_IN_A_ROUND: u32 = 3;
const WARM_UP: Duration = Duration::from_millis(500);

fn main() -> Result<(), Error> {
    let client = Client::from_env()?;
    let page = client.get_users(PageRequest::default())?;
    let user = page.data.iter().find(|user| user.enabled == Some(true)).expect("one user is enabled");
    let user_id = user.user_id.as_str();

    measure("blocking", |fresh, times| {
        for _ in 0..times {
            let token = match fresh {
                true => client.exchange_api_key_for_fresh_token(user_id)?,
                false => client.exchange_api_key_for_token(user_id)?,
            };
            std::hint::black_box(token);
        }
        Ok(())
    })?;

    let client = AsyncClient::from_env()?;
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime starts");
    measure("async", |fresh, times| {
        runtime.block_on(async {
            for _ in 0..times {
                let token = match fresh {
                    true => client.exchange_api_key_for_fresh_token(user_id).await?,
                    false => client.exchange_api_key_for_token(user_id).await?,
                };
                std::hint::black_box(token);
            }
            Ok(())
        })
    })
}

/// Prints nanoseconds a token, round by round.
fn measure(way: &str, mut get: impl FnMut(bool, u32) -> Result<(), Error>) -> Result<(), Error> {
    let start = Instant::now();
    while start.elapsed() < WARM_UP {
        get(false, CACHED_IN_A_ROUND)?;
    }
    let mut rounds = |fresh: bool, times: u32| {
        let round = |_| {
            let start = Instant::now();
            get(fresh, times)?;
            Ok((start.elapsed() / times).as_nanos().to_string())
        };
        (0..ROUNDS).map(round).collect::<Result<Vec<String>, Error>>().map(|rounds| rounds.join(","))
    };
    let cached = rounds(false, CACHED_IN_A_ROUND)?;
    let fresh = rounds(true, FRESH_IN_A_ROUND)?;
    println!(r#"{{"way":"{way}","cached":[{cached}],"fresh":[{fresh}]}}"#);
    Ok(())
}
