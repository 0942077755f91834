//! Calls of the client in Rust: `blocking`, `threads`, `async`, `cached`, `async-cached`, `verified`.

#![forbid(unsafe_code)]

mod measure;

use std::hint::black_box;
use std::sync::Arc;

use agglestone::{AsyncClient, Client, PageRequest};
use anyhow::{Result, bail};

use measure::Work;

fn main() -> Result<()> {
    let work = Work::from_args()?;
    let page = PageRequest::new(1, measure::page_size().into())?;
    match work.way.as_str() {
        "blocking" => {
            let client = Client::from_env()?;
            work.measure(|calls| {
                for _ in 0..calls {
                    black_box(client.get_users(page)?);
                }
                Ok(())
            })
        }
        "threads" => {
            let client = Client::from_env()?;
            work.measure(|calls| {
                work.in_threads(calls, || {
                    black_box(client.get_users(page)?);
                    Ok(())
                })
            })
        }
        "async" => {
            let client = Arc::new(AsyncClient::from_env()?);
            let runtime = measure::runtime()?;
            let call = move || {
                let client = client.clone();
                async move {
                    black_box(client.get_users(page).await?);
                    Ok(())
                }
            };
            work.measure(|calls| work.in_tasks(&runtime, calls, call.clone()))
        }
        "cached" => {
            let client = Client::from_env()?;
            let user_id = client.get_users(page)?.data.swap_remove(0).user_id;
            work.measure(|calls| {
                for _ in 0..calls {
                    black_box(client.exchange_api_key_for_token(user_id.as_str())?);
                }
                Ok(())
            })
        }
        "async-cached" => {
            let client = AsyncClient::from_env()?;
            let runtime = measure::runtime()?;
            let user_id = runtime.block_on(client.get_users(page))?.data.swap_remove(0).user_id;
            work.measure(|calls| {
                runtime.block_on(async {
                    for _ in 0..calls {
                        black_box(client.exchange_api_key_for_token(user_id.as_str()).await?);
                    }
                    Ok(())
                })
            })
        }
        "verified" => {
            let client = Client::from_env()?;
            let user_id = client.get_users(page)?.data.swap_remove(0).user_id;
            let token = client.exchange_api_key_for_token(user_id)?;
            client.verify_token(token.expose())?;
            work.measure(|calls| {
                for _ in 0..calls {
                    black_box(client.verify_token(token.expose())?);
                }
                Ok(())
            })
        }
        other => bail!("no way is called {other}"),
    }
}
