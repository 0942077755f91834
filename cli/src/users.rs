//! `agglestone users`: a page of them, all of them, or one.

use agglestone::{Client, PageRequest, User};
use anyhow::Result;

use crate::output::{Output, table};

#[derive(clap::Subcommand)]
pub enum Command {
    /// A page of users, or all of them
    List {
        /// Which page, counted from 1
        #[arg(long, default_value_t = 1, value_name = "NUMBER")]
        page_number: i64,
        /// How many users a page has, 1 to 100
        #[arg(long, default_value_t = 20, value_name = "SIZE")]
        page_size: i64,
        /// All users, page by page
        #[arg(long, conflicts_with = "page_number")]
        all: bool,
    },
    /// One user
    Get {
        /// The user's id
        user_id: String,
    },
}

pub fn run(client: &Client, command: Command, output: Output) -> Result<bool> {
    match command {
        Command::List { page_size, all: true, .. } => {
            let users = client.iter_users(page_size)?.collect::<Result<Vec<User>, _>>()?;
            output.result(&users, |users| rows(users))?;
        }
        Command::List { page_number, page_size, .. } => {
            let page = client.get_users(PageRequest::new(page_number, page_size)?)?;
            output.result(&page, |page| {
                let total = page.total_records.map(|total| format!("{} of {total} users\n", page.data.len()));
                rows(&page.data) + &total.unwrap_or_default()
            })?;
        }
        Command::Get { user_id } => {
            let user = client.get_user(user_id)?;
            output.result(&user, |user| rows(std::slice::from_ref(user)))?;
        }
    }
    Ok(true)
}

fn rows(users: &[User]) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let cells = users.iter().map(|user| {
        let enabled = user.enabled.map_or(String::new(), |enabled| enabled.to_string());
        let last = text(&user.last_logged_in);
        [user.user_id.clone(), text(&user.email), text(&user.display_name), enabled, last]
    });
    table(["USER ID", "EMAIL", "DISPLAY NAME", "ENABLED", "LAST LOGGED IN"], cells)
}
