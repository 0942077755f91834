//! `cargo xtask soak`: a service in each language calls for minutes while keys are rotated, the emulator is restarted and misbehaves, and calls
//! are cancelled. What adds up shows: memory, open files, failures that nothing here explains.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::dotnet::Dotnet;
use crate::emulator::Emulator;
use crate::faces::csharp::SOAK;
use crate::faces::{self, Face};
use crate::process;
use crate::report;
use crate::rotate::keys::{KeyFiles, Slot};
use crate::said::Speaker;
use crate::workspace::Workspace;

/// One of these now and then. Each can only end in a failure that [`EXPLAINED`] lists.
const FAULTS: [&str; 8] = [
    r#"{"path":"*/tenant/*","status":503,"times":8}"#,
    r#"{"path":"*/tenant/*","status":500,"times":8}"#,
    r#"{"path":"*/tenant/*","status":429,"headers":{"retry-after":"1"},"times":8}"#,
    r#"{"path":"*/tenant/*","close":"before","times":8}"#,
    r#"{"path":"*/tenant/*","close":"mid-body","times":8}"#,
    r#"{"path":"*/tenant/*","delayMs":6000,"times":2}"#,
    r#"{"path":"*/tenant/*","raw":"HTTP/1.1 103 Early Hints\r\n\r\n","repeat":1000,"times":2}"#,
    r#"{"path":"*/tenant/*","body":"{","times":2}"#,
];
/// CONNECT, TIMEOUT, RATE_LIMITED, SERVER, INVALID_RESPONSE.
const EXPLAINED: [&str; 5] = ["200", "202", "329", "350", "400"];

const FAULT_EVERY: Duration = Duration::from_secs(3);
const ROTATION_EVERY: Duration = Duration::from_secs(15);
const RESTART_EVERY: Duration = Duration::from_secs(40);
/// Clients notice a replaced file within a second.
const NOTICED_WITHIN: Duration = Duration::from_secs(3);
/// Connections come and go: so many more files say nothing.
const FILES_SLACK: usize = 12;

const HEADINGS: [&str; 8] = [
    "service",
    ">calls",
    ">clients",
    ">MB after a third",
    ">MB at the end",
    ">files after a third",
    ">files at the end",
    "failures by code",
];

/// What a process holds.
#[derive(Clone, Copy, Default)]
struct Held {
    megabytes: f64,
    files: usize,
}

struct Service {
    face: Face,
    speaker: Speaker,
    /// When caches and heaps had grown to their size.
    early: Held,
}

/// Runs for so long; false if a service ended, or a failure or an open file has no reason. Memory is shown: runtimes that collect
/// garbage take and give back as they like.
pub fn run(workspace: &Workspace, minutes: f64) -> Result<bool> {
    let time = Duration::try_from_secs_f64(minutes * 60.0).context("--minutes is no time")?;
    ensure!(time >= Duration::from_secs(60), "a soak takes a minute at least");
    faces::native::build(workspace)?;
    let commands =
        Face::ALL.iter().map(|face| Ok((*face, program(workspace, *face)?))).collect::<Result<Vec<_>>>()?;
    let folder = workspace.made("xtask/soak");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    let data = folder.join("emulator.json");
    let mut emulator = Emulator::start_at(workspace, "soak", 0, &data)?;
    let port = emulator.port()?;
    let files = KeyFiles::create(folder.join("keys"), &emulator.first_keys()?)?;
    let start = |(face, command)| Service::start(workspace, &emulator, &files, face, command);
    let mut services = commands.into_iter().map(start).collect::<Result<Vec<_>>>()?;

    let begun = Instant::now();
    let (mut fault, mut rotation, mut restart) = (FAULT_EVERY, ROTATION_EVERY, RESTART_EVERY);
    let (mut faults, mut rotations, mut restarts, mut is_early) = (0, 0, 0, true);
    while begun.elapsed() < time {
        std::thread::sleep(Duration::from_millis(200));
        let now = begun.elapsed();
        if is_early && now > time / 3 {
            is_early = false;
            services.iter_mut().for_each(|service| service.early = service.held());
        }
        if now > restart {
            // Keys are in the file. While nobody listens, calls wait for it or fail.
            drop(emulator);
            std::thread::sleep(Duration::from_millis(500));
            emulator = Emulator::start_at(workspace, "soak", port, &data)?;
            (restarts, restart) = (restarts + 1, now + RESTART_EVERY);
        } else if now > rotation {
            emulator.control("DELETE", "faults")?;
            for slot in [Slot::Primary, Slot::Secondary] {
                let answer = emulator.control("POST", &format!("keys/{}", slot.name()))?;
                let key = answer.get("apiKey").and_then(Value::as_str).context("no key was generated")?;
                files.replace(slot, key)?;
                std::thread::sleep(NOTICED_WITHIN);
            }
            (rotations, rotation) = (rotations + 1, now + ROTATION_EVERY);
        } else if now > fault {
            let chance = SystemTime::now().duration_since(UNIX_EPOCH)?.subsec_nanos() as usize;
            emulator.control_with("POST", "faults", FAULTS[chance % FAULTS.len()])?;
            (faults, fault) = (faults + 1, now + FAULT_EVERY);
        }
        ensure_alive(&mut services)?;
    }
    println!("{rotations} rotations, {restarts} restarts, {faults} faults\n");
    finish(workspace, services)
}

fn program(workspace: &Workspace, face: Face) -> Result<Command> {
    match face {
        Face::C => faces::c::program(workspace, "tests/soak/soak.c"),
        Face::Csharp => faces::csharp::program(workspace, &Dotnet::find(workspace)?, SOAK),
        Face::Node => faces::node::program(workspace, "tests/soak/soak.mjs"),
        Face::Python => faces::python::program(workspace, "tests/soak/soak.py"),
        Face::Rust => Ok(process::command(workspace, workspace.built("agglestone-soak"))),
    }
}

fn ensure_alive(services: &mut [Service]) -> Result<()> {
    for service in services {
        let name = service.face.name();
        ensure!(service.held().files > 0, "the {name} program has ended; see its log in target/xtask/logs");
    }
    Ok(())
}

fn finish(workspace: &Workspace, services: Vec<Service>) -> Result<bool> {
    let (mut rows, mut problems) = (Vec::new(), Vec::new());
    for service in services {
        let Service { face, early, .. } = service;
        let (name, late, said) = (face.name(), service.held(), service.speaker.said());
        let failures = said.failures.iter().map(|(code, count)| format!("{code}: {count}"));
        let mut row = vec![name.to_string(), report::grouped(said.calls), report::grouped(said.clients)];
        row.extend([early.megabytes, late.megabytes].map(|megabytes| format!("{megabytes:.1}")));
        row.extend([early.files, late.files].map(|files| files.to_string()));
        row.push(failures.collect::<Vec<_>>().join(", "));
        rows.push(row);
        let unexplained = said.failures.keys().filter(|code| !EXPLAINED.contains(&code.as_str()));
        problems.extend(unexplained.map(|code| format!("{name}: nothing here explains {code}")));
        if late.files > early.files + FILES_SLACK {
            problems.push(format!("{name}: open files pile up"));
        }
        if said.calls == 0 {
            problems.push(format!("{name}: no call was made"));
        }
        let status = service.speaker.end()?;
        if !status.success() {
            problems.push(format!(
                "{name}: it failed ({status}); see {}",
                workspace.shown(&log(workspace, face))
            ));
        }
    }
    println!("{}", report::table(&HEADINGS, &rows));
    problems.iter().for_each(|problem| println!("failed: {problem}"));
    Ok(problems.is_empty())
}

fn log(workspace: &Workspace, face: Face) -> PathBuf {
    workspace.log(&format!("soak-{}", format!("{face:?}").to_lowercase()))
}

impl Service {
    fn start(
        workspace: &Workspace,
        emulator: &Emulator,
        files: &KeyFiles,
        face: Face,
        mut command: Command,
    ) -> Result<Self> {
        emulator.for_service(&mut command, &files.path(Slot::Primary), &files.path(Slot::Secondary))?;
        Ok(Self { face, speaker: Speaker::start(command, &log(workspace, face))?, early: Held::default() })
    }

    /// What its process holds; nothing once it has ended, and on systems that don't show it.
    fn held(&self) -> Held {
        let folder = format!("/proc/{}", self.speaker.id());
        let status = fs::read_to_string(format!("{folder}/status")).unwrap_or_default();
        let kilobytes = status.lines().find_map(|line| {
            line.strip_prefix("VmRSS:")?.trim().strip_suffix("kB")?.trim().parse::<f64>().ok()
        });
        let files = fs::read_dir(format!("{folder}/fd")).map_or(0, Iterator::count);
        Held { megabytes: kilobytes.unwrap_or_default() / 1024.0, files }
    }
}
