//! `cargo xtask bench fleet`: processes in four languages share 10,000 users' tokens over a real Valkey or Redis, which is killed twice
//! under them, while both keys are rotated. Says what the service saw, with the store and without.

mod member;
mod server;

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use self::member::Member;
use self::server::Server;
use crate::dotnet::Dotnet;
use crate::emulator::Emulator;
use crate::faces::csharp::FLEET;
use crate::faces::{self, Face};
use crate::process;
use crate::report;
use crate::rotate::keys::{KeyFiles, Slot};
use crate::tools;
use crate::workspace::Workspace;

const USERS: u64 = 10_000;
const FACES: [Face; 4] = [Face::C, Face::Csharp, Face::Node, Face::Python];
const OF_EACH: usize = 8;
/// Every user has been asked for by then.
const WARM_UP: Duration = Duration::from_secs(40);
const DOWN: Duration = Duration::from_secs(4);
/// A process leaves a store alone for 6 seconds at most, then connects.
const ALL_ARE_BACK: Duration = Duration::from_secs(9);
const BETWEEN: Duration = Duration::from_secs(8);
const ALONE: Duration = Duration::from_secs(30);

const HEADINGS: [&str; 9] = [
    "store",
    ">tokens asked for",
    ">exchanges",
    ">in outages",
    ">others a user",
    ">goal",
    ">failed calls",
    ">refused when keys died",
    ">refused later",
];

/// How entries are sealed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    ByKeyOfItsOwn,
    ByApiKeys,
    Alone,
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Way::ByKeyOfItsOwn => "with `token_store_key`",
            Way::ByApiKeys => "sealed by API keys",
            Way::Alone => "none",
        }
    }

    /// The most exchanges a user outside of outages.
    fn goal(self) -> Option<f64> {
        match self {
            Way::ByKeyOfItsOwn => Some(1.05),
            Way::ByApiKeys => Some(2.1),
            Way::Alone => None,
        }
    }
}

/// What the service has seen so far.
#[derive(Clone, Copy, Default)]
struct Seen {
    exchanges: u64,
    refused: u64,
}

/// What a fleet came to.
struct Outcome {
    asked: u64,
    exchanges: u64,
    in_outages: u64,
    failures: Vec<String>,
    refused_at_once: u64,
    refused_later: u64,
}

/// Runs the fleet in each way, then the simulation of a large one. False if a call failed or a goal was missed.
pub fn run(workspace: &Workspace) -> Result<bool> {
    tools::token_store(workspace);
    faces::native::build(workspace)?;
    // All of them first: whoever starts while others are compiled warms nothing up.
    let programs =
        FACES.iter().map(|face| Ok((*face, program(workspace, *face)?))).collect::<Result<Vec<_>>>()?;
    let (mut rows, mut problems) = (Vec::new(), Vec::new());
    for way in [Way::ByKeyOfItsOwn, Way::ByApiKeys, Way::Alone] {
        let outcome = report::step(&format!("fleet: {}", way.name()), || fleet(workspace, &programs, way))?;
        let others = (outcome.exchanges - outcome.in_outages) as f64 / USERS as f64;
        if way.goal().is_some_and(|goal| others > goal) {
            problems.push(format!("{}: {others:.2} exchanges a user", way.name()));
        }
        if way != Way::Alone && outcome.refused_later > 0 {
            problems.push(format!(
                "{}: {} calls refused by a key that all know of",
                way.name(),
                outcome.refused_later
            ));
        }
        problems.extend(outcome.failures.iter().map(|failure| format!("{}: {failure}", way.name())));
        rows.push(row(way, &outcome, others));
    }
    println!("\n{}", report::table(&HEADINGS, &rows));
    problems.iter().for_each(|problem| println!("failed: {problem}"));
    println!("\n{}", simulation(workspace)?);
    Ok(problems.is_empty())
}

fn row(way: Way, outcome: &Outcome, others: f64) -> Vec<String> {
    vec![
        way.name().to_owned(),
        report::grouped(outcome.asked),
        report::grouped(outcome.exchanges),
        report::grouped(outcome.in_outages),
        format!("{others:.2}"),
        way.goal().map_or_else(String::new, |goal| goal.to_string()),
        outcome.failures.len().to_string(),
        outcome.refused_at_once.to_string(),
        outcome.refused_later.to_string(),
    ]
}

fn fleet(workspace: &Workspace, programs: &[(Face, Command)], way: Way) -> Result<Outcome> {
    let folder = workspace.made("xtask/fleet");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    let emulator = Emulator::start(workspace, "fleet")?;
    add_users(&emulator)?;
    let files = KeyFiles::create(folder.join("keys"), &emulator.first_keys()?)?;
    let mut server = Server::start(workspace, folder.join("store"))?;
    let mut members = Vec::new();
    for (face, program) in programs {
        for number in 0..OF_EACH {
            let mut command = again(program);
            emulator.for_service(&mut command, &files.path(Slot::Primary), &files.path(Slot::Secondary))?;
            if way != Way::Alone {
                command.env("AGGLESTONE_TOKEN_STORE", server.url());
            }
            if way == Way::ByKeyOfItsOwn {
                command.env(
                    "AGGLESTONE_TOKEN_STORE_KEY",
                    "a key that only this benchmark has, of 64 characters and no secret at all",
                );
            }
            members.push(Member::start(workspace, *face, number, command)?);
        }
    }
    let mut outcome = walk(&emulator, &mut server, &files, way)?;
    outcome.exchanges = seen(&emulator)?.exchanges;
    for member in members {
        let (calls, failures) = member.end()?;
        // The eleventh is a call with the key.
        outcome.asked += calls * 10 / 11;
        outcome.failures.extend(failures);
    }
    Ok(outcome)
}

/// Outages and rotations, while all of them call.
fn walk(emulator: &Emulator, server: &mut Server, files: &KeyFiles, way: Way) -> Result<Outcome> {
    let mut outcome = Outcome {
        asked: 0,
        exchanges: 0,
        in_outages: 0,
        failures: Vec::new(),
        refused_at_once: 0,
        refused_later: 0,
    };
    std::thread::sleep(if way == Way::Alone { ALONE } else { WARM_UP });
    for _ in 0..if way == Way::Alone { 0 } else { 2 } {
        let before = seen(emulator)?;
        server.kill();
        std::thread::sleep(DOWN);
        server.begin()?;
        std::thread::sleep(ALL_ARE_BACK);
        outcome.in_outages += seen(emulator)?.exchanges - before.exchanges;
        std::thread::sleep(BETWEEN);
    }
    for slot in [Slot::Primary, Slot::Secondary] {
        let before = seen(emulator)?;
        let died = Instant::now();
        let answer = emulator.control("POST", &format!("keys/{}", slot.name()))?;
        let key = answer.get("apiKey").and_then(Value::as_str).context("no key was generated")?;
        std::thread::sleep(Duration::from_secs(1).saturating_sub(died.elapsed()));
        let at_once = seen(emulator)?;
        // As late as an operator may be with it.
        std::thread::sleep(Duration::from_secs(2));
        files.replace(slot, key)?;
        std::thread::sleep(BETWEEN);
        let later = seen(emulator)?;
        outcome.refused_at_once += at_once.refused - before.refused;
        outcome.refused_later += later.refused - at_once.refused;
    }
    Ok(outcome)
}

fn add_users(emulator: &Emulator) -> Result<()> {
    let user = |number: u64| {
        let id = format!("00000000-0000-4000-8000-{number:012}");
        json!({"userId": id, "emailAddress": format!("user{number}@example.com"), "enabled": true})
    };
    for first in (0..USERS).step_by(500) {
        let users: Vec<Value> = (first..first + 500).map(user).collect();
        emulator.control_with("POST", "users", &json!({ "users": users }).to_string())?;
    }
    Ok(())
}

/// The report on keys counts by `User-Agent`: those that make no other calls are called `tokens`.
fn seen(emulator: &Emulator) -> Result<Seen> {
    let report = emulator.control("GET", "keys")?;
    let mut seen = Seen::default();
    let keys = report["keys"].as_array().into_iter().flatten();
    for caller in keys.flat_map(|key| key["callers"].as_array().into_iter().flatten()) {
        let count = |name: &str| caller[name].as_u64().unwrap_or_default();
        seen.refused += count("refused");
        if caller["userAgent"].as_str().is_some_and(|agent| agent.starts_with("tokens ")) {
            seen.exchanges += count("requests") - count("refused");
        }
    }
    Ok(seen)
}

fn program(workspace: &Workspace, face: Face) -> Result<Command> {
    match face {
        Face::C => faces::c::program(workspace, "benches/fleet/fleet.c"),
        Face::Csharp => faces::csharp::program(workspace, &Dotnet::find(workspace)?, FLEET),
        Face::Node => faces::node::program(workspace, "benches/fleet/fleet.mjs"),
        _ => faces::python::program(workspace, "benches/fleet/fleet.py"),
    }
}

/// The same command once more.
fn again(command: &Command) -> Command {
    let mut again = Command::new(command.get_program());
    again.args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => again.env(name, value),
            None => again.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        again.current_dir(folder);
    }
    again
}

/// The rules as they are, over a made-up clock and network, at a size that no machine here has.
fn simulation(workspace: &Workspace) -> Result<String> {
    let mut cargo = process::cargo(workspace);
    cargo.args(["test", "--release", "--package", "agglestone", "--lib", "tokens::shared::simulation"]);
    cargo.args(["--", "--nocapture"]).env("AGG_FLEET", "10000,1000000,2000000");
    let said = report::step("10,000 processes, 1,000,000 users, simulated", || {
        process::quiet(workspace, "fleet-simulation", &mut cargo)
    })?;
    let head = "| store | processes | users | questions | exchanges | most a second | while the store is gone | in the 10 s after | most commands a second |";
    let rows = said.lines().filter(|line| line.starts_with("| "));
    Ok(std::iter::once(head).chain(rows).collect::<Vec<_>>().join("\n"))
}
