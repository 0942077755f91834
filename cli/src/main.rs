//! The command `agglestone`: what an operator needs at hand while back ends use the client.

#![forbid(unsafe_code)]

mod doctor;
mod emulator;
mod keys;
mod output;
mod rotate;
mod settings;
mod token;
mod users;
mod verify;

use std::io;
use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

use self::output::Output;
use self::settings::Settings;

/// What the command did not manage; clap uses 2 for a wrong command line.
const FAILED: u8 = 1;

/// Checks a configuration, reads users, gets tokens and rotates API keys of the Agglestone service.
///
/// Settings come from options, then from the client's own environment variables. A key is never an argument: it comes from
/// AGGLESTONE_API_KEY, AGGLESTONE_SECONDARY_API_KEY, or the files that options and variables name.
#[derive(Parser)]
#[command(name = "agglestone", version, arg_required_else_help = true)]
struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// Print JSON, for programs
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check configuration, network, TLS, clock and keys, one after the other
    Doctor,
    /// Read users
    #[command(subcommand)]
    Users(users::Command),
    /// Exchange the API key for a user's token and print it
    Token(token::Options),
    /// Verify a token of the tenant and print its claims
    Verify(verify::Options),
    /// Look at the API keys
    #[command(subcommand)]
    Keys(keys::Command),
    /// Replace both API keys in the guide's order, asking before each step
    Rotate(rotate::Options),
    /// Run the emulator, with its own options behind it
    Emulator(emulator::Options),
    /// Print the completions of a shell
    Completions {
        /// Which one
        shell: Shell,
    },
}

fn main() -> ExitCode {
    let Arguments { settings, json, command } = Arguments::parse();
    let output = Output::new(json);
    match run(&settings, command, output) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(FAILED),
        Err(error) => {
            output.error(&error);
            ExitCode::from(FAILED)
        }
    }
}

/// False for a command that did its work and found something wrong.
fn run(settings: &Settings, command: Command, output: Output) -> Result<bool> {
    match command {
        Command::Doctor => doctor::run(settings, output),
        Command::Users(command) => users::run(&settings.client()?, command, output),
        Command::Token(options) => token::run(&settings.client()?, options, output),
        Command::Verify(options) => verify::run(&settings.client()?, options, output),
        Command::Keys(command) => keys::run(settings, command, output),
        Command::Rotate(options) => rotate::run(settings, &options, output),
        Command::Emulator(options) => emulator::run(options),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Arguments::command(), "agglestone", &mut io::stdout());
            Ok(true)
        }
    }
}
