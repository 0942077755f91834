//! The cases as they stand in the files.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::clocks::Change;
use crate::face::Face;
use crate::servers::Server;
use crate::signing::Order;
use crate::stores::Store;
use crate::table;

/// One promise: what the service does and what the caller must see.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The file it stands in, without folder.
    #[serde(skip)]
    pub file: String,
    pub name: String,
    /// The section of the design it proves.
    pub promise: String,
    /// Settings laid over the usual ones.
    #[serde(default)]
    pub client: Map<String, Value>,
    /// Environment of a driver started for this case alone.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Servers beside the emulator, started before the driver.
    #[serde(default)]
    pub servers: BTreeMap<String, Value>,
    /// Token stores, started likewise.
    #[serde(default)]
    pub stores: BTreeMap<String, Store>,
    pub steps: Vec<Step>,
    /// The emulator's journal after the last step.
    pub requests: Option<Vec<Value>>,
    /// What servers of the case saw, likewise.
    #[serde(default)]
    pub seen: BTreeMap<String, Vec<Value>>,
    /// How many connections were made to them.
    #[serde(default)]
    pub connections: BTreeMap<String, usize>,
    #[serde(default)]
    only: Vec<String>,
    #[serde(default)]
    except: Vec<String>,
    /// What the faces that are left out can't express.
    pub why: Option<String>,
}

/// One step; exactly one of `emulator`, `new_client`, `call`, `file`, `wait_ms`, `clocks`, `events` and `log` is there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// `METHOD path` of a control call
    pub emulator: Option<String>,
    /// Body of that control call.
    pub body: Option<Value>,
    /// Settings of a new client.
    pub new_client: Option<Map<String, Value>>,
    /// A command of the driver.
    pub call: Option<String>,
    /// How often it is made; `${number}` counts from 1.
    pub times: Option<u32>,
    /// A token to make before it, which is `${signed}` from then on; the argument `token`, unless another is given.
    pub sign: Option<Order>,
    /// Its arguments.
    #[serde(default)]
    pub args: Map<String, Value>,
    /// A file in the case's folder, replaced at once or, without `text`, removed.
    pub file: Option<String>,
    /// What that file then holds.
    pub text: Option<String>,
    /// Whether that file is a named pipe instead, into which somebody writes the text, once.
    #[serde(default)]
    pub pipe: bool,
    /// The file's permissions as `chmod` takes them.
    pub mode: Option<String>,
    /// Time for the client to notice something.
    pub wait_ms: Option<u64>,
    /// What happens to the driver's clocks.
    pub clocks: Option<Change>,
    /// The client's events since the last such step.
    pub events: Option<Vec<String>>,
    /// What the client logged since the last such step, each as a regular expression.
    pub log: Option<Vec<String>>,
    /// What must come of it; success, unless given.
    #[serde(default)]
    pub expect: Expect,
}

/// What a step must give.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expect {
    /// Success, whatever the value.
    #[default]
    #[serde(skip_deserializing)]
    Success,
    /// The same, written out.
    Ok(bool),
    /// This value.
    Json(Value),
    /// At least this value.
    Includes(Value),
    /// A string that matches this regular expression.
    TextMatches(String),
    /// This error.
    Error(Box<ExpectedError>),
}

/// What is known of an expected error; absent members are not compared.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedError {
    pub name: String,
    #[serde(default, deserialize_with = "given")]
    pub status: Option<Value>,
    #[serde(default, deserialize_with = "given")]
    pub retryable: Option<Value>,
    #[serde(default, deserialize_with = "given")]
    pub argument: Option<Value>,
    #[serde(default, deserialize_with = "given")]
    pub reason: Option<Value>,
    #[serde(default, deserialize_with = "given")]
    pub retry_after: Option<Value>,
    #[serde(default, deserialize_with = "given")]
    pub request_id: Option<Value>,
    #[serde(default, deserialize_with = "given")]
    pub service_message: Option<Value>,
    #[serde(default, deserialize_with = "given")]
    pub attempts: Option<Value>,
    #[serde(default)]
    pub message_contains: Vec<String>,
    #[serde(default)]
    pub message_lacks: Vec<String>,
}

/// `null` in a case means that the member must be unknown; only an absent one is not compared.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl Case {
    /// Whether this face runs it.
    pub fn runs_on(&self, face: Face) -> bool {
        let named = |names: &[String]| names.iter().any(|name| face.is(name));
        (self.only.is_empty() || named(&self.only)) && !named(&self.except)
    }

    /// Whether its file or name contains `filter`.
    pub fn is_called(&self, filter: &str) -> bool {
        self.name.contains(filter) || self.file.contains(filter)
    }

    /// Whether its driver needs clocks of its own.
    pub fn changes_clocks(&self) -> bool {
        self.steps.iter().any(|step| step.clocks.is_some())
    }

    fn check(&self) -> Result<()> {
        for step in &self.steps {
            if step.kinds().len() != 1 {
                bail!("a step is one thing, this is {:?}", step.kinds());
            }
            if matches!(step.expect, Expect::Ok(false)) {
                bail!("to expect an error, say which");
            }
            if let Expect::Error(error) = &step.expect {
                table::number(&error.name).with_context(|| format!("no error is called {}", error.name))?;
            }
        }
        for (name, server) in &self.servers {
            Server::read(server).with_context(|| format!("server {name}"))?;
        }
        if (self.only.is_empty() && self.except.is_empty()) != self.why.is_none() {
            bail!("`only` and `except` say `why`, and nothing else does");
        }
        let all =
            [Face::RustBlocking, Face::RustAsync, Face::C, Face::PythonSync, Face::PythonAsync, Face::Node];
        for name in self.only.iter().chain(&self.except) {
            if !all.iter().chain(&[Face::Csharp]).any(|face| face.is(name)) {
                bail!("no face is called {name}");
            }
        }
        Ok(())
    }
}

impl Step {
    /// What the step does; in a well-formed one that is one word.
    pub fn kinds(&self) -> Vec<&str> {
        let named = |given: bool, name| given.then_some(name);
        let kinds = [
            self.emulator.as_deref(),
            named(self.new_client.is_some(), "new_client"),
            self.call.as_deref(),
            named(self.file.is_some(), "file"),
            named(self.wait_ms.is_some(), "wait_ms"),
            named(self.clocks.is_some(), "clocks"),
            named(self.events.is_some(), "events"),
            named(self.log.is_some(), "log"),
        ];
        kinds.into_iter().flatten().collect()
    }
}

/// All cases of `folder`, by file and place in it.
pub fn load(folder: &Path) -> Result<Vec<Case>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();

    let mut cases: Vec<Case> = Vec::new();
    for path in paths {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path)?;
        let read: Vec<Case> = serde_json::from_str(&text).with_context(|| file.clone())?;
        cases.extend(read.into_iter().map(|case| Case { file: file.clone(), ..case }));
    }
    let mut names = HashSet::new();
    for case in &cases {
        case.check().with_context(|| format!("{}: {}", case.file, case.name))?;
        if !names.insert(&case.name) {
            bail!("{}: two cases are called {}", case.file, case.name);
        }
    }
    Ok(cases)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_cases_of_this_folder_are_well_formed() {
        let cases = load(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("cases load");
        assert!(cases.len() > 50, "{} cases", cases.len());
        assert!(cases.iter().all(|case| case.promise.starts_with("design ")));
    }

    #[test]
    fn every_error_that_the_wire_can_cause_has_a_case() {
        let cases = load(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("cases load");
        let steps = cases.iter().flat_map(|case| &case.steps);
        let seen: HashSet<&str> = steps
            .filter_map(|step| match &step.expect {
                Expect::Error(error) => Some(error.name.as_str()),
                _ => None,
            })
            .collect();
        for name in [
            "INVALID_ARGUMENT",
            "INVALID_CONFIG",
            "CONNECT",
            "TLS",
            "TIMEOUT",
            "TOO_LARGE",
            "UNEXPECTED_REDIRECT",
            "BAD_REQUEST",
            "UNAUTHORIZED",
            "FORBIDDEN",
            "NOT_FOUND",
            "INVALID_TOKEN",
            "KEYS_UNAVAILABLE",
            "CHECK_UNAVAILABLE",
            "CONFLICT",
            "RATE_LIMITED",
            "SERVER",
            "UNEXPECTED_STATUS",
            "INVALID_RESPONSE",
        ] {
            assert!(seen.contains(name), "no case expects {name}");
        }
    }

    #[test]
    fn a_step_that_is_two_things_is_refused() {
        let text = r#"{"name": "n", "promise": "design 4", "steps": [{"call": "get_users", "emulator": "POST reset"}]}"#;
        let case: Case = serde_json::from_str(text).expect("reads");
        assert!(case.check().is_err());
    }
}
