//! `cargo xtask bench observed`: what spans and metrics add to a call, in processor time: what this client does for them, and what
//! the SDK does, with exporters within the process.

use std::process::Command;

use anyhow::{Result, anyhow, bail};
use serde_json::Value;

use super::machine::{self, CLIENT_CORE};
use super::programs::{self, SERVER};
use super::server::Server;
use super::tokens::{median, rounds};
use crate::dotnet::Dotnet;
use crate::faces::{self, Face};
use crate::process;
use crate::report;
use crate::workspace::Workspace;

const HEADINGS: [&str; 5] =
    ["language", ">off, µs", ">on, µs", ">of it this client, µs", ">of it the SDK, µs"];
const FACES: [Face; 3] = [Face::Python, Face::Node, Face::Csharp];

/// Measures each language and prints one table. False if one could not be measured.
pub fn run(workspace: &Workspace) -> Result<bool> {
    programs::build_native(workspace, &[SERVER])?;
    let server = Server::start(workspace, &[])?;
    let (mut rows, mut failures) = (Vec::new(), Vec::new());
    for face in FACES {
        match program(workspace, face).and_then(|program| measure(workspace, &server, face, program)) {
            Ok(row) => rows.push(row),
            Err(error) => failures.push(format!("{}: {error:#}", face.name())),
        }
    }
    drop(server);
    println!("\n{}", report::table(&HEADINGS, &rows));
    println!("A call of one attempt: two spans and two measurements. Medians of the rounds.");
    println!("{}", machine::facts(machine::can_pin(workspace)));
    for failure in &failures {
        println!("\nfailed: {failure}");
    }
    Ok(failures.is_empty())
}

fn program(workspace: &Workspace, face: Face) -> Result<Command> {
    match face {
        Face::Python => {
            let command = faces::python::benchmark(workspace, "benches/observed/observed.py")?;
            let mut pip = process::command(workspace, command.get_program());
            pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]);
            pip.arg(workspace.source("benches/observed/requirements.txt"));
            process::quiet(workspace, "bench-observed-pip", &mut pip)?;
            Ok(command)
        }
        Face::Node => {
            let mut command = faces::node::benchmark(workspace, "benches/observed/observed.mjs")?;
            command.env("AGG_BENCH_MODULES", workspace.source("node/node_modules"));
            Ok(command)
        }
        Face::Csharp => {
            let dotnet = Dotnet::find(workspace)?;
            faces::csharp::benchmark(workspace, &dotnet, "Observed", &["benches/observed/Observed.cs"])
        }
        Face::Rust | Face::C => bail!("it has no SDK of its own"),
    }
}

fn measure(workspace: &Workspace, server: &Server, face: Face, program: Command) -> Result<Vec<String>> {
    let mut program = machine::pinned(workspace, CLIENT_CORE, program);
    server.configure(&mut program);
    report::step(&format!("measuring {}", face.name()), || {
        let text = process::quiet(workspace, &format!("bench-observed-{face:?}"), &mut program)?;
        let line = text.lines().last().unwrap_or_default();
        row(face, line).ok_or_else(|| anyhow!("it printed:\n{}", text.trim_end()))
    })
}

/// Reads a line such as `{"off":[98000,97000],"quiet":[101000,100900],"on":[125000,126000]}`.
fn row(face: Face, line: &str) -> Option<Vec<String>> {
    let line: Value = serde_json::from_str(line).ok()?;
    let median = |name: &str| rounds(&line, name).map(|rounds| median(&rounds) / 1000.0);
    let (off, quiet, on) = (median("off")?, median("quiet")?, median("on")?);
    let numbers = [off, on, quiet - off, on - quiet].map(|microseconds| format!("{microseconds:.1}"));
    Some([face.name().to_string()].into_iter().chain(numbers).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_and_its_row_says_what_is_ours() {
        let line =
            r#"{"off":[98000,97000,99000],"quiet":[100900,101000,100800],"on":[125000,126000,127000]}"#;
        assert_eq!(row(Face::Node, line).expect("all members"), ["Node", "98.0", "126.0", "2.9", "25.1"]);
        assert_eq!(row(Face::Node, "warming up"), None);
    }
}
