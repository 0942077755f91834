//! The loop that the manual's page of C rotates keys under. Those of the other languages are run by their own suites.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};

use super::keys::{KeyFiles, Slot, fingerprint};
use crate::emulator::Emulator;
use crate::faces;
use crate::process;
use crate::tally::Ran;
use crate::workspace::Workspace;

/// Longest that a key may take to be used.
const LIMIT: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(20);

/// Runs it while both keys are replaced.
pub fn test(workspace: &Workspace) -> Result<Ran> {
    let emulator = Emulator::start(workspace, "page-of-c")?;
    let keys = emulator.first_keys()?;
    let files = KeyFiles::create(workspace.made("xtask/page-of-c"), &keys)?;
    let mut command = faces::c::program(workspace, "examples/c/loop.c")?;
    emulator.for_service(&mut command, &files.path(Slot::Primary), &files.path(Slot::Secondary))?;
    std::thread::scope(|scope| {
        let running = scope.spawn(|| process::quiet(workspace, "page-of-c", &mut command));
        until_used(&emulator, &keys[0])?;
        until_used(&emulator, &replaced(&emulator, &files, Slot::Primary)?)?;
        replaced(&emulator, &files, Slot::Secondary)?;
        let said = running.join().map_err(|_| anyhow!("nobody waited for the loop"))??;
        ensure!(said.ends_with(" calls, none failed\n"), "it said:\n{said}");
        Ok(Ran::one())
    })
}

/// Has a new key in a slot and in its file; gives the key.
fn replaced(emulator: &Emulator, files: &KeyFiles, slot: Slot) -> Result<String> {
    let answer = emulator.control("POST", &format!("keys/{}", slot.name()))?;
    let key = answer["apiKey"].as_str().context("the emulator gave no key")?;
    files.replace(slot, key)?;
    Ok(key.to_owned())
}

fn until_used(emulator: &Emulator, key: &str) -> Result<()> {
    let (fingerprint, begun) = (fingerprint(key), Instant::now());
    loop {
        let requests = emulator.control("GET", "requests")?;
        let requests = requests.as_array().context("the journal is a list")?;
        if requests.iter().any(|request| request["fingerprint"] == fingerprint.as_str()) {
            return Ok(());
        }
        ensure!(begun.elapsed() < LIMIT, "nobody used the key {fingerprint}");
        std::thread::sleep(POLL);
    }
}
