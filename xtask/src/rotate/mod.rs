//! `cargo xtask demo --rotate`: four services call all the time while both keys are replaced in the order of the vendor's guide,
//! and no call fails.

pub mod keys;
mod page;
mod rotation;
mod screen;
mod service;

use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use self::rotation::{Outcome, Rotation};
use self::service::Service;
use crate::dotnet::Dotnet;
use crate::emulator::Emulator;
use crate::faces::{self, Face};
use crate::prerequisites;
use crate::report;
use crate::tally::{Ran, Tally};
use crate::workspace::Workspace;

/// The languages that have a service in `examples/`.
const FACES: [Face; 4] = [Face::C, Face::Csharp, Face::Node, Face::Python];

/// How often, and how long everything is left alone between two steps.
#[derive(Clone, Copy)]
struct Schedule {
    rotations: u32,
    pause: Duration,
}

/// Slow enough to watch.
const TO_WATCH: Schedule = Schedule { rotations: 2, pause: Duration::from_secs(1) };
/// As fast as it goes. The second rotation proves that the secondary key of the first was taken.
const TO_TEST: Schedule = Schedule { rotations: 2, pause: Duration::from_millis(100) };

/// Long enough for what adds up.
const TO_SOAK: Schedule = Schedule { rotations: 20, ..TO_TEST };

/// Builds the services and shows the rotation; true if no call failed.
pub fn run(workspace: &Workspace) -> Result<bool> {
    let lacks = prerequisites::lacks(workspace, &FACES);
    for lack in &lacks {
        println!("missing: {}", lack.text());
    }
    faces::native::build(workspace)?;
    let mut ready = Vec::new();
    let mut broken = Vec::new();
    for face in FACES {
        let prepared = match prerequisites::missing_for(&lacks, face) {
            Some(missing) => Err(anyhow::anyhow!("missing: {missing}")),
            None => service(workspace, face),
        };
        match prepared {
            Ok(command) => ready.push((face, command)),
            Err(error) => broken.push(format!("{}: {error:#}", face.name())),
        }
    }
    let outcome = rotate(workspace, ready, TO_WATCH)?;
    print!("{}", outcome.text);
    for problem in &broken {
        println!("\nfailed: {problem}");
    }
    Ok(broken.is_empty() && outcome.problems.is_empty())
}

/// The same as a test, with a short schedule.
pub fn test(workspace: &Workspace, tally: &mut Tally) {
    suite(workspace, tally, "demo --rotate", TO_TEST);
    tally.suite("rotation: the loop of C's page", || page::test(workspace));
}

/// The same for minutes.
pub fn soak(workspace: &Workspace, tally: &mut Tally) {
    suite(workspace, tally, "demo --rotate, for minutes", TO_SOAK);
}

fn suite(workspace: &Workspace, tally: &mut Tally, name: &str, schedule: Schedule) {
    if let Some(lack) = prerequisites::lacks(workspace, &FACES).first() {
        return tally.skip(name, &lack.text());
    }
    tally.suite(name, || {
        let mut ready = Vec::new();
        for face in FACES {
            ready.push((face, service(workspace, face)?));
        }
        let outcome = rotate(workspace, ready, schedule)?;
        Ok(if outcome.problems.is_empty() { Ran::one() } else { Ran::failed(outcome.text) })
    });
}

fn service(workspace: &Workspace, face: Face) -> Result<Command> {
    match face {
        Face::C => faces::c::service(workspace),
        Face::Csharp => faces::csharp::service(workspace, &Dotnet::find(workspace)?),
        Face::Node => faces::node::service(workspace),
        Face::Python => faces::python::service(workspace),
        Face::Rust => anyhow::bail!("there is no service in Rust"),
    }
}

fn rotate(workspace: &Workspace, ready: Vec<(Face, Command)>, schedule: Schedule) -> Result<Outcome> {
    let emulator =
        report::step("starting the emulator on a free port", || Emulator::start(workspace, "rotate"))?;
    println!("    its portal shows who uses which key: {}/portal", emulator.url()?);
    let keys = emulator.first_keys()?;
    let start = |(face, command)| Service::start(workspace, &emulator, face, command, &keys);
    let services = ready.into_iter().map(start).collect::<Result<Vec<_>>>()?;
    Rotation::new(&emulator, services, keys, schedule.pause).run(schedule.rotations)
}
