//! `cargo xtask demo`: the examples of all five languages against one emulator, and what each printed as one table.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::dotnet::Dotnet;
use crate::emulator::Emulator;
use crate::faces::{self, Face};
use crate::prerequisites;
use crate::process;
use crate::report;
use crate::tally::Ran;
use crate::workspace::Workspace;

const HEADINGS: [&str; 6] =
    ["language", "runtime", ">users listed", "token's user", "token's expiry", ">process time"];

/// An example that is built, and what runs it.
struct Ready {
    command: Command,
    runtime: String,
}

/// What an example printed.
#[derive(Debug, PartialEq, Eq)]
struct Printed {
    users: String,
    token_user: String,
    token_expiry: String,
}

/// Builds, runs, and shows the table; true if every language worked.
pub fn run(workspace: &Workspace) -> Result<bool> {
    let lacks = prerequisites::lacks(workspace, &Face::ALL);
    for lack in &lacks {
        println!("missing: {}", lack.text());
    }
    faces::native::build(workspace)?;
    let prepared: Vec<(Face, Result<Ready>)> = Face::ALL
        .into_iter()
        .map(|face| match prerequisites::missing_for(&lacks, face) {
            Some(missing) => (face, Err(anyhow::anyhow!("missing: {missing}"))),
            None => (face, prepare(workspace, face)),
        })
        .collect();

    let emulator =
        report::step("starting the emulator on a free port", || Emulator::start(workspace, "demo"))?;
    println!("    it listens at {}", emulator.url()?);
    warm_up(workspace, &emulator);
    let mut rows = Vec::new();
    let mut failures = Vec::new();
    for (face, ready) in prepared {
        let row = ready.and_then(|mut ready| {
            let (printed, time) = run_example(workspace, face, &mut ready.command, &emulator)?;
            Ok(row(face, &ready.runtime, &printed, time))
        });
        rows.push(row.unwrap_or_else(|error| {
            failures.push(format!("{}: {error:#}", face.name()));
            let mut cells = vec![face.name().to_string(), "failed".to_string()];
            cells.resize(HEADINGS.len(), "-".to_string());
            cells
        }));
    }
    drop(emulator);

    println!("\n{}", report::table(&HEADINGS, &rows));
    println!("Process time is that of the whole program, with the start of its runtime.");
    for failure in &failures {
        println!("\nfailed: {failure}");
    }
    Ok(failures.is_empty())
}

/// The example of one language as a test: it is built, runs, and prints what it promises.
pub fn test(workspace: &Workspace, face: Face) -> Result<Ran> {
    let mut ready = prepare(workspace, face)?;
    let emulator = Emulator::start(workspace, &format!("example-{face:?}"))?;
    run_example(workspace, face, &mut ready.command, &emulator)?;
    Ok(Ran::one())
}

/// The emulator makes its signing key for the first exchange, which takes longer than all examples together;
/// a run that doesn't count keeps that out of the first row.
fn warm_up(workspace: &Workspace, emulator: &Emulator) {
    let mut example = faces::rust::example(workspace);
    // Should it fail, its own row will say so.
    let _ = emulator
        .for_example(&mut example)
        .and_then(|()| process::captured(workspace, "demo-warm-up", &mut example));
}

fn prepare(workspace: &Workspace, face: Face) -> Result<Ready> {
    let (command, runtime) = match face {
        Face::Rust => (faces::rust::example(workspace), faces::rust::version(workspace)?),
        Face::C => (faces::c::example(workspace)?, faces::c::version(workspace)?),
        Face::Python => (faces::python::example(workspace)?, faces::python::version(workspace)?),
        Face::Node => (faces::node::example(workspace)?, faces::node::version(workspace)?),
        Face::Csharp => {
            let dotnet = Dotnet::find(workspace)?;
            (faces::csharp::example(workspace, &dotnet)?, dotnet.runtime_version(workspace)?)
        }
    };
    Ok(Ready { command, runtime })
}

fn run_example(
    workspace: &Workspace,
    face: Face,
    command: &mut Command,
    emulator: &Emulator,
) -> Result<(Printed, Duration)> {
    emulator.for_example(command)?;
    report::step(&format!("running the {} example", face.name()), || {
        let start = Instant::now();
        let text = process::quiet(workspace, &format!("demo-{face:?}"), command)?;
        let time = start.elapsed();
        let printed = Printed::read(&text).with_context(|| format!("it printed:\n{}", text.trim_end()))?;
        Ok((printed, time))
    })
}

impl Printed {
    /// Reads `Users: 10 of 45` and `Token for USER expires TIME`.
    fn read(text: &str) -> Result<Self> {
        let after = |start: &str| text.lines().find_map(|line| line.trim().strip_prefix(start));
        let users = after("Users: ").context("the example printed no line `Users: N of M`")?;
        let token = after("Token for ").and_then(|rest| rest.split_once(" expires "));
        let (token_user, token_expiry) =
            token.context("the example printed no line `Token for USER expires TIME`")?;
        if text.contains("eyJ") {
            bail!("the example printed a token");
        }
        Ok(Self {
            users: users.to_string(),
            token_user: token_user.to_string(),
            token_expiry: token_expiry.to_string(),
        })
    }
}

fn row(face: Face, runtime: &str, printed: &Printed, time: Duration) -> Vec<String> {
    vec![
        face.name().to_string(),
        runtime.to_string(),
        printed.users.clone(),
        printed.token_user.clone(),
        printed.token_expiry.clone(),
        format!("{} ms", time.as_millis()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_table_shows_is_read_from_the_examples_lines() {
        let text =
            "Users: 10 of 45\n  amelia.hart@example.com\nToken for b958 expires 2026-01-05T08:15:00Z\n";
        let printed = Printed::read(text).expect("both lines are there");
        assert_eq!((printed.users.as_str(), printed.token_user.as_str()), ("10 of 45", "b958"));
        assert_eq!(printed.token_expiry, "2026-01-05T08:15:00Z");
        assert!(Printed::read("Users: 10 of 45\n").is_err());
        assert!(Printed::read(&format!("{text}eyJhbGciOi\n")).is_err(), "a token is never shown");
    }
}
