//! The demo users: the same 45 every time, so that examples and tests can rely on them.

use std::time::{Duration, SystemTime};

use serde::Serialize;
use serde_json::value::to_raw_value;
use sha2::{Digest, Sha256};

use crate::users::{User, Users};

const NAMES: [&str; 45] = [
    "Amelia Hart",
    "Ben Okafor",
    "Carla Mendes",
    "Dmitri Volkov",
    "Elena Rossi",
    "Farid Haddad",
    "Grace Lin",
    "Hugo Martin",
    "Zoë Åkesson",
    "Jonas Weber",
    "Keiko Tanaka",
    "Liam Byrne",
    "Maya Patel",
    "Noah Fischer",
    "Olivia Grant",
    "Pedro Alves",
    "Quinn Harper",
    "Rosa Jimenez",
    "Samir Khan",
    "Tessa de Vries",
    "Umar Farouk",
    "Vera Novak",
    "Will Turner",
    "Xenia Petrova",
    "Yusuf Demir",
    "Zara Ahmed",
    "Anton Berg",
    "Bianca Costa",
    "Caleb Wright",
    "Daria Popa",
    "Emil Larsen",
    "Fiona Walsh",
    "Gustav Holm",
    "Hana Kim",
    "Isaac Cohen",
    "Julia Nowak",
    "Kofi Mensah",
    "Lucia Moretti",
    "Marek Dvorak",
    "Nina Keller",
    "Oscar Nilsson",
    "Petra Horvat",
    "Rafael Silva",
    "Sofia Marino",
    "Tomas Reyes",
];

/// Positions of users without a display name, and of disabled ones.
const NAMELESS: [usize; 3] = [6, 18, 32];
const DISABLED: [usize; 3] = [4, 11, 27];

/// A user with the documented members, in the documented order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DemoUser<'a> {
    user_id: String,
    email: String,
    display_name: Option<&'a str>,
    user_type: &'a str,
    enabled: bool,
    last_logged_in: String,
    last_token_refresh: String,
    owner: bool,
    require_password_reset: bool,
}

/// All demo users; the first owns the tenant and is therefore an administrator.
pub(crate) fn users() -> Users {
    (0..NAMES.len())
        .map(|index| {
            let json = to_raw_value(&user(index)).expect("a demo user is JSON");
            User::from_json(&json).expect("a demo user is a user")
        })
        .collect()
}

fn user(index: usize) -> DemoUser<'static> {
    let mut id = [0; 16];
    id.copy_from_slice(&Sha256::digest(format!("agglestone demo user {index}"))[..16]);
    // 2026-01-05 08:00 UTC; the users logged in one after another, seven hours apart.
    let logged_in = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_600_000 + index as u64 * 7 * 3600);
    DemoUser {
        user_id: uuid::Builder::from_random_bytes(id).into_uuid().to_string(),
        email: email(NAMES[index]),
        display_name: (!NAMELESS.contains(&index)).then_some(NAMES[index]),
        user_type: "Standard",
        enabled: !DISABLED.contains(&index),
        last_logged_in: iso8601(logged_in),
        last_token_refresh: iso8601(logged_in + Duration::from_secs(840)),
        owner: index == 0,
        require_password_reset: index % 15 == 14,
    }
}

fn iso8601(time: SystemTime) -> String {
    humantime::format_rfc3339_seconds(time).to_string()
}

fn email(name: &str) -> String {
    let ascii: String = name
        .chars()
        .map(|c| match c {
            'ë' => 'e',
            'Å' => 'a',
            ' ' => '.',
            other => other.to_ascii_lowercase(),
        })
        .collect();
    format!("{ascii}@example.com")
}
