//! Nothing that is kept of calls may name whom they were about: the log, spans, metrics and accounts.

use anyhow::{Result, bail};
use serde_json::{Map, Value};

/// Ids of users among the arguments of calls, and values of their queries.
#[derive(Default)]
pub struct Personal(Vec<String>);

impl Personal {
    /// Takes those of one call.
    pub fn add(&mut self, arguments: &Map<String, Value>) {
        let ids = ["user_id", "as_user"].into_iter().filter_map(|name| arguments.get(name));
        let query = arguments.get("query").and_then(Value::as_object).into_iter().flat_map(Map::values);
        let path = arguments.get("path").and_then(Value::as_str).unwrap_or_default();
        let texts = ids.chain(query).filter_map(Value::as_str).chain(path.split('/'));
        // Words of routes are shorter than what a case plants.
        self.0.extend(texts.filter(|text| text.len() >= 20).map(str::to_string));
    }

    /// Fails if a line holds one of them.
    pub fn check(&self, line: &str) -> Result<()> {
        match self.0.iter().find(|personal| line.contains(*personal)) {
            Some(personal) => bail!("the log names {personal}: {line}"),
            None => Ok(()),
        }
    }
}
