//! What `docs/rust.md` rotates keys under, as one program. Configured by AGGLESTONE_TENANT_ID, AGGLESTONE_API_KEY_FILE and
//! AGGLESTONE_SECONDARY_API_KEY_FILE.

use std::thread::sleep;
use std::time::Duration;

use agglestone::{Client, Error, PageRequest};

fn main() -> Result<(), Error> {
    let client = Client::from_env()?; // from AGGLESTONE_API_KEY_FILE and AGGLESTONE_SECONDARY_API_KEY_FILE
    println!("Replace both keys now.");
    let mut calls = 0;
    while client.key_usage()?.replacements < 2 {
        client.get_users(PageRequest::default())?;
        calls += 1;
        sleep(Duration::from_millis(20));
    }
    println!("{calls} calls, none failed");
    Ok(())
}
