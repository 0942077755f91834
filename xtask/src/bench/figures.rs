//! `benches/instructions.json`: what a call cost when the figures were last written, before that, and by how much it may grow.

use std::fs;

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use crate::workspace::Workspace;

const FILE: &str = "benches/instructions.json";
/// Instructions and allocations may grow to this times what they were.
const GROWTH: f64 = 1.03;
/// Allocations never by a whole one, as a copy of a body would be, and always by as much as a buffer that grows now and then.
const NO_WHOLE_ONE: f64 = 0.5;
const SOME_CALLS: f64 = 0.05;
/// System calls may grow by this: how many answers a client finds in its sockets at a time is chance.
const SYSTEM_CALLS: f64 = 0.3;

/// What one call costs; what can't be counted is left out.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// Instructions in user space.
    pub instructions: Option<f64>,
    /// Calls of the C library's allocator.
    pub allocations: Option<f64>,
    /// System calls.
    pub system_calls: Option<f64>,
}

impl Figures {
    const NAMES: [&str; 3] = ["instructions", "allocations", "systemCalls"];

    /// In the order of the names.
    pub fn values(&self) -> [Option<f64>; 3] {
        [self.instructions, self.allocations, self.system_calls]
    }

    fn of([instructions, allocations, system_calls]: [Option<f64>; 3]) -> Self {
        Self { instructions, allocations, system_calls }
    }

    fn read(value: &Value) -> Self {
        Self::of(Self::NAMES.map(|name| value[name].as_f64()))
    }

    /// Each figure's median.
    pub fn medians(runs: &[Self]) -> Self {
        Self::of([0, 1, 2].map(|index| {
            let mut values: Vec<f64> = runs.iter().filter_map(|run| run.values()[index]).collect();
            values.sort_by(f64::total_cmp);
            values.get(values.len() / 2).copied()
        }))
    }

    /// The lower of each figure.
    pub fn lowest(&self, other: &Self) -> Self {
        let (mine, others) = (self.values(), other.values());
        Self::of([0, 1, 2].map(|index| match (mine[index], others[index]) {
            (Some(mine), Some(other)) => Some(mine.min(other)),
            (mine, other) => mine.or(other),
        }))
    }

    fn written(&self) -> Value {
        let members = Self::NAMES.into_iter().zip(self.values());
        let members = members.filter_map(|(name, value)| {
            let digits = if name == "instructions" { 1.0 } else { 100.0 };
            Some((name.to_string(), json!((value? * digits).round() / digits)))
        });
        // Whole numbers without a fraction, which serde_json would write.
        Value::Object(members.map(|(name, value)| (name, whole(value))).collect::<Map<_, _>>())
    }

    /// What grew over `then` by more than it may, in words.
    pub fn growth_over(&self, then: &Self) -> Vec<String> {
        let limits = [
            then.instructions.map(|value| value * GROWTH),
            then.allocations.map(|value| value + (value * (GROWTH - 1.0)).clamp(SOME_CALLS, NO_WHOLE_ONE)),
            then.system_calls.map(|value| value + SYSTEM_CALLS),
        ];
        let mut grown = Vec::new();
        for (((name, now), then), limit) in
            Self::NAMES.into_iter().zip(self.values()).zip(then.values()).zip(limits)
        {
            if let (Some(now), Some(then), Some(limit)) = (now, then, limit)
                && now > limit
            {
                grown.push(format!("{name} {then:.2} -> {now:.2}, at most {limit:.2}"));
            }
        }
        grown
    }
}

fn whole(value: Value) -> Value {
    match value.as_f64() {
        Some(number) if number.fract() == 0.0 => json!(number as u64),
        _ => value,
    }
}

/// The file.
pub struct Record(Map<String, Value>);

impl Record {
    /// Reads it; an empty one if there is none.
    pub fn load(workspace: &Workspace) -> Result<Self> {
        match fs::read_to_string(workspace.source(FILE)) {
            Ok(text) => serde_json::from_str(&text).map(Self).with_context(|| format!("{FILE} is not JSON")),
            Err(_) => Ok(Self(Map::new())),
        }
    }

    /// What `row` cost when it was last written.
    pub fn now(&self, row: &str) -> Option<Figures> {
        self.row(row, "now")
    }

    /// What it cost before that.
    pub fn before(&self, row: &str) -> Option<Figures> {
        self.row(row, "before")
    }

    fn row(&self, row: &str, when: &str) -> Option<Figures> {
        self.0.get("rows")?.get(row)?.get(when).map(Figures::read)
    }

    /// Takes the figures of a run; `before` stays what it was, or becomes the same where there was none or `is_start` says so.
    pub fn take(&mut self, facts: &[(&str, String)], rows: &[(&str, Figures)], is_start: bool) {
        for (name, fact) in facts {
            self.0.insert(name.to_string(), json!(fact));
        }
        let all = self.0.entry("rows").or_insert_with(|| json!({}));
        for (name, figures) in rows {
            let now = figures.written();
            let before = all.get(name).and_then(|row| row.get("before")).filter(|_| !is_start);
            let before = before.cloned().unwrap_or_else(|| now.clone());
            all[*name] = json!({ "before": before, "now": now });
        }
    }

    /// Writes it.
    pub fn save(&self, workspace: &Workspace) -> Result<()> {
        let text = serde_json::to_string_pretty(&self.0)? + "\n";
        fs::write(workspace.source(FILE), text).with_context(|| format!("cannot write {FILE}"))?;
        println!("wrote {FILE}");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(instructions: f64, allocations: f64, system_calls: f64) -> Figures {
        Figures {
            instructions: Some(instructions),
            allocations: Some(allocations),
            system_calls: Some(system_calls),
        }
    }

    #[test]
    fn growth_within_the_limits_is_none_and_beyond_them_is_named() {
        let then = figures(100_000.0, 50.0, 4.0);
        assert!(figures(102_900.0, 50.4, 4.29).growth_over(&then).is_empty());
        assert!(figures(50_000.0, 20.0, 1.0).growth_over(&then).is_empty());
        let grown = figures(103_100.0, 52.0, 4.31).growth_over(&then);
        assert_eq!(grown.len(), 3, "{grown:?}");
        assert!(grown[0].starts_with("instructions 100000.00 -> 103100.00"), "{grown:?}");
        // One more is too many, however many there are.
        assert_eq!(figures(1.0, 201.0, 1.0).growth_over(&figures(1.0, 200.0, 1.0)).len(), 1);
        // What could not be counted then or now is no growth.
        assert!(Figures::default().growth_over(&then).is_empty());
        assert!(then.growth_over(&Figures::default()).is_empty());
    }

    #[test]
    fn what_was_before_stays_until_a_start_is_made() {
        let mut record = Record(Map::new());
        record.take(&[], &[("a", figures(3.0, 2.0, 1.0))], false);
        record.take(&[("taken", "today".into())], &[("a", figures(2.0, 1.5, 0.254))], false);
        assert_eq!(record.before("a"), Some(figures(3.0, 2.0, 1.0)));
        assert_eq!(record.now("a"), Some(figures(2.0, 1.5, 0.25)));
        record.take(&[], &[("a", figures(1.0, 1.0, 1.0))], true);
        assert_eq!(record.before("a"), record.now("a"));
        assert_eq!(record.now("b"), None);
    }
}
