//! Runs a case: resets the emulator, walks the steps, compares the journal, and checks what holds after every case.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Error, Result, anyhow, bail};
use regex::Regex;
use serde_json::{Map, Value};

use crate::always;
use crate::case::{Case, Step};
use crate::clocks::Clocks;
use crate::control::Service;
use crate::driver::{Answer, Driver};
use crate::expect::{self, short};
use crate::face::{Face, Language};
use crate::folder::Folder;
use crate::personal::Personal;
use crate::placeholders::Placeholders;
use crate::secrets::Secrets;
use crate::servers::{Authorities, Servers};
use crate::stores::Stores;

/// A closed client may need a moment to let its threads go.
const HANDLES_LIMIT: Duration = Duration::from_secs(2);
/// How long an event may take to arrive.
const EVENTS_LIMIT: Duration = Duration::from_secs(3);
/// How often either is looked at.
const POLL: Duration = Duration::from_millis(10);

/// One emulator, one driver, many cases.
pub struct Runner<'a> {
    face: Face,
    command: &'a [String],
    service: Service,
    authorities: Authorities,
    /// Those that wait for their next case, by the environment they were started in.
    drivers: BTreeMap<BTreeMap<String, String>, Driver>,
}

/// A case on its way, and what it has seen so far.
struct Walk<'a> {
    case: &'a Case,
    service: &'a Service,
    language: Language,
    driver: &'a mut Driver,
    known: Placeholders,
    secrets: Secrets,
    /// What calls were about: ids of users, and values of queries. No log names them.
    personal: Personal,
    servers: Servers,
    folder: Folder,
    clocks: Option<Clocks>,
    /// A client was made at some time; it is never made again behind a case's back.
    made: bool,
    /// The tenant of one that was not closed yet.
    open: Option<String>,
}

impl<'a> Runner<'a> {
    /// Starts the emulator; the driver is started by the first case.
    pub fn new(face: Face, command: &'a [String]) -> Result<Self> {
        let (service, authorities) = (Service::start(), Authorities::new()?);
        Ok(Self { face, command, service, authorities, drivers: BTreeMap::new() })
    }

    /// Runs one case.
    pub fn run(&mut self, case: &Case) -> Result<()> {
        self.service.reset()?;
        let folder = Folder::new()?;
        let mut known = self.service.placeholders();
        known.set("folder", &folder.path().to_string_lossy());
        self.authorities.name(&mut known);
        let servers = Servers::start(&case.servers, &mut known)?;
        let _stores = Stores::start(&case.stores, &mut known)?;

        let mut environment: BTreeMap<String, String> =
            case.environment.iter().map(|(name, value)| (name.clone(), known.text(value))).collect();
        let clocks = case.changes_clocks().then(Clocks::new).transpose()?;
        clocks.iter().for_each(|clocks| clocks.name(&mut environment));
        let mut driver = match self.drivers.remove(&environment) {
            Some(driver) => driver,
            None => self.start(&environment)?,
        };
        let walk = Walk {
            case,
            service: &self.service,
            language: self.face.language(),
            driver: &mut driver,
            known,
            secrets: Secrets::new(self.service.keys()),
            personal: Personal::default(),
            servers,
            folder,
            clocks,
            made: false,
            open: None,
        };
        // After an error about the driver itself it is dropped, and the next case gets a new one.
        let verdict = walk.run()?;
        // Cases with the same environment stand together; those without any are everywhere.
        self.drivers.retain(|environment, _| environment.is_empty());
        self.drivers.insert(environment, driver);
        verdict
    }

    fn start(&self, environment: &BTreeMap<String, String>) -> Result<Driver> {
        Driver::start(self.command, self.face.language(), environment)
    }
}

/// The outer result is about the driver, the inner one about the case.
type Verdict = Result<Result<()>>;

impl Walk<'_> {
    fn run(mut self) -> Verdict {
        let mut verdict = Ok(());
        for (index, step) in self.case.steps.iter().enumerate() {
            verdict = self.step(step)?;
            if verdict.is_err() {
                verdict =
                    verdict.with_context(|| format!("step {} ({})", index + 1, step.kinds().join(", ")));
                break;
            }
        }
        let verdict = verdict.and_then(|()| self.journal());
        if self.made {
            // What is left of a client would be counted in every later case, so it costs the driver its process.
            if let Err(left) = self.close() {
                return Err(verdict.err().unwrap_or(left));
            }
        }
        Ok(verdict)
    }

    fn step(&mut self, step: &Step) -> Verdict {
        if let Some(call) = &step.emulator {
            return Ok(self.control(call, step.body.as_ref()));
        }
        if let Some(name) = &step.file {
            let text = step.text.as_ref().map(|text| self.known.text(text));
            self.secrets.add(&text.clone().into());
            return Ok(match text {
                Some(text) if step.pipe => self.folder.pipe(name, text.clone()),
                text => self.folder.put(name, text.as_deref(), step.mode.as_deref()),
            });
        }
        if let Some(milliseconds) = step.wait_ms {
            std::thread::sleep(Duration::from_millis(milliseconds));
            return Ok(Ok(()));
        }
        if let (Some(change), Some(clocks)) = (step.clocks, &mut self.clocks) {
            return Ok(clocks.change(change));
        }
        if let Some(settings) = &step.new_client {
            return self.new_client(&[&self.case.client, settings], Some(step));
        }
        if !self.made {
            let made = self.new_client(&[&self.case.client], None)?;
            if made.is_err() {
                return Ok(made);
            }
        }
        match (&step.call, &step.events, &step.log) {
            (Some(call), ..) => self.calls(call, step),
            (_, Some(names), _) => self.events(names),
            (.., Some(patterns)) => self.log(patterns),
            _ => Ok(Err(anyhow!("a step without anything to do"))),
        }
    }

    /// A control call. A key that it generates is `${new_primary}` or `${new_secondary}` from then on.
    fn control(&mut self, call: &str, body: Option<&Value>) -> Result<()> {
        let body = body.map(|body| self.known.fill(body));
        let answer = self.service.control(call, body.as_ref())?;
        if let Some(key) = answer.get("apiKey").and_then(Value::as_str) {
            let slot = if call.ends_with("secondary") { "new_secondary" } else { "new_primary" };
            self.known.set(slot, key);
            self.secrets.add(&key.into());
        }
        Ok(())
    }

    /// Makes a client with the usual settings and `layers` over them; null removes one.
    fn new_client(&mut self, layers: &[&Map<String, Value>], step: Option<&Step>) -> Verdict {
        let usual = self.service.settings();
        let mut settings = usual.as_object().map(|usual| self.filled(usual)).unwrap_or_default();
        for layer in layers {
            settings.extend(self.filled(layer));
        }
        settings.retain(|_, value| !value.is_null());
        let sources = settings.get("key_source").and_then(Value::as_array);
        let answers =
            sources.into_iter().flatten().flat_map(|answer| [&answer["primary"], &answer["secondary"]]);
        let given = ["api_key", "secondary_api_key", "token_store_key"]
            .into_iter()
            .filter_map(|name| settings.get(name));
        given.chain(answers).for_each(|key| self.secrets.add(key));
        let store = settings.get("token_store").and_then(Value::as_str).and_then(|url| url.split_once('@'));
        if let Some((_, password)) = store.and_then(|(before, _)| before.rsplit_once(':')) {
            self.secrets.add(&password.into());
        }

        if self.made {
            // What an earlier client had to tell is no event of this one.
            self.driver.ask("events", &Map::new())?;
        }
        let answer = self.driver.ask("new_client", &settings)?;
        if let Answer::Ok(_) = answer {
            self.made = true;
            // What is not among the settings is the service's own, from the environment.
            let tenant = settings.get("tenant_id").and_then(Value::as_str);
            self.open = Some(tenant.map_or_else(|| self.known.text("${tenant}"), str::to_string));
        }
        let verdict = match (step, &answer) {
            (Some(step), _) => self.compare("new_client", step, &settings, &answer),
            (None, Answer::Error(error)) => Err(anyhow!("no client: {}", short(error))),
            (None, Answer::Ok(_)) => Ok(()),
        };
        Ok(verdict.and(self.show(&answer)?))
    }

    /// Makes a call as often as the step says, until one gives what it must not.
    fn calls(&mut self, call: &str, step: &Step) -> Verdict {
        for number in 1..=step.times.unwrap_or(1) {
            self.known.set("number", &number.to_string());
            let verdict = self.call(call, step)?;
            if verdict.is_err() {
                return Ok(verdict.with_context(|| format!("time {number}")));
            }
        }
        Ok(Ok(()))
    }

    fn call(&mut self, call: &str, step: &Step) -> Verdict {
        let mut arguments = self.filled(&step.args);
        if let Some(order) = &step.sign {
            let token = order.sign(&self.known).context("a token to make");
            let token = match token {
                Ok(token) => token,
                Err(error) => return Ok(Err(error)),
            };
            self.known.set("signed", &token);
            arguments = self.filled(&step.args);
            arguments.entry("token").or_insert(token.into());
        }
        self.personal.add(&arguments);
        if call == "set_api_keys" {
            self.secrets.add(&Value::Object(arguments.clone()));
        }
        let answer = self.driver.ask(call, &arguments)?;
        match (&answer, call) {
            (Answer::Ok(_), "close_client") => self.open = None,
            (Answer::Ok(token), "exchange_api_key_for_token" | "get_token") => {
                self.known.set("token", token.as_str().unwrap_or_default());
                self.secrets.add(token);
            }
            _ => {}
        }
        let verdict = self.compare(call, step, &arguments, &answer);
        Ok(verdict.and(self.show(&answer)?))
    }

    fn compare(
        &self,
        call: &str,
        step: &Step,
        arguments: &Map<String, Value>,
        answer: &Answer,
    ) -> Result<()> {
        expect::check(&step.expect, answer, &self.known, self.language).map_err(Error::msg)?;
        let Answer::Error(error) = answer else { return Ok(()) };
        self.secrets.check("the error", error)?;
        always::check(call, arguments, error)
    }

    /// Has the driver print everything it holds, and searches that and whatever else it has printed for secrets.
    fn show(&mut self, answer: &Answer) -> Verdict {
        let (shown, printed) = self.driver.show()?;
        let verdict = self.secrets.check("what is shown", &shown).and_then(|()| {
            self.secrets.check_text("the log", &printed)?;
            // Nothing is found in a driver that shows nothing.
            let shows = |text: &str| {
                let mut texts = shown.as_array().into_iter().flatten().filter_map(Value::as_str);
                texts.any(|shown| shown.contains(text))
            };
            match answer {
                Answer::Error(error) if !shows(error["message"].as_str().unwrap_or_default()) => {
                    bail!("the driver does not show its last error: {}", short(&shown))
                }
                Answer::Ok(_) if self.known_by().is_some_and(|text| !shows(text)) => {
                    bail!("the driver does not show its client: {}", short(&shown))
                }
                _ => Ok(()),
            }
        });
        Ok(verdict)
    }

    /// What there must be in a print of the client: its tenant, or in C, where a client is only a pointer, what it says of
    /// its keys.
    fn known_by(&self) -> Option<&str> {
        match self.language {
            Language::C => self.open.as_ref().map(|_| "failovers"),
            _ => self.open.as_deref(),
        }
    }

    /// Waits for the events `names`, and for no others.
    fn events(&mut self, names: &[String]) -> Verdict {
        let seen = match self.told("events", names.len())? {
            Ok(seen) => seen,
            Err(error) => return Ok(Err(error)),
        };
        Ok(if seen == names { Ok(()) } else { Err(anyhow!("expected the events {names:?}\nseen {seen:?}")) })
    }

    /// Waits for lines of the log that match `patterns`, and for no others. None may name what the calls were about.
    fn log(&mut self, patterns: &[String]) -> Verdict {
        let seen = match self.told("log", patterns.len())? {
            Ok(seen) => seen,
            Err(error) => return Ok(Err(error)),
        };
        // Whatever else watches calls must not say more.
        let observed = match self.told("observed", 0)? {
            Ok(observed) => observed,
            Err(error) => return Ok(Err(error)),
        };
        Ok(self.judge(&observed).and_then(|()| self.judge_log(patterns, &seen)))
    }

    /// Fails where a line names what the calls were about.
    fn judge(&self, seen: &[String]) -> Result<()> {
        for line in seen {
            self.secrets.check_text("the log", line)?;
            self.personal.check(line)?;
        }
        Ok(())
    }

    fn judge_log(&self, patterns: &[String], seen: &[String]) -> Result<()> {
        self.judge(seen)?;
        let patterns = patterns.iter().map(|pattern| self.known.text(pattern));
        let patterns = patterns
            .map(|pattern| Ok(Regex::new(&format!("^(?:{pattern})$"))?))
            .collect::<Result<Vec<_>>>()?;
        let same = seen.len() == patterns.len()
            && seen.iter().zip(&patterns).all(|(seen, pattern)| pattern.is_match(seen));
        if same { Ok(()) } else { Err(anyhow!("expected the log {patterns:?}\nseen {seen:#?}")) }
    }

    /// What the driver was told and answers to `command`, once there are `count` texts.
    fn told(&mut self, command: &str, count: usize) -> Result<Result<Vec<String>>> {
        let mut seen: Vec<String> = Vec::new();
        let start = Instant::now();
        loop {
            match self.driver.ask(command, &Map::new())? {
                Answer::Ok(Value::Array(more)) => {
                    seen.extend(more.iter().filter_map(Value::as_str).map(str::to_string));
                }
                Answer::Ok(other) | Answer::Error(other) => {
                    return Ok(Err(anyhow!("{command} answered {}", short(&other))));
                }
            }
            if seen.len() >= count || start.elapsed() > EVENTS_LIMIT {
                return Ok(Ok(seen));
            }
            std::thread::sleep(POLL);
        }
    }

    fn journal(&self) -> Result<()> {
        self.servers.check(&self.case.seen, &self.case.connections, &self.known)?;
        let Some(expected) = &self.case.requests else { return Ok(()) };
        expect::entries(&self.known.fill(&expected.clone().into()), &self.service.journal()?)
    }

    /// Ends the case's client, if it did not do so itself; then nothing of it may be left.
    fn close(&mut self) -> Result<()> {
        if self.open.is_some()
            && let Answer::Error(error) = self.driver.ask("close_client", &Map::new())?
        {
            bail!("close_client failed: {}", short(&error));
        }
        if self.made {
            // What the client told last is no event of the next case.
            self.driver.ask("events", &Map::new())?;
            let observed = self.told("observed", 0)??;
            self.judge(&observed)?;
        }
        let start = Instant::now();
        loop {
            match self.driver.ask("live_handles", &Map::new())? {
                Answer::Ok(count) if expect::equal(&count, &0.into()) => return Ok(()),
                Answer::Ok(_) if start.elapsed() < HANDLES_LIMIT => std::thread::sleep(POLL),
                Answer::Ok(count) => bail!("{count} live handles after the client was closed"),
                Answer::Error(error) => bail!("live_handles failed: {}", short(&error)),
            }
        }
    }

    fn filled(&self, members: &Map<String, Value>) -> Map<String, Value> {
        members.iter().map(|(name, value)| (name.clone(), self.known.fill(value))).collect()
    }
}
