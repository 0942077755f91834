//! `cargo xtask bench compare`: a call by the client beside the same call by the libraries that people would use instead. All runs of a
//! workload are interleaved, so that whatever else the machine does meets everyone.

mod contestants;
mod page;
mod results;
mod stage;
mod workloads;

use std::collections::HashMap;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::{Value, json};

use self::contestants::{CONTESTANTS, Contestant};
use self::results::{Comparison, Outcome, Round};
use self::stage::Stage;
use self::workloads::{From, How, WORKLOADS, Workload};
use super::machine::{self, CLIENT_CORE};
use super::peers;
use super::programs::{self, BARE, CALLS, Program, SERVER};
use crate::process;
use crate::report;
use crate::workspace::Workspace;

/// What to compare, and how long.
#[derive(Args, Clone)]
pub struct Options {
    /// Only these languages (repeat, or separate with commas): C, C#, Node, Python, Rust
    #[arg(long, value_delimiter = ',')]
    language: Vec<String>,
    /// Only workloads whose id begins so (repeat, or separate with commas)
    #[arg(long, value_delimiter = ',')]
    workload: Vec<String>,
    /// Runs of each program in each workload
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// About how many milliseconds a run is measured for
    #[arg(long, default_value_t = 150, value_parser = clap::value_parser!(u32).range(10..))]
    run_ms: u32,
}

/// Compares, prints, and writes `docs/benchmarks.md` unless something was left out; false if one of the client's programs failed.
pub fn run(workspace: &Workspace, options: &Options) -> Result<bool> {
    let is_chosen = |contestant: &&'static Contestant| {
        let language = contestant.program.face().name();
        options.language.is_empty()
            || options.language.iter().any(|wanted| wanted.eq_ignore_ascii_case(language))
    };
    let contestants: Vec<&'static Contestant> = CONTESTANTS.iter().filter(is_chosen).collect();
    let workloads: Vec<&'static Workload> = WORKLOADS
        .iter()
        .filter(|workload| {
            options.workload.is_empty()
                || options.workload.iter().any(|start| workload.id.starts_with(start.as_str()))
        })
        .collect();
    ensure!(!contestants.is_empty() && !workloads.is_empty(), "nothing of that name is compared");

    let start = Instant::now();
    let programs = prepare(workspace, &contestants)?;
    let stage = Stage::set(
        workspace,
        workloads.iter().any(|workload| matches!(workload.from, From::Tls | From::Http2)),
    )?;
    let mut comparisons = Vec::new();
    for workload in &workloads {
        let arena = Arena { workspace, stage: &stage, workload, options };
        let comparison = report::step(workload.title, || arena.compare(&contestants, &programs))?;
        println!("\n{}", report::table(&comparison.headings(), &comparison.rows()));
        comparisons.push(comparison);
    }
    drop(stage);

    let facts = facts(workspace, options)?;
    println!(
        "{} rounds in {}; {}",
        options.rounds,
        report::seconds(start.elapsed()),
        machine::facts(machine::can_pin(workspace))
    );
    let failures = failures(&comparisons);
    for failure in &failures {
        println!("failed: {failure}");
    }
    let is_whole = contestants.len() == CONTESTANTS.len() && workloads.len() == WORKLOADS.len();
    page::write(workspace, &comparisons, &facts, is_whole)?;
    let is_ours = |outcome: &Outcome| outcome.contestant.is_ours() && outcome.rounds.is_err();
    Ok(!comparisons.iter().flat_map(|comparison| &comparison.outcomes).any(is_ours))
}

/// Every program that a contestant needs, or why it can't be had.
fn prepare(
    workspace: &Workspace,
    contestants: &[&'static Contestant],
) -> Result<HashMap<Program, Result<Command, String>>> {
    programs::build_native(workspace, &[SERVER, CALLS, BARE])?;
    let mut programs = HashMap::new();
    for contestant in contestants {
        let program = contestant.program;
        programs
            .entry(program)
            .or_insert_with(|| program.prepare(workspace).map_err(|error| format!("{error:#}")));
    }
    Ok(programs)
}

fn failures(comparisons: &[Comparison]) -> Vec<String> {
    let mut failures = Vec::new();
    for comparison in comparisons {
        for outcome in &comparison.outcomes {
            if let Err(error) = &outcome.rounds {
                let (face, name) = (outcome.contestant.program.face().name(), outcome.contestant.name);
                failures.push(format!("{}, {face}, {name}: {error}", comparison.workload.title));
            }
        }
    }
    failures
}

fn facts(workspace: &Workspace, options: &Options) -> Result<Value> {
    let today = process::output(process::command(workspace, "date").args(["--utc", "+%Y-%m-%d"]))?;
    Ok(json!({
        "taken": today,
        "machine": machine::facts(machine::can_pin(workspace)),
        "tools": programs::versions(workspace)?,
        "libraries": peers::versions(workspace)?,
        "rounds": options.rounds,
        "runMs": options.run_ms,
    }))
}

/// One workload with the servers.
struct Arena<'a> {
    workspace: &'a Workspace,
    stage: &'a Stage,
    workload: &'static Workload,
    options: &'a Options,
}

impl Arena<'_> {
    fn compare(
        &self,
        contestants: &[&'static Contestant],
        programs: &HashMap<Program, Result<Command, String>>,
    ) -> Result<Comparison> {
        let able = contestants.iter().filter(|contestant| self.workload.way_of(contestant).is_some());
        let mut outcomes: Vec<Outcome> =
            able.map(|contestant| Outcome { contestant, rounds: Ok(Vec::new()) }).collect();
        // How fast each is, so that all are measured for about the same time.
        let mut calls = Vec::new();
        for outcome in &mut outcomes {
            let program = programs[&outcome.contestant.program].as_ref();
            let pace =
                program.map_err(Clone::clone).and_then(|program| self.pace(program, outcome.contestant));
            calls.push(pace.clone().unwrap_or_default());
            if let Err(error) = pace {
                outcome.rounds = Err(error);
            }
        }
        for _ in 0..self.options.rounds {
            for (outcome, calls) in outcomes.iter_mut().zip(&calls) {
                if let Ok(rounds) = &mut outcome.rounds {
                    let program = programs[&outcome.contestant.program].as_ref().expect("it had a pace");
                    match self.round(program, outcome.contestant, *calls, self.warm_up(outcome.contestant)) {
                        Ok(round) => rounds.push(round),
                        Err(error) => outcome.rounds = Err(error),
                    }
                }
            }
        }
        Ok(Comparison { workload: self.workload, outcomes })
    }

    /// How many calls fill a run.
    fn pace(&self, program: &Command, contestant: &Contestant) -> Result<usize, String> {
        let at_once = self.workload.at_once();
        match self.workload.how {
            How::Cold => Ok(1),
            How::Memory(_) => Ok(at_once),
            _ => {
                let round = self.round(program, contestant, at_once.max(200), self.warm_up(contestant))?;
                let calls = f64::from(self.options.run_ms) * 1000.0 / round.wall;
                Ok((calls as usize).clamp(at_once.max(50), 100_000))
            }
        }
    }

    fn warm_up(&self, contestant: &Contestant) -> usize {
        match self.workload.how {
            How::Cold | How::Memory(_) => 0,
            // More functions of which each is run less often: .NET takes its time before it compiles them for good.
            How::Watched if contestant.compiles_late() => 20_000,
            _ if contestant.compiles_late() => 3_000.max(self.workload.at_once()),
            _ => 50.max(self.workload.at_once()),
        }
    }

    fn round(
        &self,
        program: &Command,
        contestant: &Contestant,
        calls: usize,
        warm_up: usize,
    ) -> Result<Round, String> {
        let round = self.try_round(program, contestant, calls, warm_up);
        // The rest is in the log.
        round.map_err(|error| format!("{error:#}").lines().next_back().unwrap_or_default().to_string())
    }

    fn try_round(
        &self,
        program: &Command,
        contestant: &Contestant,
        calls: usize,
        warm_up: usize,
    ) -> Result<Round> {
        let way = self.workload.way_of(contestant).context("it has no such way")?;
        let mut command = machine::copy(program);
        let numbers = [calls, self.workload.at_once(), warm_up].map(|number| number.to_string());
        command.arg(way).args(numbers).env("BENCH_PAGE_SIZE", self.workload.users.to_string());
        self.stage.configure(&mut command, self.workload.from)?;
        if !self.workload.on_all_cores {
            command = machine::pinned(self.workspace, CLIENT_CORE, command);
        }
        let start = Instant::now();
        let log = format!("bench-compare-{:?}", contestant.program);
        let text = process::quiet(self.workspace, &log, &mut command)?;
        let whole = start.elapsed();
        // Above it may be what a library says on its way out.
        let line = text.lines().rev().find(|line| line.starts_with('{')).context("it printed no result")?;
        let result: Value = serde_json::from_str(line)?;
        let figure = |name: &str| result[name].as_f64().with_context(|| format!("no {name} in {line}"));
        let wall = match self.workload.how {
            How::Cold => whole.as_nanos() as f64,
            _ => figure("wallNs")?,
        };
        let a_call = 1000.0 * calls as f64;
        Ok(Round { wall: wall / a_call, cpu: figure("cpuNs")? / a_call, memory: figure("peakKb")? / 1000.0 })
    }
}
