//! Runs a case: resets the emulator, walks the steps, compares the journal, and checks what holds after every case.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Error, Result, anyhow, bail};
use regex::Regex;
use serde_json::{Map, Value};

use crate::case::{Case, Step};
use crate::control::Service;
use crate::driver::{Answer, Driver, Encoding};
use crate::expect::{self, short};
use crate::face::{Face, Language};
use crate::placeholders::Placeholders;

/// A closed client may need a moment to let its threads go.
const HANDLES_LIMIT: Duration = Duration::from_secs(2);
/// Shorter texts are no secrets; such a key could be found in any message by chance.
const SECRET_LENGTH: usize = 8;

/// One emulator, one driver, many cases.
pub struct Runner<'a> {
    face: Face,
    command: &'a [String],
    service: Service,
    // None before the first case and after a driver died.
    driver: Option<Driver>,
}

/// What a case has seen so far.
struct Progress {
    known: Placeholders,
    secrets: Vec<String>,
    /// A client was made at some time; it is never made again behind a case's back.
    made: bool,
    /// It was not closed yet.
    open: bool,
}

impl<'a> Runner<'a> {
    /// Starts the emulator; the driver is started by the first case.
    pub fn new(face: Face, command: &'a [String]) -> Result<Self> {
        Ok(Self { face, command, service: Service::start(), driver: None })
    }

    /// Runs one case.
    pub fn run(&mut self, case: &Case) -> Result<()> {
        self.service.reset()?;
        let mut progress = Progress {
            known: self.service.placeholders(),
            secrets: self.service.keys().into(),
            made: false,
            open: false,
        };
        if case.environment.is_empty() {
            let mut driver = match self.driver.take() {
                Some(driver) => driver,
                None => self.start(&BTreeMap::new())?,
            };
            // After an error about the driver itself it is dropped, and the next case gets a new one.
            let verdict = self.walk(case, &mut driver, &mut progress)?;
            self.driver = Some(driver);
            verdict
        } else {
            let filled =
                case.environment.iter().map(|(name, value)| (name.clone(), progress.known.text(value)));
            let environment = filled.collect();
            self.walk(case, &mut self.start(&environment)?, &mut progress)?
        }
    }

    fn start(&self, environment: &BTreeMap<String, String>) -> Result<Driver> {
        let encoding = if self.face.language() == Language::C { Encoding::Form } else { Encoding::Json };
        Driver::start(self.command, encoding, environment)
    }

    /// The outer result is about the driver, the inner one about the case.
    fn walk(&self, case: &Case, driver: &mut Driver, progress: &mut Progress) -> Result<Result<()>> {
        let mut verdict = Ok(());
        for (index, step) in case.steps.iter().enumerate() {
            verdict = self.step(case, step, driver, progress)?;
            if verdict.is_err() {
                let name = step.call.as_deref().or(step.emulator.as_deref()).unwrap_or("new_client");
                verdict = verdict.with_context(|| format!("step {} ({name})", index + 1));
                break;
            }
        }
        let verdict = verdict.and_then(|()| self.journal(case, &progress.known));
        if progress.made {
            // What is left of a client would be counted in every later case, so it costs the driver its process.
            if let Err(left) = close(driver, progress.open) {
                return Err(verdict.err().unwrap_or(left));
            }
        }
        Ok(verdict)
    }

    fn step(
        &self,
        case: &Case,
        step: &Step,
        driver: &mut Driver,
        progress: &mut Progress,
    ) -> Result<Result<()>> {
        if let Some(call) = &step.emulator {
            let body = step.body.as_ref().map(|body| progress.known.fill(body));
            let done = self.service.control(call, body.as_ref());
            return Ok(done.map(|answer| progress.secrets.extend(keys_in(&answer))));
        }
        let (command, arguments) = match (&step.new_client, &step.call) {
            (Some(settings), _) => ("new_client", self.settings(&[&case.client, settings], progress)),
            (_, Some(call)) => {
                if !progress.made {
                    let settings = self.settings(&[&case.client], progress);
                    let answer = driver.ask("new_client", &settings)?;
                    if let Answer::Error(error) = answer {
                        return Ok(Err(anyhow!("no client: {}", short(&error))));
                    }
                    (progress.made, progress.open) = (true, true);
                }
                (call.as_str(), filled(&step.args, &progress.known))
            }
            _ => return Ok(Err(anyhow!("a step without anything to do"))),
        };

        let answer = driver.ask(command, &arguments)?;
        match (&answer, command) {
            (Answer::Ok(_), "new_client") => (progress.made, progress.open) = (true, true),
            (Answer::Ok(_), "close_client") => progress.open = false,
            (Answer::Ok(Value::String(token)), "exchange_api_key_for_token") => {
                progress.secrets.push(token.clone())
            }
            _ => {}
        }
        let verdict =
            expect::check(&step.expect, &answer, &progress.known, self.face.language()).map_err(Error::msg);
        Ok(verdict.and_then(|()| no_secret(&answer, &progress.secrets)))
    }

    /// The usual settings with `layers` over them; null removes one.
    fn settings(&self, layers: &[&Map<String, Value>], progress: &mut Progress) -> Map<String, Value> {
        let mut settings = self.service.settings().as_object().cloned().unwrap_or_default();
        for layer in layers {
            settings.extend(filled(layer, &progress.known));
        }
        settings.retain(|_, value| !value.is_null());
        let keys = ["api_key", "secondary_api_key"].iter().filter_map(|name| settings.get(*name)?.as_str());
        progress.secrets.extend(keys.map(str::to_string));
        settings
    }

    fn journal(&self, case: &Case, known: &Placeholders) -> Result<()> {
        let Some(expected) = &case.requests else { return Ok(()) };
        let seen = self.service.journal()?;
        let expected = known.fill(&Value::Array(expected.clone()));
        let seen_text = || seen.iter().map(|entry| format!("  {entry}")).collect::<Vec<_>>().join("\n");
        if expected.as_array().map(Vec::len) != Some(seen.len()) {
            bail!("expected the requests {}\nseen {}:\n{}", short(&expected), seen.len(), seen_text());
        }
        expect::includes(&expected, &Value::Array(seen.clone()))
            .map_err(|why| anyhow!("the requests differ: {why}\nseen:\n{}", seen_text()))
    }
}

/// Ends the case's client, if it did not do so itself; then nothing of it may be left.
fn close(driver: &mut Driver, open: bool) -> Result<()> {
    if open && let Answer::Error(error) = driver.ask("close_client", &Map::new())? {
        bail!("close_client failed: {}", short(&error));
    }
    let start = Instant::now();
    loop {
        match driver.ask("live_handles", &Map::new())? {
            Answer::Ok(count) if expect::equal(&count, &0.into()) => return Ok(()),
            Answer::Ok(_) if start.elapsed() < HANDLES_LIMIT => std::thread::sleep(Duration::from_millis(10)),
            Answer::Ok(count) => bail!("{count} live handles after the client was closed"),
            Answer::Error(error) => bail!("live_handles failed: {}", short(&error)),
        }
    }
}

/// No error may show a key or a token, wherever it came from.
fn no_secret(answer: &Answer, secrets: &[String]) -> Result<()> {
    let Answer::Error(error) = answer else { return Ok(()) };
    // Any JWT, not only those that this case has seen: its first part begins with base64url of `{"`.
    let jwt = Regex::new(r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}").expect("a regular expression");
    let mut texts = Vec::new();
    collect_texts(error, &mut texts);
    for text in texts {
        if let Some(secret) =
            secrets.iter().find(|secret| secret.len() >= SECRET_LENGTH && text.contains(*secret))
        {
            bail!(
                "the error shows a secret ({}…): {}",
                secret.chars().take(4).collect::<String>(),
                short(error)
            );
        }
        if jwt.is_match(text) {
            bail!("the error shows a token: {}", short(error));
        }
    }
    Ok(())
}

fn collect_texts<'a>(value: &'a Value, texts: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => texts.push(text),
        Value::Array(items) => items.iter().for_each(|item| collect_texts(item, texts)),
        Value::Object(members) => members.values().for_each(|member| collect_texts(member, texts)),
        _ => {}
    }
}

fn keys_in(answer: &Value) -> Option<String> {
    answer.get("apiKey").and_then(Value::as_str).map(str::to_string)
}

fn filled(members: &Map<String, Value>, known: &Placeholders) -> Map<String, Value> {
    members.iter().map(|(name, value)| (name.clone(), known.fill(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_secret_anywhere_in_an_error_is_found() {
        let secrets = ["planted-key-1".to_string(), "short".to_string()];
        let verdict = |error| no_secret(&Answer::Error(error), &secrets);
        assert!(verdict(json!({"message": "fine, and short"})).is_ok());
        assert!(verdict(json!({"message": "fine", "service_message": "you sent planted-key-1"})).is_err());
        let token = format!("eyJhbGciOiJSUzI1NiJ9.{}.sig", "eyJzdWIiOiIxMjM0NTY3ODkwIn0");
        assert!(verdict(json!({"message": format!("token {token}")})).is_err());
    }
}
