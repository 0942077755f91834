//! What outlives an emulator: its data file, snapshots, and a signing key that several share.

use std::path::Path;

use agglestone_emulator::{Options, Slot, StartError, start};
use serde_json::{Value, json};

use crate::cli::Running;
use crate::http::{Reply, anonymous, as_user, call, control, demo_user, raw, token};

/// A program that is called as its ready line says.
struct Program {
    running: Running,
    ready: Value,
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let running = Running::start(&[&["--port=0", "--json"], arguments].concat());
        let ready = running.ready();
        Self { running, ready }
    }

    fn text(&self, name: &str) -> &str {
        self.ready[name].as_str().expect("text")
    }

    fn call(&self, method: &str, path: &str, header: (&str, &str), body: Option<Value>) -> Reply {
        let target = format!("/tenant/{}/{path}", self.text("tenantId"));
        let request = raw(self.text("url"), method, &target).header(header.0, header.1);
        body.iter().fold(request, |request, body| request.json(body)).send()
    }

    fn token(&self, user_id: &str) -> String {
        let key = ("x-api-key", self.text("primaryApiKey"));
        let reply = self.call("POST", "v2.0/Auth/token-exchange", key, Some(json!({"userId": user_id})));
        reply.json()["token"].as_str().expect("a token").to_owned()
    }

    fn status_of(&self, token: &str) -> u16 {
        self.call("GET", "api/Users", ("authorization", &format!("Bearer {token}")), None).status
    }
}

fn admin() -> String {
    demo_user(&start(), 0)
}

#[cfg(unix)]
#[test]
fn users_keys_tokens_and_revocations_are_kept_over_a_restart() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("data.json");
    let data = format!("--data={}", file.display());
    let first = Program::start(&[&data, "--primary-api-key=given-at-first"]);
    let admin = admin();
    let token = first.token(&admin);
    let key = ("x-api-key", "given-at-first");
    assert_eq!(
        first.call("POST", "api/Users", key, Some(json!({"userId": "made", "extra": 1.50}))).status,
        201
    );
    let other =
        first.call("POST", "api/APIKeys", key, Some(json!({"type": "secondary"}))).json()["apiKey"].clone();
    assert_eq!(std::fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
    // Not told to stop: what was answered is kept even so.
    drop(first.running);

    let second = Program::start(&[&data, "--primary-api-key=another-now"]);
    assert_eq!((second.text("primaryApiKey"), &second.ready["secondaryApiKey"]), ("given-at-first", &other));
    assert_eq!(
        second.call("GET", "api/Users/made", key, None).json(),
        json!({"userId": "made", "extra": 1.50})
    );
    assert_eq!(second.status_of(&token), 200);
    let revoke = raw(second.text("url"), "POST", &format!("/_emulator/users/{admin}/revoke"));
    revoke.header("authorization", format!("Bearer {}", second.text("controlToken"))).send();
    drop(second.running);

    let third = Program::start(&[&data]);
    assert_eq!(third.status_of(&token), 401, "revoked before the restart");
    assert_eq!(third.status_of(&third.token(&admin)), 200);
}

#[test]
fn a_snapshot_goes_out_and_comes_in_unchanged() {
    let emulator = start();
    call(&emulator, "POST", "api/Users").json_text(r#"{"userId":"made","extra":1.50}"#).send();
    control(&emulator, "POST", "users/made/revoke").send();
    emulator.set_key(Slot::Primary, "a-key-of-ones-own");
    let snapshot = control(&emulator, "GET", "snapshot").send();
    assert_eq!(snapshot.header("cache-control"), "no-store");

    let other = start();
    let (old, user_token) = (other.primary_api_key(), token(&other, &demo_user(&other, 0)));
    let put = control(&other, "PUT", "snapshot").body(snapshot.body.clone()).send();
    assert_eq!(put.json(), json!({"status": "ok"}));
    assert_eq!(control(&other, "GET", "snapshot").send().text(), snapshot.text());
    assert_eq!(other.primary_api_key(), "a-key-of-ones-own");
    assert_eq!(call(&other, "GET", "api/Users/made").send().text(), r#"{"userId":"made","extra":1.50}"#);
    anonymous(&other, "GET", "api/Users").header("x-api-key", old).send().problem(401);
    assert_eq!(as_user(&other, &user_token, "GET", "api/Users").send().status, 200, "the same signing key");
}

#[test]
fn a_snapshot_that_cannot_be_is_refused_and_changes_nothing() {
    let emulator = start();
    let before = control(&emulator, "GET", "snapshot").send();
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut snapshot = before.json();
        change(&mut snapshot);
        snapshot
    };
    for (snapshot, reason) in [
        (json!({}), "missing field"),
        (changed(&|snapshot| snapshot["more"] = json!(1)), "unknown field `more`"),
        (changed(&|snapshot| snapshot["tenantId"] = json!("other")), "other"),
        (changed(&|snapshot| snapshot["primaryApiKey"] = json!("x")), "primaryApiKey must"),
        (changed(&|snapshot| snapshot["primaryApiKey"] = snapshot["secondaryApiKey"].clone()), "the same"),
        (changed(&|snapshot| snapshot["signingKey"] = json!("none")), "signingKey: not an RSA"),
        (changed(&|snapshot| snapshot["users"] = json!([{}])), "user 1: has no userId"),
    ] {
        let detail = control(&emulator, "PUT", "snapshot").json(&snapshot).send().problem(400);
        assert!(detail.contains(reason), "{detail}");
        assert!(!detail.contains(&emulator.primary_api_key()), "{detail}");
    }
    assert_eq!(control(&emulator, "GET", "snapshot").send().text(), before.text());
}

#[test]
fn emulators_with_one_signing_key_accept_each_others_tokens() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("key.pem");
    let tenant = Options::new().tenant("with-a-key-of-its-own").start().expect("a start");
    let snapshot = control(&tenant, "GET", "snapshot").send().json();
    std::fs::write(&file, snapshot["signingKey"].as_str().expect("PEM")).expect("a file");
    let key = format!("--signing-key={}", file.display());
    let [one, two, stranger] = [&[key.as_str()][..], &[&key], &[]].map(Program::start);
    let token = one.token(&admin());
    assert_eq!([one.status_of(&token), two.status_of(&token), stranger.status_of(&token)], [200, 200, 401]);
}

#[test]
fn files_that_cannot_be_used_are_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path
    };
    let refused = |options: Options, path: &Path| {
        let error = options.start().expect_err("unusable");
        assert!(matches!(error, StartError::File(..)), "{error}");
        assert!(error.to_string().contains(path.to_str().expect("UTF-8")), "{error}");
    };
    let broken = file("data.json", "{\"tenantId\":");
    refused(Options::new().data_file(&broken), &broken);
    refused(Options::new().data_file(folder.path()), folder.path());
    let no_key = file("key.pem", "-----BEGIN CERTIFICATE-----");
    refused(Options::new().signing_key_file(&no_key), &no_key);
    refused(Options::new().signing_key_file("missing.pem"), Path::new("missing.pem"));
}

#[test]
fn what_is_changed_in_rust_is_kept_by_a_save() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("data.json");
    let emulator = Options::new().data_file(&file).start().expect("a start");
    emulator.set_key(Slot::Secondary, "changed-in-rust");
    emulator.save().expect("a save");
    drop(emulator);
    let again = Options::new().data_file(&file).start().expect("a start");
    assert_eq!(again.secondary_api_key(), "changed-in-rust");
    // Where nothing can be written, nobody is told that a change was kept.
    std::fs::remove_file(&file).expect("the file");
    drop(folder);
    control(&again, "POST", "keys/primary").send().problem(500);
}
