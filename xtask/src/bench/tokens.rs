//! `cargo xtask bench tokens`: what a token costs in each language when the client has it at hand, and when it has to exchange
//! its key for one.

use std::process::Command;

use anyhow::{Result, bail};
use serde_json::Value;

use super::machine::{self, CLIENT_CORE, SERVER_CORE};
use super::programs;
use crate::dotnet::Dotnet;
use crate::emulator::Emulator;
use crate::faces::{self, Face};
use crate::prerequisites;
use crate::process;
use crate::release;
use crate::report;
use crate::workspace::{Profile, Workspace};

const HEADINGS: [&str; 7] =
    ["language", "runtime", "way", ">cached ns", ">fastest ns", ">fresh µs", ">fresh / cached"];
const EMULATOR: &str = "agglestone-emulator";
const RUST_PROGRAM: &str = "bench-tokens";

/// Nanoseconds a token, one number for each round of one way to call.
#[derive(Debug, PartialEq)]
struct Measured {
    way: String,
    cached: Vec<f64>,
    fresh: Vec<f64>,
}

/// Measures every language that can be had here and prints one table. False if one could not be measured.
pub fn run(workspace: &Workspace) -> Result<bool> {
    programs::build_native(workspace, &[RUST_PROGRAM])?;
    let emulator = emulator(workspace)?;
    let lacks = prerequisites::lacks(workspace, &Face::ALL);
    let ready: Vec<(Face, Result<(Command, String)>)> = Face::ALL
        .into_iter()
        .map(|face| match prerequisites::missing_for(&lacks, face) {
            Some(missing) => (face, Err(anyhow::anyhow!("missing: {missing}"))),
            None => (face, prepare(workspace, face)),
        })
        .collect();

    let mut rows = Vec::new();
    let mut failures = Vec::new();
    for (face, ready) in ready {
        let measured = ready.and_then(|(command, runtime)| {
            let measured = measure(workspace, &emulator, face, command)?;
            Ok(measured.iter().map(|way| way.row(face, &runtime)).collect::<Vec<_>>())
        });
        match measured {
            Ok(measured) => rows.extend(measured),
            Err(error) => failures.push(format!("{}: {error:#}", face.name())),
        }
    }
    drop(emulator);

    println!("\n{}", report::table(&HEADINGS, &rows));
    println!(
        "Medians of the rounds. Fresh is an exchange with the emulator, which signs each token with RSA."
    );
    println!("{}", machine::facts(machine::can_pin(workspace)));
    for failure in &failures {
        println!("\nfailed: {failure}");
    }
    Ok(failures.is_empty())
}

/// The emulator as it is shipped. Built alone: with it in the same build, the client's dependencies would have features that only
/// the emulator needs.
pub fn emulator(workspace: &Workspace) -> Result<Emulator> {
    report::live_step("cargo build: emulator, release", || {
        process::live(release::cargo(workspace)?.args(["--package", EMULATOR]))
    })?;
    let emulator = process::command(workspace, workspace.built_as(Profile::Release, EMULATOR));
    Emulator::start_by(workspace, "bench", machine::pinned(workspace, SERVER_CORE, emulator))
}

fn prepare(workspace: &Workspace, face: Face) -> Result<(Command, String)> {
    Ok(match face {
        Face::Rust => {
            let program = workspace.built_as(Profile::Release, RUST_PROGRAM);
            (process::command(workspace, program), faces::rust::version(workspace)?)
        }
        Face::C => {
            (faces::c::benchmark(workspace, "benches/tokens/tokens.c")?, faces::c::version(workspace)?)
        }
        Face::Python => (
            faces::python::benchmark(workspace, "benches/tokens/tokens.py")?,
            faces::python::version(workspace)?,
        ),
        Face::Node => (
            faces::node::benchmark(workspace, "benches/tokens/tokens.mjs")?,
            faces::node::version(workspace)?,
        ),
        Face::Csharp => {
            let dotnet = Dotnet::find(workspace)?;
            let program =
                faces::csharp::benchmark(workspace, &dotnet, "Tokens", &["benches/tokens/Tokens.cs"])?;
            (program, dotnet.runtime_version(workspace)?)
        }
    })
}

fn measure(
    workspace: &Workspace,
    emulator: &Emulator,
    face: Face,
    command: Command,
) -> Result<Vec<Measured>> {
    let mut command = machine::pinned(workspace, CLIENT_CORE, command);
    emulator.for_example(&mut command)?;
    report::step(&format!("measuring {}", face.name()), || {
        let text = process::quiet(workspace, &format!("bench-tokens-{face:?}"), &mut command)?;
        let measured: Option<Vec<Measured>> = text.lines().map(Measured::read).collect();
        match measured {
            Some(measured) if !measured.is_empty() => Ok(measured),
            _ => bail!("it printed:\n{}", text.trim_end()),
        }
    })
}

impl Measured {
    /// Reads a line such as `{"way":"blocking","cached":[401,398],"fresh":[812345,798001]}`.
    fn read(line: &str) -> Option<Self> {
        let line: Value = serde_json::from_str(line).ok()?;
        Some(Self {
            way: line.get("way")?.as_str()?.to_string(),
            cached: rounds(&line, "cached")?,
            fresh: rounds(&line, "fresh")?,
        })
    }

    fn row(&self, face: Face, runtime: &str) -> Vec<String> {
        let (cached, fresh) = (median(&self.cached), median(&self.fresh));
        let fastest = self.cached.iter().copied().fold(f64::INFINITY, f64::min);
        vec![
            face.name().to_string(),
            runtime.to_string(),
            self.way.clone(),
            report::grouped(cached.round() as u64),
            report::grouped(fastest.round() as u64),
            report::grouped((fresh / 1000.0).round() as u64),
            format!("{}x", report::grouped((fresh / cached.max(1.0)).round() as u64)),
        ]
    }
}

/// What a program prints of its rounds under this name.
pub fn rounds(line: &Value, name: &str) -> Option<Vec<f64>> {
    let rounds: Option<Vec<f64>> = line.get(name)?.as_array()?.iter().map(Value::as_f64).collect();
    rounds.filter(|rounds| !rounds.is_empty())
}

/// The middle one.
pub fn median(rounds: &[f64]) -> f64 {
    let mut sorted = rounds.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_and_its_row_has_the_medians() {
        let line = r#"{"way":"blocking","cached":[500,400.5,9000],"fresh":[2000000,1000000,1500000]}"#;
        let measured = Measured::read(line).expect("all members are there");
        let row = measured.row(Face::C, "gcc");
        assert_eq!(row, ["C", "gcc", "blocking", "500", "401", "1,500", "3,000x"]);
        assert_eq!(Measured::read(r#"{"way":"blocking","cached":[],"fresh":[1]}"#), None);
        assert_eq!(Measured::read("warming up"), None);
    }
}
