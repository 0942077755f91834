//! The emulator that plays the service: in this process, steered over HTTP like by anybody else.

use std::time::Duration;

use agglestone_emulator::Emulator;
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::hanging::Hanging;
use crate::placeholders::Placeholders;

/// A running emulator and the way to its control API.
pub struct Service {
    emulator: Emulator,
    hanging: Hanging,
    agent: ureq::Agent,
}

impl Service {
    /// Starts one on a free port of 127.0.0.1.
    pub fn start() -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(10)))
            // A connection kept from before may be one that a case or a reset has just ended.
            .max_idle_connections(0)
            // A proxy set for this machine is not meant for this.
            .proxy(None)
            .build();
        Self { emulator: agglestone_emulator::start(), hanging: Hanging::new(), agent: config.into() }
    }

    /// Back to the state it started in.
    pub fn reset(&self) -> Result<()> {
        self.control("POST reset", None).map(|_| ())
    }

    /// The requests since the last reset.
    pub fn journal(&self) -> Result<Vec<Value>> {
        match self.control("GET requests", None)? {
            Value::Array(entries) => Ok(entries),
            Value::Object(mut members) => match members.remove("requests") {
                Some(Value::Array(entries)) => Ok(entries),
                _ => bail!("the journal has no requests"),
            },
            other => bail!("the journal is {other}"),
        }
    }

    /// A control call, `METHOD path` below `/_emulator/`; its answer, or null.
    pub fn control(&self, call: &str, body: Option<&Value>) -> Result<Value> {
        let (method, path) = call.split_once(' ').context("a control call is `METHOD path`")?;
        let builder = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}/_emulator/{path}", self.emulator.url()))
            .header("authorization", format!("Bearer {}", self.emulator.control_token()));
        let mut answer = match body {
            Some(body) => {
                self.agent.run(builder.header("content-type", "application/json").body(body.to_string())?)?
            }
            None => self.agent.run(builder.body(())?)?,
        };
        let text = answer.body_mut().read_to_string()?;
        if !answer.status().is_success() {
            bail!("the emulator answered {call} with {}: {text}", answer.status());
        }
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }

    /// The settings that every client starts from.
    pub fn settings(&self) -> Value {
        // Placeholders, because `${primary}` is the key of the start also after another was generated.
        json!({ "tenant_id": "${tenant}", "api_key": "${primary}", "base_url": "${url}" })
    }

    /// Both keys as they are now.
    pub fn keys(&self) -> [String; 2] {
        [self.emulator.primary_api_key().to_string(), self.emulator.secondary_api_key().to_string()]
    }

    /// What stands for this emulator in the cases.
    pub fn placeholders(&self) -> Placeholders {
        let [primary, secondary] = self.keys();
        let url = self.emulator.url();
        let mut known = Placeholders::default();
        known.set("tenant", self.emulator.tenant_id());
        known.set("primary", &primary);
        known.set("secondary", &secondary);
        known.set("url", url);
        let authority = url.trim_start_matches("http://");
        known.set("authority", authority);
        known.set("port", authority.rsplit(':').next().unwrap_or_default());
        // Another host for every rule about hosts, yet the same emulator: what reaches it is in the journal.
        known.set("other_url", &url.replacen("127.0.0.1", "localhost", 1));
        known.set("hanging_url", &self.hanging.url());
        known
    }
}
