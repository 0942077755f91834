//! The one version: it stands in the workspace's `Cargo.toml`, and wherever a tool wants it spelled out it is the same.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::facts::version;

fn text(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn json(path: &str) -> Value {
    serde_json::from_str(&text(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn every_manifest_has_the_version_of_the_workspace() {
    let node = json("node/package.json");
    let lock = json("node/package-lock.json");
    let emulator = json("emulator/npm/package.json");
    let command = json("cli/npm/package.json");
    for (place, found) in [
        ("node/package.json", &node["version"]),
        ("node/package.json, agglestone-emulator", &node["peerDependencies"]["agglestone-emulator"]),
        ("node/package-lock.json", &lock["version"]),
        ("node/package-lock.json, packages", &lock["packages"][""]["version"]),
        ("emulator/npm/package.json", &emulator["version"]),
        ("cli/npm/package.json", &command["version"]),
    ] {
        assert_eq!(found.as_str(), Some(version()), "{place}");
    }
    let project = text("bindings/csharp/Directory.Build.props");
    assert!(project.contains(&format!("<Version>{}</Version>", version())), "Directory.Build.props");
    let crates = text("Cargo.toml");
    let fork = format!("agglestone-fork = {{ path = \"fork\", version = \"{}\" }}", version());
    assert!(crates.contains(&fork), "Cargo.toml, agglestone-fork");
    let (minor, _) = version().rsplit_once('.').expect("a version has parts");
    let find = format!("find_package(agglestone {minor} REQUIRED)");
    assert!(text("bindings/c/package/README.md").contains(&find), "bindings/c/package/README.md");
}

#[test]
fn the_readme_of_c_names_the_library_that_programs_ask_for() {
    let header = text("include/agglestone.h");
    let abi =
        header.lines().find_map(|line| line.strip_prefix("#define AGG_ABI_VERSION ")).expect("it is there");
    let name = format!("`libagglestone.so.{abi}`");
    assert!(text("bindings/c/package/README.md").contains(&name), "{name}");
}

#[test]
fn each_version_that_was_released_is_in_the_changelog() {
    let changelog = text("CHANGELOG.md");
    assert!(changelog.contains("## [Unreleased]"), "what comes next has a place");
    for line in changelog.lines().filter(|line| line.starts_with("## [") && !line.contains("Unreleased")) {
        let date = line.rsplit(" - ").next().unwrap_or_default();
        assert!(date.len() == 10 && date.matches('-').count() == 2, "no date: {line}");
    }
}
