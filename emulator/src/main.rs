//! The emulator as a program: prints one line when it answers, and runs until it is told to stop.

#![forbid(unsafe_code)]

mod program;

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use agglestone_emulator::Ready;
use clap::Parser;
use program::{Arguments, Command, Settings, healthcheck};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let command = arguments.command();
    let done = arguments.settings().map_err(Into::into).and_then(|settings| match command {
        None => run(settings),
        Some(Command::Healthcheck) => {
            let (host, port, tls) = settings.place();
            Ok(healthcheck::run(host, port, tls)?)
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("agglestone-emulator: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(settings: Settings) -> Result<(), Box<dyn Error>> {
    let (json, until_stdin_closes) = (settings.json(), settings.until_stdin_closes());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    // Whoever reads the ready line may send a signal at once, so signals are caught before it is printed.
    let told_to_stop = {
        let _inside = runtime.enter();
        told_to_stop()?
    };
    let emulator = settings.options()?.start()?;
    if !emulator.address().ip().is_loopback() {
        let unencrypted = if emulator.url().starts_with("https:") {
            ""
        } else {
            ", and keys cross the network unencrypted"
        };
        eprintln!("warning: other machines can reach this emulator{unencrypted}");
        eprintln!(
            "from other machines, sign in to the portal with the control token: {}",
            emulator.control_token()
        );
    }
    announce(&emulator.ready(), json)?;
    runtime.block_on(async {
        tokio::select! {
            _ = told_to_stop => {}
            _ = stdin_closed(), if until_stdin_closes => {}
        }
    });
    emulator.stop();
    Ok(())
}

fn announce(ready: &Ready, as_json: bool) -> io::Result<()> {
    let line = if as_json {
        serde_json::to_string(ready)?
    } else {
        eprintln!("export AGGLESTONE_BASE_URL={}", ready.url);
        eprintln!("export AGGLESTONE_TENANT_ID={}", ready.tenant_id);
        eprintln!("export AGGLESTONE_API_KEY={}", ready.primary_api_key);
        eprintln!("export AGGLESTONE_SECONDARY_API_KEY={}", ready.secondary_api_key);
        if let Some(file) = &ready.ca_file {
            eprintln!("export AGGLESTONE_CA_FILE={file}");
        }
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

/// Whoever started this holds the other end of standard input, and cannot end, however abruptly, without letting go of it.
async fn stdin_closed() {
    let (tell, told) = tokio::sync::oneshot::channel();
    // A thread of its own, which nothing waits for: reading standard input can't be given up.
    std::thread::spawn(move || {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        let _ = tell.send(());
    });
    let _ = told.await;
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
