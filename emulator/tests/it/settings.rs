//! The program's settings: arguments, environment, configuration file and files with secrets, and which of them wins.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::cli::{Running, program, refusal, refused};
use crate::http::raw;

const QUIET: [&str; 2] = ["--port=0", "--json"];

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn file(folder: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, text).expect("a file");
    path
}

fn config(path: &Path) -> String {
    format!("--config={}", path.display())
}

fn keys(ready: &Value) -> [&str; 3] {
    ["primaryApiKey", "secondaryApiKey", "controlToken"].map(|name| ready[name].as_str().expect("text"))
}

#[test]
fn keys_and_token_are_taken_from_arguments() {
    let arguments = ["--primary-api-key=key-one", "--secondary-api-key=key-two", "--control-token=the-token"];
    let running = Running::start(&[&QUIET[..], &arguments].concat());
    let ready = running.ready();
    assert_eq!(keys(&ready), ["key-one", "key-two", "the-token"]);
    let url = ready["url"].as_str().expect("a URL");
    let path = format!("/tenant/{}/api/Users", ready["tenantId"].as_str().expect("an id"));
    assert_eq!(raw(url, "GET", &path).header("x-api-key", "key-two").send().status, 200);
}

#[test]
fn every_option_can_come_from_the_environment() {
    let folder = folder();
    let seed = file(&folder, "seed.json", r#"{"users":[]}"#);
    let mut command = program(&[]);
    for (name, value) in [
        ("HOST", "127.0.0.2"),
        ("PORT", "0"),
        ("TENANT", "from-environment"),
        ("SEED", seed.to_str().expect("UTF-8")),
        ("TOKEN_LIFETIME", "60"),
        ("PRIMARY_API_KEY", "key-one"),
        ("SECONDARY_API_KEY", "key-two"),
        ("CONTROL_TOKEN", "the-token"),
        ("JSON", "1"),
        ("ALLOW_REMOTE", "no"),
    ] {
        command.env(format!("AGGLESTONE_EMULATOR_{name}"), value);
    }
    let ready = Running::run(&mut command).ready();
    assert!(ready["url"].as_str().expect("a URL").starts_with("http://127.0.0.2:"), "{ready}");
    assert_eq!(ready["tenantId"], "from-environment");
    assert_eq!(keys(&ready), ["key-one", "key-two", "the-token"]);
}

#[test]
fn a_configuration_file_is_toml_or_json_and_its_paths_are_relative_to_it() {
    let folder = folder();
    file(&folder, "seed.json", r#"{"users":[{"userId":"only"}]}"#);
    file(&folder, "key", "key-one\r\n");
    let toml = "port = 0\njson = true\ntenant = \"from-file\"\nseed = \"seed.json\"\nprimary-api-key-file = \"key\"\n";
    let object = json!({"port": 0, "json": true, "tenant": "from-file", "seed": "seed.json", "primary-api-key-file": "key"});
    for (name, text) in [("a.toml", toml), ("a.json", &object.to_string())] {
        let running = Running::start(&[&config(&file(&folder, name, text))]);
        let ready = running.ready();
        assert_eq!((&ready["tenantId"], &ready["primaryApiKey"]), (&json!("from-file"), &json!("key-one")));
        let users = raw(ready["url"].as_str().expect("a URL"), "GET", "/tenant/from-file/api/Users");
        assert_eq!(users.header("x-api-key", "key-one").send().json()["totalRecords"], 1);
    }
}

#[test]
fn an_argument_wins_over_the_environment_and_both_over_the_file() {
    let folder = folder();
    let text = "tenant = \"file\"\nprimary-api-key = \"file-one\"\nsecondary-api-key = \"file-two\"\ncontrol-token = \"file-token\"\n";
    let path = file(&folder, "a.toml", text);
    let key = file(&folder, "key", "key-from-its-file");
    let mut command = program(&[&QUIET[..], &["--tenant=argument", &config(&path)]].concat());
    command
        .env("AGGLESTONE_EMULATOR_TENANT", "environment")
        .env("AGGLESTONE_EMULATOR_PRIMARY_API_KEY", "environment-one")
        .env("AGGLESTONE_EMULATOR_SECONDARY_API_KEY_FILE", key);
    let ready = Running::run(&mut command).ready();
    assert_eq!(ready["tenantId"], "argument");
    assert_eq!(keys(&ready), ["environment-one", "key-from-its-file", "file-token"]);
}

#[test]
fn what_a_configuration_cannot_mean_is_refused_with_its_place_and_no_secret() {
    let folder = folder();
    for (name, text, reason) in [
        ("a.toml", "port = 0\nprimary-api-kay = \"sesame\"", "line 2: unknown field `primary-api-kay`"),
        ("b.toml", "primary-api-key = \"sesame", "line 1"),
        ("c.json", "{\"primary-api-key\": \"sesame\",\n\"prot\": 1}", "unknown field `prot`"),
        ("d.json", "{\"primary-api-key\": \"sesame\"", "line 1"),
        ("e.yaml", "primary-api-key: sesame", ".toml or .json"),
        ("f.toml", "primary-api-key = \"sesame\"\nprimary-api-key-file = \"f.toml\"", "not both"),
        ("g.toml", "control-token-file = \"missing-file\"", "missing-file"),
        ("h.toml", "primary-api-key = \"open sesame\"", "primary API key must"),
    ] {
        let (code, errors) = refused(&[&config(&file(&folder, name, text))]);
        assert_eq!(code, Some(1), "{errors}");
        assert!(errors.contains(reason), "{name}: {errors}");
        assert!(!errors.contains("sesame"), "{errors}");
    }
    let (code, errors) = refused(&["--config=missing.toml"]);
    assert_eq!(code, Some(1));
    assert!(errors.contains("configuration file missing.toml: "), "{errors}");
}

#[test]
fn help_names_every_variable_and_shows_no_secret_of_the_environment() {
    let mut command = program(&["--help"]);
    let output = command.env("AGGLESTONE_EMULATOR_PRIMARY_API_KEY", "sesame").output().expect("it runs");
    let help = String::from_utf8(output.stdout).expect("text");
    assert!(!help.contains("sesame"), "{help}");
    for line in help.lines().filter_map(|line| line.trim().strip_prefix("--")) {
        let option = line.split([' ', '[', '=']).next().expect("a name");
        let variable = format!("AGGLESTONE_EMULATOR_{}", option.to_uppercase().replace('-', "_"));
        assert!(help.contains(&variable), "{variable} in {help}");
    }
    let (code, errors) = refusal(program(&[]).env("AGGLESTONE_EMULATOR_PORT", "x"));
    assert_eq!(code, Some(2), "{errors}");
}
