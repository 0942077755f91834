//! The house: which floor each part stands on, and that nothing reaches up.

mod imports;

use std::collections::BTreeMap;
use std::path::Path;

use imports::{Import, imports};

/// The core's floors from the ground up. A module uses those of lower floors, and those before it on its own.
const CORE: &[(&str, &[&str])] = &[
    ("facts", &["live", "sync", "process", "time", "error", "path", "http", "json", "secret", "redact"]),
    ("what can be asked and answered", &["events", "problem", "models", "operation", "reply"]),
    ("what is known", &["keys", "tokens", "config"]),
    ("the state machine", &["call"]),
    ("how requests travel", &["transport"]),
    ("a client's state", &["session", "completion"]),
    ("who runs calls", &["drivers"]),
    ("what callers see", &["client", "async_client", "binding"]),
];

/// The other trees, in which each file may stand anywhere as long as there is no circle.
const TREES: [&str; 5] =
    ["bindings/c/src", "bindings/node/src", "bindings/python/src", "emulator/src", "xtask/src"];

fn read(tree: &str) -> Vec<Import> {
    imports(&Path::new(env!("CARGO_MANIFEST_DIR")).join(tree))
}

#[test]
fn imports_of_the_core_run_downwards() {
    let order: Vec<&str> = CORE.iter().flat_map(|(_, modules)| modules.iter().copied()).collect();
    let place = |module: &str| order.iter().position(|known| *known == module);
    let mut wrong = Vec::new();
    for import in read("src") {
        let (Some(from), to) = (import.from.first(), import.to.first()) else { continue };
        let (from_place, to_place) = (place(from), to.map(|to| place(to)));
        let upwards = match (from_place, to_place) {
            (Some(from), Some(Some(to))) => to > from,
            // The crate's root stands on top of everything.
            (Some(_), None) => true,
            _ => panic!("{import}: a module without a floor; give it one in tests/architecture/main.rs"),
        };
        if upwards {
            wrong.push(import.to_string());
        }
    }
    assert!(wrong.is_empty(), "imports that run upwards:\n{}", wrong.join("\n"));
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    for tree in ["src"].iter().chain(&TREES) {
        let mut uses: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for import in read(tree) {
            uses.entry(import.from.join("::")).or_default().push(import.to.join("::"));
        }
        assert!(!uses.is_empty(), "{tree} has files");
        if let Some(circle) = circle(&uses) {
            panic!("a circle in {tree}: {}", circle.join(" → "));
        }
    }
}

/// The first circle found, from a file back to itself.
fn circle(uses: &BTreeMap<String, Vec<String>>) -> Option<Vec<String>> {
    fn visit(
        file: &str,
        uses: &BTreeMap<String, Vec<String>>,
        done: &mut Vec<String>,
        way: &mut Vec<String>,
    ) -> Option<Vec<String>> {
        if let Some(start) = way.iter().position(|seen| seen == file) {
            return Some(way[start..].iter().cloned().chain([file.to_owned()]).collect());
        }
        if done.iter().any(|seen| seen == file) {
            return None;
        }
        way.push(file.to_owned());
        let found = uses.get(file).into_iter().flatten().find_map(|next| visit(next, uses, done, way));
        way.pop();
        done.push(file.to_owned());
        found
    }
    let (mut done, mut way) = (Vec::new(), Vec::new());
    uses.keys().find_map(|file| visit(file, uses, &mut done, &mut way))
}
