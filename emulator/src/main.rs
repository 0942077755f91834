//! The emulator as a program: prints one line when it answers, and runs until it is told to stop.

#![forbid(unsafe_code)]

use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use agglestone_emulator::{DEFAULT_PORT, DEFAULT_TENANT, Emulator, Options, Ready};
use clap::Parser;

/// Local stand-in for the Agglestone Authentication and User Management Service.
#[derive(Parser)]
#[command(name = "agglestone-emulator", version)]
struct Arguments {
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// Port to listen on; 0 picks a free one.
    #[arg(long, default_value_t = DEFAULT_PORT)]
    port: u16,
    /// Tenant to serve.
    #[arg(long, value_name = "ID", default_value = DEFAULT_TENANT)]
    tenant: String,
    /// JSON file {"users":[…]} to load instead of the demo users.
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
    /// Token lifetime in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 900)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    token_lifetime: u32,
    /// Print the ready line as JSON and nothing else on stdout.
    #[arg(long)]
    json: bool,
    /// Permit listening on addresses that other machines can reach.
    #[arg(long)]
    allow_remote: bool,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("agglestone-emulator: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let json = arguments.json;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    // Whoever reads the ready line may send a signal at once, so signals are caught before it is printed.
    let told_to_stop = {
        let _inside = runtime.enter();
        told_to_stop()?
    };
    let emulator = start(arguments)?;
    if !emulator.address().ip().is_loopback() {
        eprintln!("warning: other machines can reach this emulator, and keys cross the network unencrypted");
        eprintln!(
            "from other machines, sign in to the portal with the control token: {}",
            emulator.control_token()
        );
    }
    announce(&emulator.ready(), json)?;
    runtime.block_on(told_to_stop);
    emulator.stop();
    Ok(())
}

fn start(arguments: Arguments) -> Result<Emulator, Box<dyn Error>> {
    let mut options = Options::new()
        .host(arguments.host)
        .port(arguments.port)
        .tenant(arguments.tenant)
        .token_lifetime(Duration::from_secs(arguments.token_lifetime.into()))
        .allow_remote(arguments.allow_remote);
    if let Some(file) = arguments.seed {
        options = options.seed_file(file);
    }
    Ok(options.start()?)
}

fn announce(ready: &Ready, as_json: bool) -> io::Result<()> {
    let line = if as_json {
        serde_json::to_string(ready)?
    } else {
        eprintln!("export AGGLESTONE_BASE_URL={}", ready.url);
        eprintln!("export AGGLESTONE_TENANT_ID={}", ready.tenant_id);
        eprintln!("export AGGLESTONE_API_KEY={}", ready.primary_api_key);
        eprintln!("export AGGLESTONE_SECONDARY_API_KEY={}", ready.secondary_api_key);
        eprintln!("# for the control API:");
        eprintln!("export AGGLESTONE_EMULATOR_TOKEN={}", ready.control_token);
        format!(
            "Agglestone emulator listening at {}, tenant {}; portal: {}. Press Ctrl-C to stop.",
            ready.url, ready.tenant_id, ready.portal_url
        )
    };
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()
}

#[cfg(unix)]
fn told_to_stop() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn told_to_stop() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
