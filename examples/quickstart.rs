//! Lists users and exchanges the API key for a user's token. Configured by the environment: AGGLESTONE_TENANT_ID,
//! AGGLESTONE_API_KEY and, unless it is the real service, AGGLESTONE_BASE_URL. Needs `cargo add agglestone humantime`.

use agglestone::{Client, Error, PageRequest};

fn main() -> Result<(), Error> {
    let client = Client::from_env()?;

    let page = client.get_users(PageRequest::default())?;
    println!("Users: {} of {}", page.data.len(), page.total_records.unwrap_or_default());

    if let Some(user) = page.data.iter().find(|user| user.enabled == Some(true)) {
        let token = client.exchange_api_key_for_token(&user.user_id)?;
        let expires = token.expires_at().map(humantime::format_rfc3339_seconds).expect("tokens expire");
        println!("Token for {} expires {expires}", user.user_id);
    }
    Ok(())
}
