//! Runs the conformance cases through one face: a driver program in that language, asked line by line.
//! `README.md` beside the cases has their format and the driver's protocol.

#![forbid(unsafe_code)]

mod always;
mod case;
mod clocks;
mod control;
mod driver;
mod expect;
mod face;
mod folder;
mod hanging;
mod matrix;
mod output;
mod personal;
mod placeholders;
mod run;
mod secrets;
mod servers;
mod signing;
#[path = "../../support/store_server.rs"]
mod store_server;
mod stores;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};
use clap::Parser;

use face::Face;

#[derive(Parser)]
#[command(name = "agglestone-conformance", about = "Run the conformance cases through one face")]
struct Arguments {
    /// The face under test
    #[arg(long, value_enum, required_unless_present = "matrix")]
    face: Option<Face>,
    /// Folder with the cases
    #[arg(long, default_value = "tests/conformance")]
    cases: PathBuf,
    /// Only cases whose file or name contains this
    #[arg(long, default_value = "")]
    filter: String,
    /// Leave in this folder which cases have passed
    #[arg(long)]
    results: Option<PathBuf>,
    /// Print the table of cases and faces from the results in this folder, and run none
    #[arg(long, exclusive = true)]
    matrix: Option<PathBuf>,
    /// Show the names of the cases and run none
    #[arg(long)]
    list: bool,
    /// The driver and its arguments, after `--`
    #[arg(last = true, required_unless_present_any = ["list", "matrix"])]
    driver: Vec<String>,
}

fn main() -> ExitCode {
    match run_all(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run_all(arguments: &Arguments) -> Result<bool> {
    let mut cases = case::load(&arguments.cases)?;
    if let Some(folder) = &arguments.matrix {
        print!("{}", matrix::write(folder, &cases)?);
        return Ok(true);
    }
    let face = arguments.face.context("no face")?;
    cases.retain(|case| case.runs_on(face) && case.is_called(&arguments.filter));
    if arguments.list {
        for case in &cases {
            println!("{}: {}", case.file, case.name);
        }
        return Ok(true);
    }

    let mut runner = run::Runner::new(face, &arguments.driver)?;
    let mut passed = Vec::new();
    let start = Instant::now();
    for case in &cases {
        match runner.run(case) {
            Ok(()) => passed.push(case),
            Err(why) => println!(
                "FAILED {}: {} ({})\n{}",
                case.file,
                case.name,
                case.promise,
                indented(&format!("{why:#}"))
            ),
        }
    }
    if let Some(folder) = &arguments.results {
        matrix::leave(folder, face, &passed)?;
    }
    let failed = cases.len() - passed.len();
    println!("{} in {:.1} s", face.name(), start.elapsed().as_secs_f64());
    println!("{} passed, {failed} failed", passed.len());
    Ok(failed == 0 && !passed.is_empty())
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}
