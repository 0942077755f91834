//! `cargo xtask bench instructions`: what a call costs in instructions, allocations and system calls, and whether that grew.
//! The work is fixed: a page of ten users, 2.7 KB, from a server on this machine, or a token from the cache.

use std::process::Command;

use anyhow::{Result, bail, ensure};
use clap::Args;

use super::counters::{self, Counts};
use super::figures::{Figures, Record};
use super::machine;
use super::nginx::Nginx;
use super::programs::{self, BARE, CALLS, Program, SERVER};
use super::rows::{OURS, PEERS, Row};
use super::server::Server;
use crate::process;
use crate::report;
use crate::tools;
use crate::workspace::Workspace;

const HEADINGS: [&str; 8] =
    ["row", ">instructions", ">before", ">allocations", ">before", ">system calls", ">before", ""];

/// How often a row that seems to have grown is counted again.
const MORE_TRIES: usize = 6;
/// Whether an answer has come when a client looks for it is chance, and a run under strace is short: the median counts.
const STRACE_RUNS: usize = 3;

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
    /// Count so often, show by how much the counts differ, and take the medians; 3 with --write
    #[arg(long, value_name = "TIMES")]
    repeat: Option<usize>,
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

    let repeat = options.repeat.unwrap_or(if options.write { 3 } else { 1 });
    let native: &[&str] = if options.peers { &[SERVER, CALLS, BARE] } else { &[SERVER, CALLS] };
    programs::build_native(workspace, native)?;
    let servers = Servers::start(workspace, rows.iter().any(|row| row.tls.is_some()))?;
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
            Ok(command) => {
                let counter = Counter { workspace, servers: &servers, row, program: command };
                let then = record.now(row.name).filter(|_| !options.write);
                report::step(&format!("counting {}", row.name), || counter.figures(repeat, then))
            }
            Err(error) => Err(anyhow::anyhow!("{error}")),
        };
        match counted {
            Ok(figures) => {
                let then = record.now(row.name);
                let grown = then.map(|then| figures.growth_over(&then)).filter(|_| !options.write);
                let is_ours = OURS.iter().any(|ours| ours.name == row.name);
                let verdict = match &grown {
                    None if options.write => "",
                    None => "new",
                    Some(grown) if grown.is_empty() => "",
                    Some(_) => "grew",
                };
                if is_ours && !verdict.is_empty() {
                    let how = grown.map(|grown| grown.join("; ")).unwrap_or_default();
                    problems.push(format!("{}: {verdict} {how}", row.name));
                }
                table.push(line(row, &figures, record.before(row.name).unwrap_or_default(), verdict));
                taken.push((row.name, figures));
            }
            Err(error) => problems.push(format!("{}: {error:#}", row.name)),
        }
    }
    drop(servers);

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
    let today = process::output(process::command(workspace, "date").args(["--utc", "+%Y-%m-%d"]))?;
    Ok(vec![("taken", today), ("tools", programs::versions(workspace)?), ("machine", machine::cpu())])
}

/// The server with fixed answers, twice, and one for TLS.
struct Servers {
    at_once: Server,
    after_a_while: Server,
    tls: Option<Nginx>,
}

impl Servers {
    fn start(workspace: &Workspace, with_tls: bool) -> Result<Self> {
        Ok(Self {
            at_once: Server::start(workspace, &[])?,
            after_a_while: Server::start(workspace, &["--delay-ms", "1"])?,
            tls: with_tls.then(|| Nginx::start(workspace)).transpose()?,
        })
    }

    /// Gives a program the server of `row`. While system calls are counted, one call after the other always waits for its answer, as
    /// it would on a network: whether an answer is there already when a client looks for it would otherwise be chance.
    fn configure(&self, command: &mut Command, row: &Row, counts_system_calls: bool) {
        match (&self.tls, row.tls) {
            (Some(nginx), Some(offer)) => nginx.configure(command, offer),
            _ if counts_system_calls && row.at_once == 1 => self.after_a_while.configure(command),
            _ => self.at_once.configure(command),
        }
    }
}

/// What counts one row.
struct Counter<'a> {
    workspace: &'a Workspace,
    servers: &'a Servers,
    row: &'a Row,
    program: &'a Command,
}

impl Counter<'_> {
    /// The medians of `repeat` runs. What seems to have grown over `then` is counted again: when threads take turns in another
    /// way, calls cost more, never less.
    fn figures(&self, repeat: usize, then: Option<Figures>) -> Result<Figures> {
        let runs: Vec<Figures> = (0..repeat.max(1)).map(|_| self.once()).collect::<Result<_>>()?;
        if repeat > 1 {
            print_spread(&runs);
        }
        let mut figures = Figures::medians(&runs);
        for _ in 0..MORE_TRIES {
            if then.is_none_or(|then| figures.growth_over(&then).is_empty()) {
                break;
            }
            figures = figures.lowest(&self.once()?);
        }
        Ok(figures)
    }

    fn once(&self) -> Result<Figures> {
        let mut figures = Figures::default();
        if self.row.under_valgrind {
            let counts = self.both(counters::instructions, false)?;
            figures.instructions = self.a_call(counts.map(|counts| counts.instructions));
            figures.allocations = self.a_call(counts.map(|counts| counts.allocations));
        }
        let runs = (0..STRACE_RUNS).map(|_| {
            let counts = self.both(counters::system_calls, true)?;
            let system_calls = self.a_call(counts.map(|counts| counts.system_calls));
            Ok(Figures { system_calls, ..Figures::default() })
        });
        figures.system_calls = Figures::medians(&runs.collect::<Result<Vec<_>>>()?).system_calls;
        Ok(figures)
    }

    /// The counts of the shorter and of the longer run.
    fn both(
        &self,
        counter: fn(&Workspace, &str, Command) -> Result<Counts>,
        counts_system_calls: bool,
    ) -> Result<[Counts; 2]> {
        let name = self.row.name.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        let [short, long] = self.row.calls;
        Ok([
            counter(self.workspace, &format!("{name}-short"), self.command(short, counts_system_calls))?,
            counter(self.workspace, &name, self.command(long, counts_system_calls))?,
        ])
    }

    fn command(&self, calls: usize, counts_system_calls: bool) -> Command {
        let mut command = machine::copy(self.program);
        command.args([self.row.way, &calls.to_string(), &self.row.at_once.to_string(), "0"]);
        self.servers.configure(&mut command, self.row, counts_system_calls);
        command
    }

    /// What is left of the difference for each call; whatever starts and ends a program is in both counts.
    fn a_call(&self, [short, long]: [Option<u64>; 2]) -> Option<f64> {
        let calls = self.row.calls[1] - self.row.calls[0];
        // A call that costs nothing may come out just below.
        Some(((long? as f64 - short? as f64) / calls as f64).max(0.0))
    }
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

fn line(row: &Row, now: &Figures, before: Figures, verdict: &str) -> Vec<String> {
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
        verdict.to_string(),
    ]
}
