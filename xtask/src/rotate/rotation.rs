//! The rotation itself, in the order of the vendor's guide, and what it came to.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::Value;

use super::keys::{Slot, fingerprint};
use super::screen::Screen;
use super::service::{Report, Service, app_name};
use crate::emulator::Emulator;
use crate::faces::Face;
use crate::report;

/// Longest that a service may take to do what it should. A client notices a replaced file within a second.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often the screen is drawn.
const FRAME: Duration = Duration::from_millis(200);

const HEADINGS: [&str; 6] =
    ["service", ">calls", ">failovers", ">refused requests", ">failures", "key in use"];

/// Services at work and the keys they should use.
pub struct Rotation<'a> {
    emulator: &'a Emulator,
    services: Vec<Service>,
    primary: String,
    secondary: String,
    pause: Duration,
    screen: Screen,
    problems: Vec<String>,
}

/// How it ended.
pub struct Outcome {
    /// The last table and the totals, as people read them.
    pub text: String,
    /// What must not be.
    pub problems: Vec<String>,
}

impl<'a> Rotation<'a> {
    /// Nothing happens yet, but that the services call.
    pub fn new(emulator: &'a Emulator, services: Vec<Service>, keys: [String; 2], pause: Duration) -> Self {
        let [primary, secondary] = keys;
        let (screen, problems) = (Screen::new(), Vec::new());
        Self { emulator, services, primary, secondary, pause, screen, problems }
    }

    /// Replaces both keys `rotations` times, then ends the services.
    pub fn run(mut self, rotations: u32) -> Result<Outcome> {
        self.screen.say("every service starts, with two key files of its own");
        self.expect("started to call", |report| report.calls > 0)?;
        self.wait(self.pause)?;
        for number in 1..=rotations {
            self.screen.say(&format!("rotation {number} of {rotations}"));
            self.rotate()?;
        }
        self.finish(rotations)
    }

    /// Services run on the secondary while a new primary is generated; they move to the new primary one at a time; then a new
    /// secondary is generated.
    fn rotate(&mut self) -> Result<()> {
        self.primary = self.generate(Slot::Primary)?;
        self.screen.say("  a new primary key is generated: the old one is refused from now on");
        let secondary = fingerprint(&self.secondary);
        self.expect("gone on with the secondary key", |report| report.key == secondary)?;
        self.wait(self.pause)?;

        let primary = fingerprint(&self.primary);
        for index in 0..self.services.len() {
            let service = &self.services[index];
            self.screen.say(&format!("  the {} service gets the new primary key", service.face.name()));
            service.give(Slot::Primary, &self.primary)?;
            self.expect_of(index, "taken the new primary key", |report| report.key == primary)?;
            self.wait(self.pause)?;
        }

        self.secondary = self.generate(Slot::Secondary)?;
        self.screen.say("  a new secondary key is generated, and given to one service after the other");
        for index in 0..self.services.len() {
            self.services[index].give(Slot::Secondary, &self.secondary)?;
            self.wait(self.pause / 2)?;
        }
        self.wait(self.pause)
    }

    fn generate(&self, slot: Slot) -> Result<String> {
        let answer = self.emulator.control("POST", &format!("keys/{}", slot.name()))?;
        let key = answer.get("apiKey").and_then(Value::as_str);
        Ok(key.context("the emulator generated no key")?.to_string())
    }

    /// Waits until every service did something; it is a problem of each one that does not.
    fn expect(&mut self, what: &str, did: impl Fn(&Report) -> bool) -> Result<()> {
        (0..self.services.len()).try_for_each(|index| self.expect_of(index, what, &did))
    }

    /// The same of one service. For one that is gone nobody waits: it says itself what is wrong, at the end.
    fn expect_of(&mut self, index: usize, what: &str, did: impl Fn(&Report) -> bool) -> Result<()> {
        let over = |service: &Service| did(&service.report()) || service.has_ended();
        if !self.watch(PATIENCE, |services| over(&services[index]))? {
            let name = self.services[index].face.name();
            self.problems.push(format!("{name} has not {what} within {} s", PATIENCE.as_secs()));
        }
        Ok(())
    }

    fn wait(&mut self, time: Duration) -> Result<()> {
        self.watch(time, |_| false).map(|_| ())
    }

    /// Shows how it goes until something is so or the time is over; whether it is so.
    fn watch(&mut self, limit: Duration, is_so: impl Fn(&[Service]) -> bool) -> Result<bool> {
        let start = Instant::now();
        loop {
            let rows: Vec<(Face, Report)> =
                self.services.iter().map(|service| (service.face, service.report())).collect();
            self.screen.show(&self.table(&rows)?, &line(&rows));
            if is_so(&self.services) {
                return Ok(true);
            }
            let left = limit.saturating_sub(start.elapsed());
            if left.is_zero() {
                return Ok(false);
            }
            std::thread::sleep(left.min(FRAME));
        }
    }

    fn finish(mut self, rotations: u32) -> Result<Outcome> {
        self.services.iter_mut().for_each(Service::ask_to_end);
        let mut rows = Vec::new();
        for service in std::mem::take(&mut self.services) {
            let face = service.face;
            let (report, checked) = service.end();
            if let Err(error) = checked {
                self.problems.push(format!("{}: {error:#}", face.name()));
            } else if report.failovers < rotations.into() {
                // Then its key was never refused while it called, and nothing was shown.
                self.problems.push(format!("{} failed over {} times only", face.name(), report.failovers));
            }
            rows.push((face, report));
        }
        self.screen.finish();
        let failures: u64 = rows.iter().map(|(_, report)| report.failures).sum();
        let mut text = format!("\n{}\nFailures: {failures}\n", self.table(&rows)?);
        for problem in &self.problems {
            text += &format!("\nfailed: {problem}\n");
        }
        Ok(Outcome { text, problems: self.problems })
    }

    /// One row a service, and the totals.
    fn table(&self, rows: &[(Face, Report)]) -> Result<String> {
        // The service side's view: requests with a key that was not accepted. The same call made each of them good.
        let known = self.emulator.control("GET", "keys")?;
        let refused: Vec<u64> = rows.iter().map(|(face, _)| refused(&known, &app_name(*face))).collect();
        let mut cells: Vec<Vec<String>> = Vec::new();
        for ((face, report), refused) in rows.iter().zip(&refused) {
            let numbers = [report.calls, report.failovers, *refused, report.failures].map(report::grouped);
            cells.push(
                [vec![face.name().to_string()], numbers.to_vec(), vec![self.shown(&report.key)]].concat(),
            );
        }
        let sum = |number: fn(&Report) -> u64| rows.iter().map(|(_, report)| number(report)).sum::<u64>();
        let totals = [
            sum(|report| report.calls),
            sum(|report| report.failovers),
            refused.iter().sum(),
            sum(|report| report.failures),
        ];
        cells.push(
            [vec!["total".to_string()], totals.map(report::grouped).to_vec(), vec![String::new()]].concat(),
        );
        Ok(report::table(&HEADINGS, &cells))
    }

    /// `0eb13549 primary`
    fn shown(&self, key: &str) -> String {
        let slot = match key {
            "" => "",
            key if key == fingerprint(&self.primary) => " primary",
            key if key == fingerprint(&self.secondary) => " secondary",
            _ => " replaced",
        };
        format!("{key}{slot}")
    }
}

/// For output that can't be redrawn: calls, failovers and failures of every service.
fn line(rows: &[(Face, Report)]) -> String {
    let parts = rows.iter().map(|(face, report)| {
        format!("{} {}/{}/{}", face.name(), report.calls, report.failovers, report.failures)
    });
    format!("  calls/failovers/failures: {}", parts.collect::<Vec<_>>().join(", "))
}

/// How many requests of callers with this name were refused, in the emulator's report on keys.
fn refused(report: &Value, app_name: &str) -> u64 {
    let list = |value: &Value, name: &str| value[name].as_array().cloned().unwrap_or_default();
    let callers = list(report, "keys").into_iter().flat_map(|key| list(&key, "callers"));
    let mine =
        callers.filter(|caller| caller["userAgent"].as_str().is_some_and(|name| name.starts_with(app_name)));
    mine.filter_map(|caller| caller["refused"].as_u64()).sum()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn refusals_are_summed_over_the_keys_that_a_service_used() {
        let caller = |name: &str, refused: u64| json!({"userAgent": name, "requests": 9, "refused": refused});
        let report = json!({"keys": [
            {"callers": [caller("example-service-c/1.0 agglestone/0.1.0", 0), caller("example-service-csharp/1.0", 4)]},
            {"callers": [caller("example-service-c/1.0 agglestone/0.1.0", 2), {"userAgent": null, "refused": 9}]},
            {"callers": []},
        ]});
        assert_eq!(refused(&report, "example-service-c/"), 2);
        assert_eq!(refused(&report, "example-service-csharp/"), 4);
        assert_eq!(refused(&report, "example-service-node/"), 0);
    }
}
