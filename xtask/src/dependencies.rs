//! What is linked into a library or program that we ship, as cargo resolves it for all platforms that there are packages for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::platform::PLATFORMS;
use crate::process;
use crate::workspace::Workspace;

/// The crates whose libraries users load.
pub const LIBRARIES: [&str; 3] = ["agglestone-c", "agglestone-node", "agglestone-python"];
/// The programs beside them.
pub const EMULATOR: [&str; 1] = ["agglestone-emulator"];
pub const COMMAND: [&str; 1] = ["agglestone-cli"];

/// A crate of others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dependency {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its SPDX expression.
    pub licence: String,
    /// As its manifest has them.
    pub authors: Vec<String>,
    /// Where its sources are.
    pub folder: PathBuf,
}

/// Everything that cargo knows of the tree.
pub struct Graph(Value);

impl Graph {
    /// Asks cargo, which fetches what it has not yet.
    pub fn read(workspace: &Workspace) -> Result<Self> {
        let mut cargo = process::cargo(workspace);
        cargo.args(["metadata", "--format-version", "1", "--locked"]);
        for platform in &PLATFORMS {
            cargo.args(["--filter-platform", platform.triple]);
        }
        let text = process::output(&mut cargo)?;
        serde_json::from_str(&text).map(Self).context("cargo metadata's answer")
    }

    /// What the crates `roots` of this workspace link, sorted by name.
    pub fn linked_by(&self, roots: &[&str]) -> Result<Vec<Dependency>> {
        let packages: BTreeMap<&str, &Value> =
            list(&self.0["packages"]).iter().map(|package| (text(&package["id"]), package)).collect();
        let nodes: BTreeMap<&str, &Value> =
            list(&self.0["resolve"]["nodes"]).iter().map(|node| (text(&node["id"]), node)).collect();
        let is_root =
            |package: &Value| roots.contains(&text(&package["name"])) && package["source"].is_null();
        let mut open: Vec<&str> =
            packages.iter().filter(|(_, package)| is_root(package)).map(|(id, _)| *id).collect();
        anyhow::ensure!(open.len() == roots.len(), "not all of {} are crates here", roots.join(", "));
        let mut seen = BTreeSet::new();
        let mut found = Vec::new();
        while let Some(id) = open.pop() {
            let package = packages.get(id).context("a crate that cargo does not know")?;
            // What only the compiler runs is in no library.
            if !seen.insert(id) || is_macro(package) {
                continue;
            }
            if !package["source"].is_null() {
                found.push(Dependency::read(package)?);
            }
            let links = nodes.get(id).map(|node| list(&node["deps"])).unwrap_or_default();
            let linked = links
                .iter()
                .filter(|link| list(&link["dep_kinds"]).iter().any(|kind| kind["kind"].is_null()));
            open.extend(linked.map(|link| text(&link["pkg"])));
        }
        found.sort();
        Ok(found)
    }
}

impl Dependency {
    fn read(package: &Value) -> Result<Self> {
        let manifest = PathBuf::from(text(&package["manifest_path"]));
        Ok(Self {
            name: text(&package["name"]).to_string(),
            version: text(&package["version"]).to_string(),
            licence: package["license"].as_str().unwrap_or("see its licence file").to_string(),
            authors: list(&package["authors"]).iter().map(|author| text(author).to_string()).collect(),
            folder: manifest.parent().context("a manifest lies in a folder")?.to_path_buf(),
        })
    }
}

fn is_macro(package: &Value) -> bool {
    list(&package["targets"])
        .iter()
        .any(|target| list(&target["kind"]).iter().any(|kind| kind == "proc-macro"))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_linked_counts_and_not_our_own() {
        let package = |name: &str, source: Value, kind: &str| {
            json!({"id": name, "name": name, "version": "1.0.0", "license": "MIT", "authors": [], "source": source,
                   "manifest_path": format!("/src/{name}/Cargo.toml"), "targets": [{"kind": [kind]}]})
        };
        let needs = |name: &str, kind: Value| json!({"pkg": name, "dep_kinds": [{"kind": kind}]});
        let theirs = json!("registry");
        let graph = Graph(json!({
            "packages": [
                package("ours", Value::Null, "lib"), package("linked", theirs.clone(), "lib"),
                package("below", theirs.clone(), "lib"), package("macro", theirs.clone(), "proc-macro"),
                package("of-macro", theirs.clone(), "lib"), package("build", theirs, "lib"),
            ],
            "resolve": {"nodes": [
                {"id": "ours", "deps": [needs("linked", Value::Null), needs("macro", Value::Null), needs("build", json!("build"))]},
                {"id": "linked", "deps": [needs("below", Value::Null)]},
                {"id": "macro", "deps": [needs("of-macro", Value::Null)]},
            ]},
        }));
        let found = graph.linked_by(&["ours"]).expect("all are known");
        let names: Vec<&str> = found.iter().map(|dependency| dependency.name.as_str()).collect();
        assert_eq!(names, ["below", "linked"]);
        assert!(graph.linked_by(&["nothing"]).is_err());
    }
}
