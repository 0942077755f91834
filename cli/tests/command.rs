//! The command as it is run, against a real emulator: what it prints, how it ends, and that no key is ever shown.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use agglestone_emulator::{Emulator, Options, Slot};
use serde_json::Value;
use tempfile::TempDir;

/// An emulator, and its keys in files as services have them.
struct Scene {
    emulator: Emulator,
    folder: TempDir,
}

/// How a command ended.
struct Ended {
    worked: bool,
    out: String,
    err: String,
}

impl Scene {
    fn new(options: Options) -> Scene {
        let (emulator, folder) = (options.port(0).start().unwrap(), TempDir::new().unwrap());
        let scene = Scene { emulator, folder };
        fs::write(scene.file("primary"), scene.emulator.primary_api_key()).unwrap();
        fs::write(scene.file("secondary"), scene.emulator.secondary_api_key()).unwrap();
        scene
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn key(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap().trim().to_owned()
    }

    fn keys(&self) -> [String; 2] {
        ["primary", "secondary"].map(|name| self.key(name))
    }

    fn run(&self, arguments: &str) -> Ended {
        self.run_with(arguments, "", |_| {})
    }

    fn run_with(&self, arguments: &str, input: &str, set: impl FnOnce(&mut Command)) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_agglestone"));
        command
            .args(arguments.split(' '))
            .env_clear()
            .env("AGGLESTONE_BASE_URL", self.emulator.url())
            .env("AGGLESTONE_TENANT_ID", self.emulator.tenant_id())
            .env("AGGLESTONE_API_KEY_FILE", self.file("primary"))
            .env("AGGLESTONE_SECONDARY_API_KEY_FILE", self.file("secondary"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        set(&mut command);
        let secrets = self.keys();
        let mut child = command.spawn().unwrap();
        // It may have ended without reading.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let ended =
            Ended { worked: output.status.success(), out: text(output.stdout), err: text(output.stderr) };
        for secret in secrets.iter().chain(&self.keys()) {
            assert!(!ended.out.contains(secret) && !ended.err.contains(secret), "{arguments} shows a key");
        }
        ended
    }

    /// What a command prints for machines.
    fn json(&self, arguments: &str) -> Value {
        let ended = self.run(&format!("{arguments} --json"));
        serde_json::from_str(&ended.out)
            .unwrap_or_else(|error| panic!("{error}: {} {}", ended.out, ended.err))
    }
}

/// Each check of a doctor's report: its name and how it ended.
fn checks(report: &Value) -> Vec<(&str, &str)> {
    let checks = report["checks"].as_array().unwrap();
    checks.iter().map(|check| (check["check"].as_str().unwrap(), check["status"].as_str().unwrap())).collect()
}

#[test]
fn doctor_looks_at_everything_a_call_needs() {
    let scene = Scene::new(Options::new());
    let report = scene.json("doctor");
    let all = ["configuration", "dns", "tcp", "tls", "key", "key", "users", "clock"];
    assert_eq!(checks(&report), all.map(|check| (check, "ok")));
    assert_eq!(report["healthy"], true);
    let source = |name: &str| {
        let found = report["settings"].as_array().unwrap().iter().find(|source| source["setting"] == name);
        found.map(|source| source["from"].as_str().unwrap().to_owned())
    };
    assert_eq!(source("base_url").as_deref(), Some("AGGLESTONE_BASE_URL"));
    assert_eq!(source("users_path").as_deref(), Some("default"));
    assert_eq!(source("api_key"), None);

    let ended = scene.run("doctor");
    assert!(ended.worked && ended.out.ends_with("Calls work.\n"), "{}", ended.out);
}

#[test]
fn doctor_says_what_is_wrong_and_skips_what_depends_on_it() {
    let scene = Scene::new(Options::new());
    scene.emulator.generate_key(Slot::Secondary);
    let report = scene.json("doctor");
    assert_eq!(checks(&report)[4..], [("key", "ok"), ("key", "failed"), ("users", "ok"), ("clock", "ok")]);
    assert!(!scene.run("doctor").worked);

    let closed = scene.run("doctor --json --base-url http://127.0.0.1:1");
    let report: Value = serde_json::from_str(&closed.out).unwrap();
    assert_eq!(checks(&report), [("configuration", "ok"), ("dns", "ok"), ("tcp", "failed")]);

    let wrong = scene.run("doctor --json --tenant-id a/b --users-path ..");
    let report: Value = serde_json::from_str(&wrong.out).unwrap();
    assert_eq!(checks(&report), [("configuration", "failed"); 2], "every problem is told at once");
    assert!(!wrong.worked);
}

#[test]
fn doctor_reads_certificates_also_where_it_does_not_believe_them() {
    let scene = Scene::new(Options::new().tls_self_signed(None));
    let authority = scene.emulator.ca_file().unwrap().display().to_string();
    let report = scene.json(&format!("doctor --ca-file {authority}"));
    assert!(checks(&report).contains(&("tls", "ok")) && checks(&report).contains(&("certificate", "ok")));
    assert_eq!(report["healthy"], true, "{report}");

    let strange = scene.run_with("doctor --json", "", |command| {
        // Some roots have to be there, and not this one.
        command.env("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt");
    });
    let report: Value = serde_json::from_str(&strange.out).unwrap();
    assert!(checks(&report).contains(&("tls", "failed")), "{report}");
    assert!(checks(&report).contains(&("certificate", "ok")), "{report}");
}

#[test]
fn users_are_listed_and_read() {
    let scene = Scene::new(Options::new());
    let page = scene.json("users list --page-size 2 --page-number 2");
    assert_eq!((page["data"].as_array().unwrap().len(), &page["pageNumber"]), (2, &Value::from(2)));
    let all = scene.json("users list --all");
    assert_eq!(Some(all.as_array().unwrap().len() as u64), page["totalRecords"].as_u64());
    let id = all[0]["userId"].as_str().unwrap();
    assert_eq!(scene.json(&format!("users get {id}")), all[0]);

    let table = scene.run("users list --page-size 2");
    assert!(table.out.starts_with("USER ID ") && table.out.contains(id), "{}", table.out);
    let unknown = scene.run("users get nobody --json");
    let error: Value = serde_json::from_str(&unknown.err).unwrap();
    assert_eq!((unknown.worked, &error["error"]["code"]), (false, &Value::from("NOT_FOUND")));
}

#[test]
fn a_token_is_printed_alone_so_that_a_shell_can_take_it() {
    let scene = Scene::new(Options::new());
    let id = scene.json("users list --page-size 1")["data"][0]["userId"].as_str().unwrap().to_owned();
    let token = scene.run(&format!("token {id}"));
    assert_eq!(token.out.trim_end().split('.').count(), 3);
    assert!(token.err.is_empty());
    assert!(scene.json(&format!("token {id}"))["expiresAt"].as_str().unwrap().ends_with('Z'));
}

#[test]
fn a_token_is_verified_and_its_claims_are_told() {
    let scene = Scene::new(Options::new());
    let id = scene.json("users list --page-size 1")["data"][0]["userId"].clone();
    let token = scene.run(&format!("token {}", id.as_str().unwrap())).out;
    assert_eq!(scene.json(&format!("verify {}", token.trim()))["userId"], id);
    let claims: Value = serde_json::from_str(&scene.run_with("verify -", &token, |_| {}).out).unwrap();
    assert_eq!(claims["userId"], id);

    let changed =
        format!("{}.e30.{}", token.split('.').next().unwrap(), token.trim().split('.').nth(2).unwrap());
    let refused = scene.run(&format!("verify {changed} --json"));
    let error: Value = serde_json::from_str(&refused.err).unwrap();
    assert!(!refused.worked && refused.out.is_empty());
    assert_eq!(error["error"]["code"], "INVALID_TOKEN");
    assert!(error["error"]["reason"].is_string(), "{error}");

    assert_eq!(scene.json(&format!("verify {} --check service", token.trim()))["userId"], id);
    assert!(scene.emulator.remove_user(id.as_str().unwrap()));
    assert!(scene.run(&format!("verify {}", token.trim())).worked, "nobody was asked");
    let revoked = scene.run(&format!("verify {} --check service --json", token.trim()));
    let error: Value = serde_json::from_str(&revoked.err).unwrap();
    assert_eq!((revoked.worked, &error["error"]["reason"]), (false, &Value::from("revoked")));
}

#[test]
fn keys_are_checked_and_their_use_is_told_where_somebody_can() {
    let scene = Scene::new(Options::new());
    assert!(scene.run("keys check").worked);
    scene.emulator.generate_key(Slot::Primary);
    let refused = scene.run("keys check");
    assert!(!refused.worked && refused.out.contains("refused"), "{}", refused.out);

    let nobody = scene.run("keys usage");
    assert!(!nobody.worked && nobody.err.contains("AGGLESTONE_EMULATOR_TOKEN"), "{}", nobody.err);
    let token = scene.emulator.control_token().to_owned();
    let usage = scene.run_with("keys usage", "", |command| {
        command.env("AGGLESTONE_EMULATOR_TOKEN", token);
    });
    assert!(usage.worked && usage.out.contains("agglestone-cli"), "{}{}", usage.out, usage.err);
}

#[test]
fn both_keys_are_replaced_in_their_files() {
    let scene = Scene::new(Options::new());
    let before = scene.keys();
    let token = scene.emulator.control_token().to_owned();
    let ended = scene.run_with("rotate --from service --yes --quiet-for 1", "", |command| {
        command.env("AGGLESTONE_EMULATOR_TOKEN", token);
    });
    assert!(ended.worked, "{}", ended.err);
    let wait = "waiting until nobody has presented the secondary key for 1s";
    assert!(
        ended.err.contains(wait),
        "services may not have called since the primary key ended: {}",
        ended.err
    );
    assert_eq!(scene.keys(), [scene.emulator.primary_api_key(), scene.emulator.secondary_api_key()]);
    assert!(before.iter().all(|key| !scene.keys().contains(key)));
    assert!(scene.run("keys check").worked);
    assert_eq!(names(scene.folder.path()), ["primary", "secondary"], "nothing is left beside them");

    let uncounted = scene.run("rotate --from service --yes --quiet-for 1");
    assert!(uncounted.worked && uncounted.err.contains("waiting 1s, so that"), "{}", uncounted.err);
}

#[test]
fn a_pasted_key_is_written_only_when_the_service_takes_it() {
    let scene = Scene::new(Options::new());
    let before = scene.keys();
    let wrong = scene.run_with("rotate", "y\nnot-the-key\n", |_| {});
    assert!(!wrong.worked && wrong.err.contains("was not written"), "{}", wrong.err);
    assert!(!wrong.err.contains("not-the-key"), "{}", wrong.err);
    assert_eq!(scene.keys(), before);

    // As a person does it in the portal between question and answer.
    let new = scene.emulator.generate_key(Slot::Primary);
    fs::write(scene.file("primary"), &new).unwrap();
    let half = scene.run_with("rotate", &format!("y\n{new}\nn\n"), |_| {});
    assert!(!half.worked && half.err.contains("the secondary key is the one it was"), "{}", half.err);
    assert_eq!(scene.keys(), [new, before[1].clone()]);
}

#[test]
fn nothing_is_replaced_without_a_yes_or_while_a_key_is_refused() {
    let scene = Scene::new(Options::new());
    let before = scene.keys();
    for input in ["", "n\n", "perhaps\n"] {
        let ended = scene.run_with("rotate --from service", input, |_| {});
        assert!(!ended.worked && scene.keys() == before, "{input:?}: {}", ended.err);
    }
    scene.emulator.generate_key(Slot::Secondary);
    let ended = scene.run("rotate --from service --yes");
    assert!(!ended.worked && ended.err.contains("refuses the secondary key"), "{}", ended.err);
    assert_eq!((scene.emulator.primary_api_key(), scene.keys()), (before[0].clone(), before));
}

#[test]
fn completions_are_there_for_every_shell() {
    let scene = Scene::new(Options::new());
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ended = scene.run(&format!("completions {shell}"));
        assert!(ended.worked && ended.out.contains("rotate"), "{shell}");
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = entries.collect();
    names.sort();
    names
}
