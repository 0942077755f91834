//! `agglestone keys`: which keys the service accepts, and who used which.

use std::time::{Duration, SystemTime};

use agglestone::{CheckedKey, KeyCheck};
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::output::{Output, table};
use crate::settings::Settings;

/// Who may ask the emulator: the real service's portal is for people.
pub const EMULATOR_TOKEN: &str = "AGGLESTONE_EMULATOR_TOKEN";

#[derive(clap::Subcommand)]
pub enum Command {
    /// Ask the service which of the keys it accepts; fails if it refuses one
    Check,
    /// Who presented which key, and when last; as far as an emulator can say (AGGLESTONE_EMULATOR_TOKEN)
    Usage,
}

pub fn run(settings: &Settings, command: Command, output: Output) -> Result<bool> {
    match command {
        Command::Check => {
            let check = settings.client()?.check_api_keys()?;
            output.result(&check, |check| {
                let rows = slots(check).map(|(slot, key)| {
                    [
                        slot.to_owned(),
                        key.fingerprint.clone(),
                        verdict(key).to_owned(),
                        key.status.to_string(),
                    ]
                });
                table(["KEY", "FINGERPRINT", "VERDICT", "STATUS"], rows)
            })?;
            Ok(slots(&check).all(|(_, key)| key.accepted))
        }
        Command::Usage => {
            let Some(report) = Report::read(settings)? else {
                bail!(
                    "the service does not say who uses which key: its portal shows when a key was used last. For an emulator, set \
                     {EMULATOR_TOKEN} to its control token"
                );
            };
            output.result(&report, Report::for_people)?;
            Ok(true)
        }
    }
}

/// The keys that were checked, by their names.
pub fn slots(check: &KeyCheck) -> impl Iterator<Item = (&'static str, &CheckedKey)> {
    let named = [("primary", &check.primary), ("secondary", &check.secondary)];
    named.into_iter().filter_map(|(slot, key)| key.as_ref().map(|key| (slot, key)))
}

/// What the service thinks of a key.
pub fn verdict(key: &CheckedKey) -> &'static str {
    if key.accepted { "accepted" } else { "refused" }
}

/// Which keys are accepted, were, and who presented them, as the emulator tells it.
#[derive(Serialize, Deserialize)]
pub struct Report {
    now: String,
    keys: Vec<KeyUse>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeyUse {
    fingerprint: String,
    state: String,
    slot: Option<String>,
    callers: Vec<Caller>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Caller {
    user_agent: Option<String>,
    requests: u64,
    refused: u64,
    last_used: String,
}

impl Report {
    /// Asks whoever can say; nothing where nobody can.
    pub fn read(settings: &Settings) -> Result<Option<Report>> {
        let Some(token) = std::env::var(EMULATOR_TOKEN).ok().filter(|token| !token.is_empty()) else {
            return Ok(None);
        };
        let config = settings.config()?;
        let tls = agglestone::binding::tls_config(&config)?;
        let answer = reqwest::blocking::Client::builder()
            .tls_backend_preconfigured(tls)
            .no_proxy()
            .timeout(Duration::from_secs(10))
            .build()?
            .get(format!("{}/_emulator/keys", config.base_url()))
            .bearer_auth(token)
            .send()
            .and_then(reqwest::blocking::Response::error_for_status)
            .context("the emulator did not say who uses which key")?;
        answer.json().map(Some).context("the emulator's answer is of another shape")
    }

    /// How long ago a key in a slot was presented last by anyone but this command; nothing if it never was.
    pub fn quiet_for(&self, slot: &str) -> Option<Duration> {
        let own = |caller: &Caller| {
            caller.user_agent.as_deref().is_some_and(|name| name.starts_with("agglestone-cli"))
        };
        let time = |text: &str| humantime::parse_rfc3339(text).unwrap_or(SystemTime::UNIX_EPOCH);
        let accepted = |key: &&KeyUse| key.state == "accepted" && key.slot.as_deref() == Some(slot);
        let callers = self.keys.iter().filter(accepted).flat_map(|key| &key.callers);
        let last = callers.filter(|caller| !own(caller)).map(|caller| time(&caller.last_used)).max()?;
        Some(time(&self.now).duration_since(last).unwrap_or_default())
    }

    fn for_people(&self) -> String {
        let rows = self.keys.iter().flat_map(|key| {
            let slot = key.slot.clone().unwrap_or_default();
            let line = move |cells: [String; 4]| {
                let [who, requests, refused, last] = cells;
                [slot.clone(), key.fingerprint.clone(), key.state.clone(), who, requests, refused, last]
            };
            let callers: Vec<_> = match &key.callers[..] {
                [] => vec![line([String::new(), "0".into(), "0".into(), "never".into()])],
                callers => callers.iter().map(|caller| line(caller.cells())).collect(),
            };
            callers
        });
        table(["KEY", "FINGERPRINT", "STATE", "CALLER", "REQUESTS", "REFUSED", "LAST USED"], rows)
    }
}

impl Caller {
    fn cells(&self) -> [String; 4] {
        let who = self.user_agent.clone().unwrap_or_else(|| "(no name)".to_owned());
        [who, self.requests.to_string(), self.refused.to_string(), self.last_used.clone()]
    }
}
