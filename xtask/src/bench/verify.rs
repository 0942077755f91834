//! `cargo xtask bench verify`: what it costs to verify a token, one that was seen before and one that was not, beside the libraries
//! that people would use instead, and beside ring's part of it.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::Value;

use super::machine::{self, CLIENT_CORE};
use super::page::{PAGE, TOKENS, markdown, with_tokens};
use super::{peers, programs, tokens};
use crate::emulator::Emulator;
use crate::faces;
use crate::process;
use crate::report;
use crate::workspace::{Profile, Workspace};

const HEADINGS: [&str; 6] =
    ["language", "library", ">seen before, µs", ">times ours", ">anew, µs", ">times ours"];
const RUST_PROGRAM: &str = "bench-verify";

/// What is done with the table.
#[derive(Args, Clone)]
pub struct Options {
    /// Writes the table into docs/benchmarks.md, too
    #[arg(long)]
    write: bool,
}

/// Nanoseconds a token: the medians of the rounds.
struct Measured {
    language: &'static str,
    library: String,
    seen: f64,
    anew: f64,
}

/// Measures each library and prints one table. False if one could not be measured.
pub fn run(workspace: &Workspace, options: &Options) -> Result<bool> {
    programs::build_native(workspace, &[RUST_PROGRAM])?;
    let emulator = tokens::emulator(workspace)?;
    let rust = process::command(workspace, workspace.built_as(Profile::Release, RUST_PROGRAM));
    let mut pyjwt = peers::interpreter(workspace)?;
    pyjwt.arg(workspace.source("benches/verify/pyjwt.py"));
    let programs = [
        ("Node", faces::node::benchmark(workspace, "benches/verify/verify.mjs")),
        ("Node", peers::node(workspace, "jose.mjs")),
        ("Python", faces::python::benchmark(workspace, "benches/verify/verify.py")),
        ("Python", Ok(pyjwt)),
        ("Rust", Ok(rust)),
    ];
    let (mut measured, mut failures) = (Vec::new(), Vec::new());
    for (place, (language, program)) in programs.into_iter().enumerate() {
        match program.and_then(|program| measure(workspace, &emulator, language, place, program)) {
            Ok(of_program) => measured.extend(of_program),
            Err(error) => failures.push(format!("{language}: {error:#}")),
        }
    }
    drop(emulator);

    let rows = rows(&measured);
    println!("\n{}", report::table(&HEADINGS, &rows));
    println!("Medians of the rounds; the service's tokens are signed with RSA, 2048 bits.");
    println!("{}", machine::facts(machine::can_pin(workspace)));
    for failure in &failures {
        println!("\nfailed: {failure}");
    }
    if options.write && failures.is_empty() {
        write(workspace, &rows)?;
    }
    Ok(failures.is_empty())
}

fn measure(
    workspace: &Workspace,
    emulator: &Emulator,
    language: &'static str,
    place: usize,
    program: Command,
) -> Result<Vec<Measured>> {
    let mut program = machine::pinned(workspace, CLIENT_CORE, program);
    emulator.for_example(&mut program)?;
    report::step(&format!("measuring {language}"), || {
        let text = process::quiet(workspace, &format!("bench-verify-{place}"), &mut program)?;
        let measured: Option<Vec<Measured>> =
            text.lines().map(|line| Measured::read(language, line)).collect();
        match measured {
            Some(measured) if !measured.is_empty() => Ok(measured),
            _ => bail!("it printed:\n{}", text.trim_end()),
        }
    })
}

impl Measured {
    /// Reads a line such as `{"library":"agglestone","seen":[801,798],"anew":[23120,23981]}`.
    fn read(language: &'static str, line: &str) -> Option<Self> {
        let line: Value = serde_json::from_str(line).ok()?;
        let library = line.get("library")?.as_str()?.to_string();
        let median = |name: &str| tokens::rounds(&line, name).map(|rounds| tokens::median(&rounds));
        Some(Self { language, library, seen: median("seen")?, anew: median("anew")? })
    }
}

fn rows(measured: &[Measured]) -> Vec<Vec<String>> {
    let row = |one: &Measured| {
        let ours =
            measured.iter().find(|other| other.language == one.language && other.library == "agglestone");
        let times = |nanoseconds: f64, ours: Option<f64>| {
            let ours = ours.filter(|_| one.library != "agglestone");
            ours.map(|ours| format!("{:.2}", nanoseconds / ours)).unwrap_or_default()
        };
        vec![
            one.language.to_string(),
            one.library.clone(),
            format!("{:.2}", one.seen / 1000.0),
            times(one.seen, ours.map(|ours| ours.seen)),
            format!("{:.1}", one.anew / 1000.0),
            times(one.anew, ours.map(|ours| ours.anew)),
        ]
    };
    measured.iter().map(row).collect()
}

/// Puts the table into the page, in the place of the one before.
fn write(workspace: &Workspace, rows: &[Vec<String>]) -> Result<()> {
    let path = workspace.source(PAGE);
    let page = fs::read_to_string(&path).with_context(|| format!("{PAGE} can't be read"))?;
    let section = format!(
        "{TOKENS}\nBy `cargo xtask bench verify --write`: a token of the emulator, signed with RSA (2048 bits), that was verified \
         before, and one that was not or is not remembered. Only this client remembers tokens; PyJWT and jose have the signing \
         keys cached. Medians of 101 rounds. {}\n\n{}",
        machine::facts(machine::can_pin(workspace)),
        markdown(&HEADINGS, rows)
    );
    fs::write(&path, with_tokens(&page, &section))?;
    println!("wrote {PAGE}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_compares_a_library_with_the_client_in_its_language() {
        let read = |language, line| Measured::read(language, line).expect("all members are there");
        let measured = [
            read("Rust", r#"{"library":"agglestone","seen":[700,9000,690],"anew":[20000]}"#),
            read("Node", r#"{"library":"agglestone","seen":[2000],"anew":[40000]}"#),
            read("Node", r#"{"library":"jose","seen":[50000],"anew":[50000]}"#),
        ];
        let rows = rows(&measured);
        assert_eq!(rows[0], ["Rust", "agglestone", "0.70", "", "20.0", ""]);
        assert_eq!(rows[2], ["Node", "jose", "50.00", "25.00", "50.0", "1.25"]);
        assert!(Measured::read("Rust", "warming up").is_none());
    }
}
