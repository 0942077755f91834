//! What `docs/rust.md` shows first, as one program. Configured by the environment, as `quickstart.rs`.

use agglestone::{CallOptions, Client, Code, Error, PageRequest};

fn main() -> Result<(), Error> {
    let client = Client::from_env()?; // from AGGLESTONE_TENANT_ID and AGGLESTONE_API_KEY

    let page = client.get_users(PageRequest::new(1, 20)?)?;
    println!("{} users, of which {} are here", page.total_records.unwrap_or_default(), page.data.len());

    let user_id = &page.data[0].user_id;

    let as_user = client.as_user(user_id)?;
    println!("{}", as_user.get_user(user_id)?.email.unwrap_or_default());

    let token = client.exchange_api_key_for_token(user_id)?;
    println!("valid until {:?}", token.expires_at());

    match client.verify_token(token.expose()) {
        Ok(claims) => println!("{} {:?}", claims.user_id(), claims.groups()),
        Err(error) if error.code() == Code::InvalidToken => println!("401: {:?}", error.reason()),
        Err(error) => println!("503: {error}"),
    }

    match client.get_user("nobody") {
        Ok(user) => println!("{:?}", user.email),
        Err(error) if error.code() == Code::NotFound => println!("no such user"),
        Err(error) if error.retryable() => println!("again in {:?}", error.retry_after()),
        Err(error) => return Err(error),
    }

    let quick = client.with_options(CallOptions::new().timeout(2.0)?.deadline(5.0)?.max_retries(0)?);
    quick.get_users(PageRequest::default())?;
    Ok(())
}
