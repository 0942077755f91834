//! The driver program of a face: one process for many cases, asked one line at a time.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use crate::face::Language;
use crate::output::Output;

/// A driver that is silent for so long is stuck; the longest wait that a case asks for is far shorter.
const ANSWER_LIMIT: Duration = Duration::from_secs(60);
/// What a form value needs escaped: everything but RFC 3986's unreserved characters, so no decoder's idea of `+` matters.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What a command gave.
#[derive(Debug)]
pub enum Answer {
    /// It succeeded with this value.
    Ok(Value),
    /// It failed with this error.
    Error(Value),
}

/// Stands in a text for half a surrogate pair, or for bytes that are no UTF-8: what no JSON text of Rust can hold.
const NOT_UNICODE: &str = "${not_unicode}";

/// A running driver.
pub struct Driver {
    child: Child,
    input: ChildStdin,
    answers: Receiver<String>,
    output: Output,
    language: Language,
}

impl Driver {
    /// Starts it, with `environment` and nothing else that a client would read.
    pub fn start(
        command: &[String],
        language: Language,
        environment: &BTreeMap<String, String>,
    ) -> Result<Self> {
        let (program, arguments) = command.split_first().context("no driver command")?;
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            let upper = name.to_string_lossy().to_uppercase();
            if upper.starts_with("AGGLESTONE_") || upper.ends_with("_PROXY") {
                command.env_remove(name);
            }
        }
        let mut child = command
            .args(arguments)
            .envs(environment)
            // As talkative as can be: what is printed is searched for secrets.
            .envs([("RUST_BACKTRACE", "1"), ("RUST_LOG", "trace")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start the driver {program}"))?;

        let input = child.stdin.take().context("the driver has no input")?;
        let output = BufReader::new(child.stdout.take().context("the driver has no output")?);
        let errors = child.stderr.take().context("the driver has no error output")?;
        let (send, answers) = mpsc::channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    break;
                }
            }
        });
        Ok(Self { child, input, answers, output: Output::listen(errors), language })
    }

    /// Sends one command and waits for its answer. After an error the driver is of no more use.
    pub fn ask(&mut self, command: &str, arguments: &Map<String, Value>) -> Result<Answer> {
        let line = match self.language {
            Language::C => form_line(command, arguments).replace("%24%7Bnot_unicode%7D", "%FF"),
            Language::Python | Language::Node => {
                json_line(command, arguments).replace(NOT_UNICODE, "\\ud800")
            }
            // .NET's JSON refuses it, so this driver puts it in itself.
            Language::Csharp | Language::Rust => json_line(command, arguments),
        };
        let sent = self.input.write_all(line.as_bytes()).and_then(|()| self.input.write_all(b"\n"));
        if sent.and_then(|()| self.input.flush()).is_err() {
            bail!("the driver ended before {command}{}", self.last_words());
        }
        let answer = match self.answers.recv_timeout(ANSWER_LIMIT) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => {
                bail!(
                    "the driver did not answer {command} within {} s{}",
                    ANSWER_LIMIT.as_secs(),
                    self.last_words()
                )
            }
            Err(RecvTimeoutError::Disconnected) => {
                bail!("the driver ended during {command}{}", self.last_words())
            }
        };
        read_answer(&answer).with_context(|| format!("the driver answered {command} with {answer:?}"))
    }

    /// Everything that the language can print of what the driver holds, and what was printed since the last time.
    pub fn show(&mut self) -> Result<(Value, String)> {
        match self.ask("show", &Map::new())? {
            Answer::Ok(shown) => Ok((shown, self.output.take()?)),
            Answer::Error(error) => bail!("show failed: {error}"),
        }
    }

    fn last_words(&mut self) -> String {
        // The thread that reads them may be a moment behind the end of the process.
        std::thread::sleep(Duration::from_millis(100));
        let status =
            self.child.try_wait().ok().flatten().map(|status| format!(" ({status})")).unwrap_or_default();
        let words = self.output.last_words();
        if words.is_empty() { status } else { format!("{status}; its last words:\n{words}") }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read_answer(line: &str) -> Result<Answer> {
    let Value::Object(mut members) = serde_json::from_str(line)? else { bail!("not an object") };
    match (members.remove("ok"), members.remove("error")) {
        (Some(value), None) => Ok(Answer::Ok(value)),
        (None, Some(error)) => Ok(Answer::Error(error)),
        _ => Err(anyhow!("neither ok nor error")),
    }
}

fn json_line(command: &str, arguments: &Map<String, Value>) -> String {
    let member = if command == "new_client" { "settings" } else { "args" };
    let mut line = json!({"command": command});
    if !arguments.is_empty() || command == "new_client" {
        line[member] = Value::Object(arguments.clone());
    }
    line.to_string()
}

fn form_line(command: &str, arguments: &Map<String, Value>) -> String {
    let mut line = format!("command={command}");
    let mut add = |name: &str, value: &str| line += &format!("&{name}={}", utf8_percent_encode(value, FORM));
    for (name, value) in arguments {
        match (command, name.as_str(), value) {
            (_, _, Value::Null) if name != "json" => {}
            ("new_client", "key_source", Value::Array(answers)) => {
                for answer in answers.iter().filter_map(Value::as_object) {
                    let fields = answer.iter().map(|(name, value)| format!("{name}={}", plain(value)));
                    add("source", &fields.collect::<Vec<_>>().join("&"));
                }
            }
            ("new_client", _, _) => add(&format!("setting.{name}"), &plain(value)),
            ("request", "json", _) => add("json", &value.to_string()),
            ("request", "query" | "headers", Value::Object(members)) => {
                let repeated = if name == "query" { "query" } else { "header" };
                for (name, value) in members {
                    add(repeated, &format!("{name}={}", plain(value)));
                }
            }
            _ => add(name, &plain(value)),
        }
    }
    line
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().expect("an object").clone()
    }

    #[test]
    fn c_gets_a_form_encoded_line() {
        let arguments = object(json!({
            "method": "GET", "path": "a/b", "query": {"x": "1 2", "y": 3}, "headers": {"A": "b"}, "json": {"k": "v"}
        }));
        assert_eq!(
            form_line("request", &arguments),
            "command=request&header=A%3Db&json=%7B%22k%22%3A%22v%22%7D&method=GET&path=a%2Fb&query=x%3D1%202&query=y%3D3"
        );
        let settings = object(json!({"tenant_id": "t", "timeout": 1.5, "app_name": null}));
        assert_eq!(
            form_line("new_client", &settings),
            "command=new_client&setting.tenant_id=t&setting.timeout=1.5"
        );
        let source = json!([{"primary": "p", "secondary": "s"}, {"failure": "gone"}]);
        assert_eq!(
            form_line("new_client", &object(json!({"key_source": source}))),
            "command=new_client&source=primary%3Dp%26secondary%3Ds&source=failure%3Dgone"
        );
    }

    #[test]
    fn the_others_get_json() {
        assert_eq!(json_line("close_client", &Map::new()), r#"{"command":"close_client"}"#);
        let line = json_line("new_client", &object(json!({"tenant_id": "t"})));
        assert_eq!(line, r#"{"command":"new_client","settings":{"tenant_id":"t"}}"#);
    }

    #[test]
    fn an_answer_is_either_ok_or_error() {
        assert!(matches!(read_answer(r#"{"ok": null}"#), Ok(Answer::Ok(Value::Null))));
        assert!(matches!(read_answer(r#"{"error": {}}"#), Ok(Answer::Error(_))));
        assert!(read_answer(r#"{"fine": 1}"#).is_err() && read_answer("oops").is_err());
    }

    #[test]
    fn a_driver_that_ends_is_told_apart_with_its_last_words() {
        let command = ["sh", "-c", "read line; echo sorry >&2; exit 3"].map(String::from);
        let mut driver = Driver::start(&command, Language::Node, &BTreeMap::new()).expect("starts");
        let error = driver.ask("get_users", &Map::new()).expect_err("it ended").to_string();
        assert!(error.contains("ended during get_users") && error.contains("sorry"), "{error}");
    }
}
