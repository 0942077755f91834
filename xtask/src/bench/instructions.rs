//! `cargo xtask bench instructions`: what a call costs in instructions, allocations and system calls, and whether that grew.
//! The work is fixed: a page of ten users, 2.7 KB, by plain HTTP from a server on this machine, or a token from the cache.

use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;

use super::counters::{self, Counts};
use super::figures::{Figures, Record};
use super::machine;
use super::programs::{self, Program};
use super::rows::{OURS, PEERS, Row};
use super::server::Server;
use crate::process;
use crate::report;
use crate::tools;
use crate::workspace::Workspace;

const HEADINGS: [&str; 8] =
    ["row", ">instructions", ">before", ">allocations", ">before", ">system calls", ">before", ""];

/// What to count, and what to do with the figures.
#[derive(Args, Clone)]
pub struct Options {
    /// Other libraries too; without it only the client
    #[arg(long)]
    peers: bool,
    /// Only rows with this in their name (repeat for more)
    #[arg(long, value_name = "TEXT")]
    only: Vec<String>,
    /// Write benches/instructions.json instead of comparing with it
    #[arg(long)]
    write: bool,
    /// With --write: take the figures also as those from which the work starts
    #[arg(long, requires = "write")]
    start: bool,
    /// Count so many times and show by how much the counts differ
    #[arg(long, value_name = "TIMES", default_value_t = 1)]
    repeat: usize,
}

/// Counts and prints; false if a row grew or could not be counted.
pub fn run(workspace: &Workspace, options: &Options) -> Result<bool> {
    for tool in ["valgrind", "strace"] {
        let found = tools::runs(workspace, tool, tool);
        if found.is_err() && !tools::install_in_ci(workspace, tool) {
            bail!("missing: {tool} (get it: apt-get install {tool})");
        }
    }
    let is_chosen =
        |row: &&Row| options.only.is_empty() || options.only.iter().any(|text| row.name.contains(text));
    let peers = PEERS.iter().filter(|_| options.peers);
    let rows: Vec<&Row> = OURS.iter().chain(peers).filter(is_chosen).collect();
    ensure!(!rows.is_empty(), "no row has that in its name");

    programs::build_native(workspace)?;
    let server = Server::start(workspace, &[])?;
    let mut record = Record::load(workspace)?;
    let mut prepared: Vec<(Program, Result<Command, String>)> = Vec::new();
    let (mut table, mut taken, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        if !prepared.iter().any(|(program, _)| *program == row.program) {
            let command = row.program.prepare(workspace).map_err(|error| format!("{error:#}"));
            prepared.push((row.program, command));
        }
        let (_, command) = prepared.iter().find(|(program, _)| *program == row.program).expect("just made");
        let counted = match command {
            Ok(command) => count(workspace, &server, row, command, options.repeat),
            Err(error) => Err(anyhow::anyhow!("{error}")),
        };
        match counted {
            Ok(figures) => {
                let grown = record.now(row.name).map(|then| figures.growth_over(&then));
                let is_ours = OURS.iter().any(|ours| ours.name == row.name);
                let verdict = match &grown {
                    None => "new".to_string(),
                    Some(grown) if grown.is_empty() => String::new(),
                    Some(grown) => format!("grew: {}", grown.join("; ")),
                };
                if is_ours && !options.write && !verdict.is_empty() {
                    problems.push(format!("{}: {verdict}", row.name));
                }
                table.push(line(row, &figures, record.before(row.name).unwrap_or_default(), verdict));
                taken.push((row.name, figures));
            }
            Err(error) => problems.push(format!("{}: {error:#}", row.name)),
        }
    }
    drop(server);

    println!("\n{}", report::table(&HEADINGS, &table));
    for problem in &problems {
        println!("failed: {problem}");
    }
    if options.write {
        record.take(&facts(workspace)?, &taken, options.start);
        record.save(workspace)?;
    }
    Ok(problems.is_empty())
}

/// What the figures depend on besides this project.
fn facts(workspace: &Workspace) -> Result<Vec<(&'static str, String)>> {
    let version = |program: &str| -> Result<String> {
        let text = process::output(process::command(workspace, program).arg("--version"))?;
        Ok(text.lines().next().unwrap_or_default().to_string())
    };
    let tools = ["rustc", "cc", "python3", "node", "valgrind", "strace"].map(version);
    let tools: Vec<String> = tools.into_iter().collect::<Result<_>>()?;
    let today = process::output(process::command(workspace, "date").args(["--utc", "+%Y-%m-%d"]))?;
    Ok(vec![("taken", today), ("tools", tools.join("; ")), ("machine", machine::cpu())])
}

/// One row, several times over if so wanted; gives the last figures.
fn count(
    workspace: &Workspace,
    server: &Server,
    row: &Row,
    program: &Command,
    repeat: usize,
) -> Result<Figures> {
    report::step(&format!("counting {}", row.name), || {
        let runs: Vec<Figures> =
            (0..repeat.max(1)).map(|_| count_once(workspace, server, row, program)).collect::<Result<_>>()?;
        if repeat > 1 {
            print_spread(&runs);
        }
        runs.last().copied().context("there was a run")
    })
}

fn count_once(workspace: &Workspace, server: &Server, row: &Row, program: &Command) -> Result<Figures> {
    let file: String = row.name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let command = |calls: usize| {
        let mut command = machine::copy(program);
        command.args([row.way, &calls.to_string(), &row.at_once.to_string(), "0"]);
        server.configure(&mut command);
        command
    };
    let both = |counter: fn(&Workspace, &str, Command) -> Result<Counts>| -> Result<[Counts; 2]> {
        let [short, long] = row.calls;
        Ok([
            counter(workspace, &format!("{file}-short"), command(short))?,
            counter(workspace, &file, command(long))?,
        ])
    };
    let a_call = |counts: [Option<u64>; 2]| {
        let [short, long] = counts;
        Some((long? as f64 - short? as f64) / (row.calls[1] - row.calls[0]) as f64)
    };
    let mut figures = Figures::default();
    if row.under_valgrind {
        let counts = both(counters::instructions)?;
        figures.instructions = a_call(counts.map(|counts| counts.instructions));
        figures.allocations = a_call(counts.map(|counts| counts.allocations));
    }
    let counts = both(counters::system_calls)?;
    figures.system_calls = a_call(counts.map(|counts| counts.system_calls));
    Ok(figures)
}

fn print_spread(runs: &[Figures]) {
    for (index, name) in ["instructions", "allocations", "system calls"].into_iter().enumerate() {
        let values: Vec<f64> = runs.iter().filter_map(|run| run.values()[index]).collect();
        let (low, high) = values
            .iter()
            .fold((f64::INFINITY, 0.0_f64), |(low, high), value| (low.min(*value), high.max(*value)));
        if low > 0.0 && low.is_finite() {
            print!("{name} {low:.2} to {high:.2} ({:.2} %), ", (high / low - 1.0) * 100.0);
        }
    }
}

fn line(row: &Row, now: &Figures, before: Figures, verdict: String) -> Vec<String> {
    let whole = |value: Option<f64>| value.map_or("-".into(), |value| report::grouped(value.round() as u64));
    let exact = |value: Option<f64>| value.map_or("-".into(), |value| format!("{value:.2}"));
    vec![
        row.name.to_string(),
        whole(now.instructions),
        whole(before.instructions),
        exact(now.allocations),
        exact(before.allocations),
        exact(now.system_calls),
        exact(before.system_calls),
        verdict,
    ]
}
