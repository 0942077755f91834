//! `agglestone doctor`: everything that a call needs, looked at in the order in which a call needs it. The first thing that is
//! missing explains what comes behind it, so the rest is skipped.

mod certificates;
mod finding;
mod network;
mod service;

use agglestone::binding::Spelling;
use agglestone::{Client, Config};
use anyhow::Result;
use serde::Serialize;

use self::finding::{Finding, Status};
use crate::output::{Output, table};
use crate::settings::{Settings, Source};

#[derive(Serialize)]
struct Report {
    settings: Vec<Source>,
    checks: Vec<Finding>,
    healthy: bool,
}

pub fn run(settings: &Settings, output: Output) -> Result<bool> {
    let mut checks = Vec::new();
    match settings.config() {
        Ok(config) => {
            checks.push(Finding::ok("configuration", config.tenant_url()));
            look(config, &mut checks);
        }
        Err(error) => {
            let problems = error.problems().iter().map(|problem| {
                let (name, why) =
                    (problem.setting_in(Spelling::Snake), problem.reason_in(Spelling::Snake).into_owned());
                Finding::failed("configuration", format!("{name} {why}"))
            });
            checks.extend(problems);
        }
    }
    let healthy = checks.iter().all(|finding| finding.status != Status::Failed);
    output.result(&Report { settings: settings.sources(), checks, healthy }, for_people)?;
    Ok(healthy)
}

fn look(config: Config, checks: &mut Vec<Finding>) {
    network::look(&config, checks);
    if checks.iter().all(|finding| finding.status != Status::Failed) {
        service::look(&Client::new(config), checks);
    }
}

fn for_people(report: &Report) -> String {
    let settings = report.settings.iter().map(|source| {
        let value = source.value.clone().unwrap_or_else(|| "(set)".to_owned());
        [source.setting.to_owned(), value, source.from.clone()]
    });
    let checks = report.checks.iter().map(|finding| {
        let status = match finding.status {
            Status::Ok => "ok",
            Status::Warning => "warning",
            Status::Failed => "FAILED",
        };
        [finding.check.to_owned(), status.to_owned(), finding.detail.clone()]
    });
    let verdict = if report.healthy { "Calls work." } else { "Calls fail." };
    format!(
        "{}\n{}\n{verdict}\n",
        table(["SETTING", "VALUE", "FROM"], settings),
        table(["CHECK", "RESULT", "DETAIL"], checks)
    )
}
