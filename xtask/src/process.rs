//! Child processes. Each leads a process group of its own, so that Ctrl-C, a deadline or a failure here ends whole trees of them
//! and nothing (an emulator, a compiler, a test) is left behind. Only one that writes to the terminal stays in the terminal's group.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::IsTerminal;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;

/// Longest that one step with captured output may take; a hanging test must not cost CI its whole time.
const STEP_LIMIT: Duration = Duration::from_secs(10 * 60);
/// A `Child` can't be waited for with a deadline, so it is asked this often.
const POLL: Duration = Duration::from_millis(2);

static CHILDREN: Mutex<Children> = Mutex::new(Children { interrupted: false, running: Vec::new() });

struct Children {
    interrupted: bool,
    running: Vec<Target>,
}

/// What a signal to a child goes to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Target {
    Group(u32),
    Process(u32),
}

fn children() -> MutexGuard<'static, Children> {
    CHILDREN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on Ctrl-C (and `kill`) ends every child first, then this process with the shell's code for it.
pub fn kill_children_on_interrupt() -> Result<()> {
    ctrlc::set_handler(|| {
        // The lock is kept to the end: nothing can be started any more.
        let mut children = children();
        children.interrupted = true;
        eprintln!("\ninterrupted: stopping {} child process(es)", children.running.len());
        for target in &children.running {
            signal::end(*target);
        }
        let patience = Instant::now() + Duration::from_secs(2);
        while Instant::now() < patience && children.running.iter().any(|target| signal::alive(*target)) {
            std::thread::sleep(Duration::from_millis(20));
        }
        for target in &children.running {
            signal::kill(*target);
        }
        std::process::exit(130);
    })
    .context("cannot listen for Ctrl-C")
}

/// A started child that does not outlive this value.
pub struct Running {
    child: Child,
    target: Target,
    ended: bool,
}

impl Running {
    /// Starts `command` with no standard input, in a group of its own.
    pub fn start(command: &mut Command) -> Result<Self> {
        signal::lead_group(command);
        Self::start_as(command, Target::Group)
    }

    /// Starts `command`, which shows its output as it comes. A terminal may stop programs of any but its own group that write
    /// to it, so there it stays in that group, to which Ctrl-C goes anyway.
    fn start_live(command: &mut Command) -> Result<Self> {
        if std::io::stderr().is_terminal() || std::io::stdout().is_terminal() {
            Self::start_as(command, Target::Process)
        } else {
            Self::start(command)
        }
    }

    fn start_as(command: &mut Command, target: fn(u32) -> Target) -> Result<Self> {
        let mut children = children();
        if children.interrupted {
            bail!("interrupted");
        }
        let child = command
            .stdin(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", shown(command)))?;
        let target = target(child.id());
        children.running.push(target);
        Ok(Self { child, target, ended: false })
    }

    /// The pipe of a child started with `Stdio::piped()` as its standard output.
    pub fn take_stdout(&mut self) -> Option<std::process::ChildStdout> {
        self.child.stdout.take()
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end, as `kill` does.
    pub fn ask_to_end(&self) {
        signal::end(self.target);
    }

    /// Waits for its end; past `limit` it is killed, and that is an error.
    pub fn wait(mut self, limit: Option<Duration>) -> Result<ExitStatus> {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                self.ended = true;
                return Ok(status);
            }
            if limit.is_some_and(|limit| start.elapsed() > limit) {
                bail!("not finished after {} s, killed", start.elapsed().as_secs());
            }
            std::thread::sleep(POLL);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.ended {
            signal::kill(self.target);
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        children().running.retain(|other| *other != self.target);
    }
}

/// A command that runs in the workspace's root, with neither the caller's own Agglestone settings nor a proxy for this machine.
pub fn command(workspace: &Workspace, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(workspace.root());
    for (name, _) in std::env::vars_os() {
        if !is_passed_on(&name.to_string_lossy()) {
            command.env_remove(&name);
        }
    }
    for name in ["NO_PROXY", "no_proxy"] {
        let kept = std::env::var(name).map(|hosts| format!("{hosts},"));
        command.env(name, kept.unwrap_or_default() + "localhost,127.0.0.1,::1");
    }
    command
}

/// What `cargo run` says about this tool itself is left out too: build scripts of dependencies watch it, and would run again
/// each time that cargo is called now from here, now by hand.
fn is_passed_on(variable: &str) -> bool {
    let of_this_tool =
        ["CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_BIN_NAME", "CARGO_CRATE_NAME", "CARGO_PRIMARY_"];
    let of_the_client = ["AGGLESTONE_", "AGG_TEST_"];
    !of_this_tool.iter().chain(&of_the_client).any(|start| variable.starts_with(start))
}

/// `cargo` as it called this tool.
pub fn cargo(workspace: &Workspace) -> Command {
    command(workspace, std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// `cargo build` with flags that the compiler calls unstable. For a named platform: what runs while building is not compiled so.
pub fn instrumented(workspace: &Workspace, flags: &[&str]) -> Command {
    let mut cargo = cargo(workspace);
    cargo.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", flags.join(" "));
    cargo.args(["build", "--target", workspace.platform().triple]);
    cargo
}

/// Runs with output and progress shown as they come.
pub fn live(command: &mut Command) -> Result<()> {
    let status = Running::start_live(command)?.wait(None)?;
    if !status.success() {
        bail!("{} failed ({status})", shown(command));
    }
    Ok(())
}

/// How a captured command ended, and all that it wrote.
pub struct Captured {
    /// Its exit.
    pub status: ExitStatus,
    /// Standard output and error as they came.
    pub text: String,
}

/// Runs with both outputs in the log `name`, whatever the exit.
pub fn captured(workspace: &Workspace, name: &str, command: &mut Command) -> Result<Captured> {
    let log = workspace.log(name);
    let file = create(&log)?;
    command.stdout(file.try_clone()?).stderr(file);
    let ended = Running::start(command)?.wait(Some(STEP_LIMIT));
    let text = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
    let status = ended.with_context(|| format!("{}\n{}", shown(command), text.trim_end()))?;
    Ok(Captured { status, text })
}

/// Runs with both outputs in the log `name`; they are part of the error if it fails.
pub fn quiet(workspace: &Workspace, name: &str, command: &mut Command) -> Result<String> {
    let done = captured(workspace, name, command)?;
    if !done.status.success() {
        bail!("{} failed ({})\n{}", shown(command), done.status, done.text.trim_end());
    }
    Ok(done.text)
}

/// The standard output of a short command, trimmed; an error if it can't be started or fails.
pub fn output(command: &mut Command) -> Result<String> {
    let done =
        command.stdin(Stdio::null()).output().with_context(|| format!("cannot start {}", shown(command)))?;
    if !done.status.success() {
        bail!("{} failed: {}", shown(command), String::from_utf8_lossy(&done.stderr).trim_end());
    }
    Ok(String::from_utf8_lossy(&done.stdout).trim_end().to_string())
}

/// A file for writing, with its folders.
pub fn create(path: &Path) -> Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    File::create(path).with_context(|| format!("cannot write {}", path.display()))
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

#[cfg(unix)]
mod signal {
    use std::os::unix::process::CommandExt;
    use std::process::Command;

    use nix::sys::signal::{Signal, kill as send, killpg};
    use nix::unistd::Pid;

    use super::Target;

    pub fn lead_group(command: &mut Command) {
        command.process_group(0);
    }

    pub fn end(target: Target) {
        deliver(target, Some(Signal::SIGTERM));
    }

    pub fn kill(target: Target) {
        deliver(target, Some(Signal::SIGKILL));
    }

    pub fn alive(target: Target) -> bool {
        deliver(target, None)
    }

    fn deliver(target: Target, signal: Option<Signal>) -> bool {
        let pid = |id: u32| Pid::from_raw(id.try_into().expect("a process id fits"));
        match target {
            Target::Group(id) => killpg(pid(id), signal).is_ok(),
            Target::Process(id) => send(pid(id), signal).is_ok(),
        }
    }
}

/// Elsewhere a console's Ctrl-C reaches the children by itself.
#[cfg(not(unix))]
mod signal {
    pub fn lead_group(_: &mut std::process::Command) {}
    pub fn end(_: super::Target) {}
    pub fn kill(_: super::Target) {}
    pub fn alive(_: super::Target) -> bool {
        false
    }
}
