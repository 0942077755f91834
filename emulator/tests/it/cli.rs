//! The emulator as a program: its lines, its exit codes, and how it is stopped.

use std::io::{BufRead, BufReader, Read};
use std::net::{IpAddr, TcpListener, TcpStream, UdpSocket};
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::http::raw;

pub fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_agglestone-emulator"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs a program that is expected to refuse its arguments.
pub fn refused(arguments: &[&str]) -> (Option<i32>, String) {
    refusal(&mut program(arguments))
}

/// The same for a command that was prepared further.
pub fn refusal(command: &mut Command) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = command.output().expect("it runs");
    assert_eq!(stdout, b"");
    (status.code(), String::from_utf8(stderr).expect("text"))
}

/// A program that has said that it is ready.
pub struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
    line: String,
}

impl Running {
    pub fn start(arguments: &[&str]) -> Self {
        Self::run(&mut program(arguments))
    }

    /// Starts a command that was prepared further.
    pub fn run(command: &mut Command) -> Self {
        let mut child = command.spawn().expect("it runs");
        let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("a line");
        Self { child, stdout, line }
    }

    pub fn ready(&self) -> Value {
        serde_json::from_str(&self.line).unwrap_or_else(|error| panic!("{error} in {:?}", self.line))
    }

    /// Sends a signal, and returns how it exited, what else it said on stdout, and all of stderr.
    pub fn stop(mut self, signal: &str) -> (ExitStatus, String, String) {
        let process = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &process]).status().expect("kill runs");
        assert!(sent.success());
        let (mut more, mut errors) = (String::new(), String::new());
        self.stdout.read_to_string(&mut more).expect("text");
        self.child.stderr.take().expect("piped").read_to_string(&mut errors).expect("text");
        (self.child.wait().expect("it ends"), more, errors)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Of no effect if it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(unix)]
#[test]
fn with_json_the_ready_line_is_all_of_stdout_and_is_true() {
    let running = Running::start(&["--port", "0", "--json"]);
    let ready = running.ready();
    let text = |name: &str| ready[name].as_str().unwrap_or_else(|| panic!("{name}")).to_owned();
    let url = text("url");
    assert_eq!(
        running.line,
        format!(
            "{{\"url\":\"{url}\",\"tenantId\":\"{}\",\"primaryApiKey\":\"{}\",\"secondaryApiKey\":\"{}\",\
             \"portalUrl\":\"{url}/portal\",\"controlToken\":\"{}\"}}\n",
            text("tenantId"),
            text("primaryApiKey"),
            text("secondaryApiKey"),
            text("controlToken")
        )
    );
    let path = format!("/tenant/{}/api/v2.0/Users", text("tenantId"));
    for key in ["primaryApiKey", "secondaryApiKey"] {
        assert_eq!(raw(&url, "GET", &path).header("x-api-key", text(key)).send().status, 200);
    }
    let bearer = format!("Bearer {}", text("controlToken"));
    let journal = raw(&url, "GET", "/_emulator/requests").header("authorization", bearer).send();
    assert_eq!(journal.json().as_array().expect("entries").len(), 2);
    let (_, more, errors) = running.stop("-TERM");
    assert_eq!((more.as_str(), errors.as_str()), ("", ""));
}

#[cfg(unix)]
#[test]
fn it_stops_with_exit_code_zero_when_told_to() {
    for signal in ["-TERM", "-INT"] {
        let (status, ..) = Running::start(&["--port", "0", "--json"]).stop(signal);
        assert_eq!(status.code(), Some(0), "{signal}");
    }
}

#[test]
fn it_stops_when_whoever_started_it_has_ended() {
    for closes in [true, false] {
        let mut command = program(&["--port", "0", "--json"]);
        command.stdin(Stdio::piped()).env("AGGLESTONE_EMULATOR_UNTIL_STDIN_CLOSES", closes.to_string());
        let mut running = Running::run(&mut command);
        let url = running.ready()["url"].as_str().expect("a URL").to_owned();
        // What the system does for a process that was killed.
        drop(running.child.stdin.take());
        if closes {
            let begun = Instant::now();
            let status = loop {
                assert!(begun.elapsed() < Duration::from_secs(20), "it goes on");
                match running.child.try_wait().expect("a child") {
                    Some(status) => break status,
                    None => std::thread::yield_now(),
                }
            };
            assert_eq!(status.code(), Some(0));
        }
        let answered = TcpStream::connect(url.trim_start_matches("http://")).is_ok();
        assert_eq!(answered, !closes);
    }
}

#[cfg(unix)]
#[test]
fn without_json_one_line_greets_and_the_settings_are_on_stderr() {
    let running = Running::start(&["--port", "0", "--tenant", "my-tenant"]);
    let line = running.line.clone();
    let (_, more, errors) = running.stop("-TERM");
    assert_eq!(more, "");
    let url = line.split(&[' ', ','][..]).find(|word| word.starts_with("http://")).expect("a URL");
    assert!(line.contains("my-tenant"), "{line}");
    assert!(!line.contains("agk_"), "{line}");
    let settings: Vec<&str> = errors.lines().collect();
    assert_eq!(settings[0], format!("export AGGLESTONE_BASE_URL={url}"));
    assert_eq!(settings[1], "export AGGLESTONE_TENANT_ID=my-tenant");
    assert!(settings[2].starts_with("export AGGLESTONE_API_KEY=agk_"), "{errors}");
    assert!(settings[3].starts_with("export AGGLESTONE_SECONDARY_API_KEY=agk_"), "{errors}");
}

#[test]
fn a_taken_port_is_said_and_exits_with_one() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let (code, errors) = refused(&["--port", &port]);
    assert_eq!(code, Some(1));
    assert!(errors.contains(&format!("port {port} on 127.0.0.1 is already in use")), "{errors}");
}

#[test]
fn an_address_other_machines_can_reach_needs_a_flag() {
    let (code, errors) = refused(&["--port", "0", "--host", "0.0.0.0"]);
    assert_eq!(code, Some(1));
    assert!(errors.contains("--allow-remote"), "{errors}");
}

#[cfg(unix)]
/// The address that other machines would reach this one at; nothing is sent to find it. None without a network.
fn address_of_this_machine() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    socket.local_addr().ok().map(|address| address.ip()).filter(|address| !address.is_loopback())
}

#[cfg(unix)]
#[test]
fn an_address_other_machines_can_reach_is_warned_about_and_its_portal_asks_who_is_there() {
    let running = Running::start(&["--port", "0", "--host", "0.0.0.0", "--allow-remote", "--json"]);
    let url = running.ready()["url"].as_str().expect("a URL").to_owned();
    assert_eq!(raw(&url, "GET", "/health").send().status, 200);
    let token = running.ready()["controlToken"].as_str().expect("a token").to_owned();
    if let Some(address) = address_of_this_machine() {
        let elsewhere = url.replace("127.0.0.1", &address.to_string());
        let asked = raw(&elsewhere, "GET", "/portal").send();
        assert!(asked.text().contains("Control token"), "{asked:?}");
        assert_eq!(asked.headers("set-cookie"), [""; 0]);
        let body = format!("token={token}");
        let signed_in = raw(&elsewhere, "POST", "/portal/sign-in").body(body).send();
        let cookie = signed_in.header("set-cookie");
        let page = raw(&elsewhere, "GET", "/portal").header("cookie", cookie).send();
        assert!(page.text().contains("API keys"), "{page:?}");
    }
    let (_, _, errors) = running.stop("-TERM");
    assert!(errors.contains("warning"), "{errors}");
    assert!(errors.contains(&format!("the control token: {token}")), "{errors}");
    let (_, _, errors) = Running::start(&["--port", "0", "--allow-remote", "--json"]).stop("-TERM");
    assert_eq!(errors, "", "there is nothing to warn about on a loopback address");
}

#[test]
fn a_seed_file_is_served_and_a_wrong_one_is_refused() {
    let directory = std::env::temp_dir();
    let file = directory.join(format!("agglestone-seed-{}.json", std::process::id()));
    let path = file.to_str().expect("a path in UTF-8");
    std::fs::write(&file, "\u{feff}{\"users\":[{\"userId\":\"only\"}]}").expect("a file");
    let running = Running::start(&["--port", "0", "--json", "--seed", path]);
    let ready = running.ready();
    let text = |name: &str| ready[name].as_str().expect("text").to_owned();
    let users = raw(&text("url"), "GET", &format!("/tenant/{}/api/Users", text("tenantId")))
        .header("x-api-key", text("primaryApiKey"))
        .send();
    assert_eq!(users.json()["data"], serde_json::json!([{"userId": "only"}]));
    std::fs::write(&file, "{\"users\":[{}]}").expect("a file");
    let (code, errors) = refused(&["--port", "0", "--seed", path]);
    std::fs::remove_file(&file).expect("the file");
    assert_eq!(code, Some(1));
    assert!(errors.contains(path) && errors.contains("user 1: has no userId"), "{errors}");
}

#[test]
fn the_health_check_says_whether_the_emulator_with_these_settings_answers() {
    let running = Running::start(&["--port", "0", "--json"]);
    let ready = running.ready();
    let port = ready["url"].as_str().expect("a URL").rsplit(':').next().expect("a port").to_owned();
    let check = || program(&["--host", "0.0.0.0", "--port", &port, "healthcheck"]).output().expect("it runs");
    let healthy = check();
    assert_eq!((healthy.status.code(), healthy.stdout, healthy.stderr), (Some(0), vec![], vec![]));
    let mut by_environment = program(&["healthcheck"]);
    assert!(by_environment.env("AGGLESTONE_EMULATOR_PORT", &port).status().expect("it runs").success());
    drop(running);
    let ill = check();
    assert_eq!(ill.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&ill.stderr).contains("no healthy emulator at 127.0.0.1"), "{ill:?}");
    // Something else that listens there is not healthy.
    let other = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = other.local_addr().expect("an address").port().to_string();
    let answering = std::thread::spawn(move || drop(other.accept()));
    assert_eq!(refused(&["--port", &port, "healthcheck"]).0, Some(1));
    answering.join().expect("no panic");
}

#[test]
fn arguments_nobody_understands_exit_with_two() {
    for arguments in [&["--prot", "1"][..], &["--port", "x"], &["--token-lifetime", "0"], &["extra"]] {
        let (code, errors) = refused(arguments);
        assert_eq!(code, Some(2), "{errors}");
    }
}
