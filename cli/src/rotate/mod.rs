//! `agglestone rotate`: both keys replaced in the order of the vendor's guide (`service.md`, "API keys"), one question before each
//! step. Whatever goes wrong, one accepted key stays in its file, so that no service is left without.

mod ask;
mod file;

use std::path::PathBuf;
use std::thread::sleep;
use std::time::{Duration, Instant};

use agglestone::{Client, Request, SecretString};
use anyhow::{Context, Result, bail, ensure};
use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

use crate::keys::{Report, slots};
use crate::output::Output;
use crate::settings::Settings;

#[derive(Args)]
pub struct Options {
    /// Where new keys come from
    #[arg(long, value_enum, default_value_t = From::Portal)]
    from: From,
    /// How long nobody may have presented the secondary key before it is replaced, in seconds. Where nobody can say, you are asked, or
    /// with --yes it waits that long
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    quiet_for: u64,
    /// How long to wait for that at most, in seconds
    #[arg(long, default_value_t = 3600, value_name = "SECONDS")]
    wait: u64,
    /// Answer every question with yes
    #[arg(long)]
    yes: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum From {
    /// You generate each key in the vendor's portal and paste it here
    Portal,
    /// The service generates them (POST api/APIKeys, which only an older page of the vendor's documents)
    Service,
}

#[derive(Clone, Copy, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Slot {
    Primary,
    Secondary,
}

impl Slot {
    fn name(self) -> &'static str {
        match self {
            Slot::Primary => "primary",
            Slot::Secondary => "secondary",
        }
    }
}

/// A key that was replaced.
#[derive(Serialize)]
struct Replaced {
    slot: Slot,
    file: String,
    fingerprint: String,
}

pub fn run(settings: &Settings, options: &Options, output: Output) -> Result<bool> {
    let rotation = Rotation::new(settings, options, output)?;
    rotation.both_are_accepted()?;
    let mut replaced = Vec::new();
    for (slot, other) in [(Slot::Primary, None), (Slot::Secondary, Some(Slot::Secondary))] {
        if let Some(other) = other
            && !rotation.wait_until_quiet(other)?
        {
            output.progress("stopped: the primary key is new, the secondary key is the one it was");
            output.result(&replaced, |replaced| told(replaced))?;
            return Ok(false);
        }
        match rotation.replace(slot)? {
            Some(key) => replaced.push(key),
            None => {
                output.progress(&format!("stopped before the {} key was replaced", slot.name()));
                output.result(&replaced, |replaced| told(replaced))?;
                return Ok(false);
            }
        }
    }
    output.result(&replaced, |replaced| told(replaced))?;
    Ok(true)
}

fn told(replaced: &[Replaced]) -> String {
    let line = |key: &Replaced| format!("{} key {} is in {}\n", key.slot.name(), key.fingerprint, key.file);
    replaced.iter().map(line).collect()
}

struct Rotation<'a> {
    settings: &'a Settings,
    options: &'a Options,
    output: Output,
    files: [PathBuf; 2],
    client: Client,
}

impl<'a> Rotation<'a> {
    fn new(settings: &'a Settings, options: &'a Options, output: Output) -> Result<Rotation<'a>> {
        let [Some(primary), Some(secondary)] = settings.key_files() else {
            bail!(
                "new keys are written where services read them, so both files are needed: --api-key-file and \
                 --secondary-api-key-file, or AGGLESTONE_API_KEY_FILE and AGGLESTONE_SECONDARY_API_KEY_FILE"
            );
        };
        let files = [primary, secondary];
        files.iter().try_for_each(|file| file::can_be_replaced(file))?;
        Ok(Rotation { settings, options, output, files, client: settings.client()? })
    }

    fn file(&self, slot: Slot) -> &PathBuf {
        &self.files[slot as usize]
    }

    /// While one key is replaced, services call with the other.
    fn both_are_accepted(&self) -> Result<()> {
        let check = self.client.check_api_keys()?;
        ensure!(slots(&check).count() == 2, "both files hold the same key: a rotation needs two that differ");
        for (slot, key) in slots(&check) {
            ensure!(
                key.accepted,
                "the service refuses the {slot} key {}: replace it first, while the other one serves",
                key.fingerprint
            );
        }
        Ok(())
    }

    /// Nothing when the operator says no.
    fn replace(&self, slot: Slot) -> Result<Option<Replaced>> {
        let (name, file) = (slot.name(), self.file(slot));
        let question = match self.options.from {
            From::Service => format!("Generate a new {name} key? The old one ends at once."),
            From::Portal => {
                format!(
                    "Go on with the {name} key? You will generate it in the portal; the old one ends at once."
                )
            }
        };
        if !(self.options.yes || ask::yes(&question)?) {
            return Ok(None);
        }
        let key = match self.options.from {
            From::Service => self.generate(slot)?,
            From::Portal => ask::secret(&format!("The new {name} key: "))?,
        };
        let fingerprint = self.is_accepted(slot, &key)?;
        file::replace(file, &key).with_context(|| {
            let file = file.display();
            format!("the new {name} key can't be written to {file}; services go on with the other key until you write it there")
        })?;
        self.output.progress(&format!("wrote the new {name} key {fingerprint} to {}", file.display()));
        Ok(Some(Replaced { slot, file: file.display().to_string(), fingerprint }))
    }

    /// Before it is written: what was pasted may be another text, or half of it, and then the file stays as it was.
    fn is_accepted(&self, slot: Slot, key: &SecretString) -> Result<String> {
        let check = self.settings.client_with(key)?.check_api_keys()?;
        let (_, checked) = slots(&check).next().context("a client has a key")?;
        let (name, fingerprint) = (slot.name(), &checked.fingerprint);
        ensure!(
            checked.accepted,
            "the service refuses the new {name} key {fingerprint}: it was not written to {}, and services go on with the other key",
            self.file(slot).display()
        );
        Ok(fingerprint.clone())
    }

    fn generate(&self, slot: Slot) -> Result<SecretString> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Generated {
            api_key: String,
        }
        let body = serde_json::json!({ "type": slot.name() }).to_string();
        // By a client that has read the keys now: the one before may have been replaced.
        let reply = self.settings.client()?.request(Request::new("POST", "api/APIKeys")?.json(body)?)?;
        let generated: Generated = serde_json::from_slice(reply.body()).map_err(|_| {
            anyhow::anyhow!("the service generated a {} key and did not say which", slot.name())
        })?;
        Ok(generated.api_key.into())
    }

    /// Where nobody counts: by the operator, or by the time that services may take.
    fn is_said_to_be_quiet(&self, wanted: Duration) -> Result<bool> {
        if self.options.yes {
            self.output.progress(&format!("waiting {wanted:?}, so that services read the new primary key"));
            sleep(wanted);
            return Ok(true);
        }
        ask::yes(
            "Do all services call with the new primary key? The portal shows when the secondary was used last.",
        )
    }

    /// Until services call with the key that is new. False when the operator says no, or it takes too long.
    fn wait_until_quiet(&self, slot: Slot) -> Result<bool> {
        let wanted = Duration::from_secs(self.options.quiet_for);
        let begun = Instant::now();
        let end = begun + Duration::from_secs(self.options.wait);
        let mut told = false;
        loop {
            let Some(report) = Report::read(self.settings)? else {
                return self.is_said_to_be_quiet(wanted);
            };
            // Services that have not called yet since the other key ended will present this one first.
            let quiet =
                report.quiet_for(slot.name()).map_or(begun.elapsed(), |quiet| quiet.min(begun.elapsed()));
            if quiet >= wanted {
                return Ok(true);
            }
            if Instant::now() >= end {
                self.output.progress(&format!("the {} key is still in use", slot.name()));
                return Ok(false);
            }
            if !std::mem::replace(&mut told, true) {
                let line =
                    format!("waiting until nobody has presented the {} key for {wanted:?}", slot.name());
                self.output.progress(&line);
            }
            sleep(Duration::from_secs(1));
        }
    }
}
