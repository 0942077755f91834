//! Adds up the suites. A suite that could not be built, or that ran no test, is a failed test; nothing is left out without a reason.

use std::ops::AddAssign;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Error, Result};

use crate::count::Count;
use crate::process;
use crate::report;
use crate::workspace::Workspace;

/// A suite that ran: what its runner counted.
#[derive(Default)]
pub struct Ran {
    count: Count,
    // Kept only where there is something to show.
    failure: Option<String>,
}

impl Ran {
    /// A check of one thing that held.
    pub fn one() -> Self {
        Self { count: Count { passed: 1, ..Count::default() }, failure: None }
    }

    /// A check of one thing that did not.
    pub fn failed(why: String) -> Self {
        Self { count: Count { failed: 1, ..Count::default() }, failure: Some(why) }
    }

    /// What there is to show if something failed.
    pub fn failure(self) -> Option<String> {
        self.failure
    }
}

impl AddAssign for Ran {
    fn add_assign(&mut self, other: Self) {
        self.count += other.count;
        self.failure = match (self.failure.take(), other.failure) {
            (Some(one), Some(two)) => Some(format!("{one}\n{two}")),
            (one, two) => one.or(two),
        };
    }
}

/// Runs a test runner whose output `read` counts. All of its output is shown if anything failed.
pub fn ran(workspace: &Workspace, log: &str, command: &mut Command, read: fn(&str) -> Count) -> Result<Ran> {
    let done = process::captured(workspace, log, command)?;
    let mut count = read(&done.text);
    if !done.status.success() && count.failed == 0 {
        // It crashed, or could not run all of its tests.
        count.failed = 1;
    }
    let failure = (count.failed > 0).then(|| format!("{}\n({})", done.text.trim_end(), done.status));
    Ok(Ran { count, failure })
}

#[derive(Default)]
pub struct Tally {
    rows: Vec<Vec<String>>,
    total: Count,
    skips: Vec<String>,
}

impl Tally {
    /// Runs one suite.
    pub fn suite(&mut self, name: &str, work: impl FnOnce() -> Result<Ran>) {
        println!("--- {name}");
        let start = Instant::now();
        match work() {
            Ok(ran) => self.add(name, ran, start.elapsed()),
            Err(error) => self.add_broken(name, &error, start.elapsed()),
        }
    }

    /// A suite that can't be had on this machine.
    pub fn skip(&mut self, name: &str, reason: &str) {
        println!("--- {name}: skipped: {reason}");
        self.skips.push(format!("{name}: {reason}"));
        self.row(name, Count { skipped: 1, ..Count::default() }, Duration::ZERO);
    }

    /// A step without which several suites can't run.
    pub fn broken(&mut self, name: &str, error: &Error) {
        self.add_broken(name, error, Duration::ZERO);
    }

    fn add_broken(&mut self, name: &str, error: &Error, time: Duration) {
        println!("{name} could not run: {error:#}");
        self.row(name, Count { failed: 1, ..Count::default() }, time);
    }

    fn add(&mut self, name: &str, ran: Ran, time: Duration) {
        let mut count = ran.count;
        if let Some(text) = ran.failure {
            println!("{text}");
        }
        if count == Count::default() {
            println!("{name} ran no test");
            count.failed = 1;
        }
        if count.skipped > 0 {
            self.skips.push(format!("{name}: {} left out by the suite itself", count.skipped));
        }
        println!(
            "    {} passed, {} failed, {} skipped in {}",
            count.passed,
            count.failed,
            count.skipped,
            report::seconds(time)
        );
        self.row(name, count, time);
    }

    fn row(&mut self, name: &str, count: Count, time: Duration) {
        self.total += count;
        let numbers = [count.passed, count.failed, count.skipped].map(|number| number.to_string());
        self.rows.push([vec![name.to_string()], numbers.to_vec(), vec![report::seconds(time)]].concat());
    }

    /// Prints the table, the skipped and the total; true if that is a success. `complete`: a skip is a failure too.
    pub fn finish(mut self, complete: bool) -> bool {
        println!("\n{}", report::table(&["suite", ">passed", ">failed", ">skipped", ">time"], &self.rows));
        for skip in &self.skips {
            println!("skipped: {skip}");
        }
        if complete && self.total.skipped > 0 {
            println!("CI=true: nothing may be skipped, so these count as failed");
            self.total.failed += self.total.skipped;
            self.total.skipped = 0;
        }
        let Count { passed, failed, skipped } = self.total;
        let skipped = if skipped > 0 { format!(", {skipped} skipped") } else { String::new() };
        println!("{passed} passed, {failed} failed{skipped}");
        failed == 0 && passed > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(passed: u32, failed: u32, skipped: u32) -> Result<Ran> {
        Ok(Ran { count: Count { passed, failed, skipped }, failure: None })
    }

    #[test]
    fn a_suite_without_tests_and_one_that_is_not_built_are_failures() {
        let mut tally = Tally::default();
        tally.suite("empty", || counted(0, 0, 0));
        tally.suite("broken", || anyhow::bail!("no compiler"));
        tally.suite("fine", || counted(3, 0, 0));
        assert_eq!(tally.total, Count { passed: 3, failed: 2, skipped: 0 });
        assert!(!tally.finish(false));
    }

    #[test]
    fn a_skip_is_a_failure_only_where_everything_must_run() {
        let tally = || {
            let mut tally = Tally::default();
            tally.suite("fine", || counted(1, 0, 0));
            tally.skip("C#", "no SDK");
            tally
        };
        assert!(tally().finish(false));
        assert!(!tally().finish(true));
    }
}
