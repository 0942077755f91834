//! `cargo xtask`: the commands that people and CI run in this project.
//! Light on purpose: it depends on neither the client nor the emulator, so it can say what is missing before anything long is built.

#![forbid(unsafe_code)]

mod archive;
mod bench;
mod conformance;
mod count;
mod demo;
mod dotnet;
mod emulator;
mod face;
mod faces;
mod generate;
mod prerequisites;
mod process;
mod report;
mod rotate;
mod stamp;
mod tally;
mod test;
mod tools;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use workspace::Workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Commands of the Agglestone client project")]
struct Arguments {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run the examples of all five languages against the emulator and show one table
    Demo {
        /// Instead: rotate both keys under four services that call all the time, and show that no call fails
        #[arg(long)]
        rotate: bool,
    },
    /// Set up what is needed, run the tests of every language and print the total
    Test {
        /// Run only these (repeat, or separate with commas)
        #[arg(long, value_enum, value_delimiter = ',')]
        only: Vec<test::Suite>,
        /// Also run what takes minutes
        #[arg(long)]
        deep: bool,
    },
    /// Measure what is shipped
    Bench {
        #[command(subcommand)]
        what: bench::Benchmark,
    },
    /// Generate the C header and C#'s P/Invoke signatures and error codes from bindings/c
    Generate {
        /// Compare with what is checked in, write nothing, exit 1 if it differs
        #[arg(long)]
        check: bool,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let workspace = Workspace::locate();
    let done = process::kill_children_on_interrupt().and_then(|()| match arguments.command {
        Task::Demo { rotate: false } => demo::run(&workspace),
        Task::Demo { rotate: true } => rotate::run(&workspace),
        Task::Test { only, deep } => test::run(&workspace, &only, deep),
        Task::Bench { what } => bench::run(&workspace, what),
        Task::Generate { check } => generate::run(&workspace, check).map(|()| true),
    });
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
