//! What was measured, round by round, and what is said of it: medians, spread, ratios.

use serde_json::{Value, json};

use super::contestants::Contestant;
use super::workloads::Workload;
use crate::report;

/// One run of a program, for one call; memory for the whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Round {
    /// Microseconds that passed.
    pub wall: f64,
    /// Microseconds of processor time.
    pub cpu: f64,
    /// The most memory that the process had, in MB.
    pub memory: f64,
}

/// All rounds of a contestant in a workload, or why there are none.
pub struct Outcome {
    /// Whose they are.
    pub contestant: &'static Contestant,
    /// One for each run.
    pub rounds: Result<Vec<Round>, String>,
}

/// A workload's outcomes.
pub struct Comparison {
    /// What was done.
    pub workload: &'static Workload,
    /// In the order of the contestants.
    pub outcomes: Vec<Outcome>,
}

/// The middle one and how far the others lie apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// The middle one.
    pub median: f64,
    /// Half of the distance between the lowest and the highest, in percent of the median.
    pub spread: f64,
}

impl Summary {
    fn of(values: impl Iterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        let (low, high) = (values.first()?, values.last()?);
        let median = (values[(values.len() - 1) / 2] + values[values.len() / 2]) / 2.0;
        Some(Self { median, spread: (high - low) / 2.0 / median * 100.0 })
    }
}

impl Outcome {
    fn summary(&self, figure: fn(&Round) -> f64) -> Option<Summary> {
        Summary::of(self.rounds.as_ref().ok()?.iter().map(figure))
    }
}

impl Comparison {
    /// What the first column of the table is about.
    pub fn headings(&self) -> Vec<&'static str> {
        if self.workload.measures_memory() {
            return vec!["language", "library", ">MB", ">spread", ">times ours"];
        }
        let unit = [">µs per call", ">spread", ">times ours", ">CPU µs", ">times ours"];
        [&["language", "library"], unit.as_slice()].concat()
    }

    /// One line for each contestant.
    pub fn rows(&self) -> Vec<Vec<String>> {
        self.outcomes.iter().map(|outcome| self.row(outcome)).collect()
    }

    fn row(&self, outcome: &Outcome) -> Vec<String> {
        let face = outcome.contestant.program.face();
        let ours = self
            .outcomes
            .iter()
            .find(|other| other.contestant.is_ours() && other.contestant.program.face() == face);
        let figure = |figure: fn(&Round) -> f64| {
            let own = outcome.summary(figure);
            let ratio = own.zip(ours.and_then(|ours| ours.summary(figure)));
            let ratio = ratio.filter(|_| !outcome.contestant.is_ours());
            let ratio = ratio.map_or(String::new(), |(own, ours)| format!("{:.2}", own.median / ours.median));
            (own, ratio)
        };
        let mut row = vec![face.name().to_string(), outcome.contestant.name.to_string()];
        let shown =
            |summary: Option<Summary>| summary.map_or("failed".into(), |summary| number(summary.median));
        let spread = |summary: Option<Summary>| {
            summary.map_or(String::new(), |summary| format!("±{:.0} %", summary.spread))
        };
        if self.workload.measures_memory() {
            let (memory, ratio) = figure(|round| round.memory);
            row.extend([shown(memory), spread(memory), ratio]);
        } else {
            let ((wall, wall_ratio), (cpu, cpu_ratio)) =
                (figure(|round| round.wall), figure(|round| round.cpu));
            row.extend([shown(wall), spread(wall), wall_ratio, shown(cpu), cpu_ratio]);
        }
        row
    }

    /// For the file of results.
    pub fn json(&self) -> Value {
        let outcomes: Vec<Value> = self
            .outcomes
            .iter()
            .map(|outcome| {
                let rounds = outcome.rounds.as_ref().map(Vec::as_slice).unwrap_or_default();
                let of = |figure: fn(&Round) -> f64| -> Vec<f64> {
                    rounds.iter().map(|round| (figure(round) * 1000.0).round() / 1000.0).collect()
                };
                json!({
                    "language": outcome.contestant.program.face().name(),
                    "library": outcome.contestant.name,
                    "wallMicros": of(|round| round.wall),
                    "cpuMicros": of(|round| round.cpu),
                    "memoryMb": of(|round| round.memory),
                    "failure": outcome.rounds.as_ref().err(),
                })
            })
            .collect();
        json!({
            "id": self.workload.id,
            "title": self.workload.title,
            "measures": if self.workload.measures_memory() { "memoryMb" } else { "wallMicros" },
            "outcomes": outcomes,
        })
    }
}

/// Three digits are as many as are true.
fn number(value: f64) -> String {
    match value {
        value if value >= 100.0 => report::grouped(value.round() as u64),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::contestants::CONTESTANTS;
    use super::super::workloads::WORKLOADS;
    use super::*;

    #[test]
    fn a_row_has_medians_and_ratios_to_the_client_in_the_same_language() {
        let rounds = |factor: f64| {
            let round = |wall: f64| Round { wall: wall * factor, cpu: 5.0 * factor, memory: 9.0 };
            Ok(vec![round(30.0), round(20.0), round(22.0)])
        };
        let outcome = |index: usize, rounds| Outcome { contestant: &CONTESTANTS[index], rounds };
        let outcomes = vec![outcome(0, rounds(1.0)), outcome(1, rounds(3.0)), outcome(2, Err("no".into()))];
        let rows = Comparison { workload: &WORKLOADS[0], outcomes }.rows();
        assert_eq!(rows[0], ["C", "agglestone", "22.0", "±23 %", "", "5.00", ""]);
        assert_eq!(rows[1], ["C", "libcurl easy", "66.0", "±23 %", "3.00", "15.0", "3.00"]);
        assert_eq!(rows[2], ["C", "libcurl multi", "failed", "", "", "failed", ""]);
    }
}
