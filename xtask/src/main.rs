//! `cargo xtask`: the commands that people and CI run in this project.
//! Light on purpose: it depends on neither the client nor the emulator, so it can say what is missing before anything long is built.

#![forbid(unsafe_code)]

mod archive;
mod bench;
mod conformance;
mod count;
mod demo;
mod dependencies;
mod docs;
mod dotnet;
mod emulator;
mod face;
mod faces;
mod fuzz;
mod generate;
mod layout;
mod notices;
mod package;
mod platform;
mod prerequisites;
mod process;
mod release;
mod report;
mod rotate;
mod said;
mod soak;
mod stamp;
mod tally;
mod test;
mod tools;
mod venv;
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
        /// Instead: all packages, each with every runtime and package manager at hand
        #[arg(long, conflicts_with_all = ["only", "deep"])]
        packages: bool,
        /// With --packages: as they lie in dist/, without building them
        #[arg(long, requires = "packages")]
        packed: bool,
    },
    /// Run the fuzz targets
    Fuzz(fuzz::Options),
    /// Run a service in each language for long, with rotations, restarts, faults and cancellations, and show what adds up
    Soak {
        /// How long
        #[arg(long, default_value_t = 10.0)]
        minutes: f64,
    },
    /// Measure what is shipped
    Bench {
        #[command(subcommand)]
        what: bench::Benchmark,
    },
    /// Build what is published into dist/, each crate once
    Package {
        /// Only these (repeat, or separate with commas)
        #[arg(long, value_enum, value_delimiter = ',')]
        only: Vec<package::Kind>,
        /// For another platform than this machine's, by cargo's name
        #[arg(long, value_name = "TRIPLE")]
        target: Option<String>,
    },
    /// Install the C library, its header, and what pkg-config and CMake need to find them
    Install {
        /// Where to, such as /usr/local
        #[arg(long)]
        prefix: std::path::PathBuf,
    },
    /// Check the pages of docs/ and build them into a site
    Docs,
    /// Generate the C header, C#'s P/Invoke signatures and error codes from bindings/c, and the third-party notices
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
        Task::Test { packages: true, packed, .. } => test::packages(&workspace, packed),
        Task::Test { only, deep, .. } => test::run(&workspace, &only, deep),
        Task::Soak { minutes } => soak::run(&workspace, minutes),
        Task::Fuzz(options) => fuzz::run(&workspace, &options),
        Task::Package { only, target } => package::run(workspace, &only, target.as_deref()),
        Task::Install { prefix } => package::install(&workspace, &prefix).map(|()| true),
        Task::Bench { what } => bench::run(&workspace, what),
        Task::Docs => docs::run(&workspace).map(|()| true),
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
