//! The machine: what it is, for whoever reads the numbers, and which core a program runs on.

use std::fs;
use std::process::Command;

use crate::process;
use crate::tools::runs;
use crate::workspace::Workspace;

/// The core that the programs under test have to themselves, and that of the server.
pub const CLIENT_CORE: usize = 0;
pub const SERVER_CORE: usize = 1;

/// Processor, cores, system and load in one line.
pub fn facts(is_pinned: bool) -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let cpu = cpu();
    let kernel = read("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = read("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().filter(|load| !load.is_empty()).map(|load| format!(", load {load}"));
    let pinned = match is_pinned {
        true => format!("client on core {CLIENT_CORE}, server on core {SERVER_CORE}"),
        false => "not pinned to cores".to_string(),
    };
    let system = std::env::consts::OS;
    format!("{cpu}, {cores} cores, {system} {kernel}{}; {pinned}", load.unwrap_or_default())
}

/// The processor's name.
pub fn cpu() -> String {
    line_of("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.to_string())
}

/// Whether programs can be kept on cores of their own here.
pub fn can_pin(workspace: &Workspace) -> bool {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    cores > SERVER_CORE && runs(workspace, "taskset", "taskset").is_ok()
}

/// `command` kept on one core, where that is possible.
pub fn pinned(workspace: &Workspace, core: usize, command: Command) -> Command {
    if !can_pin(workspace) {
        return command;
    }
    under(workspace, "taskset", &["--cpu-list", &core.to_string()], command)
}

/// `command` run by another program, which has it for its last arguments.
pub fn under(workspace: &Workspace, program: &str, arguments: &[&str], command: Command) -> Command {
    let mut outer = process::command(workspace, program);
    outer.args(arguments).arg(command.get_program());
    take_rest(&mut outer, &command);
    outer
}

/// The same command once more.
pub fn copy(command: &Command) -> Command {
    let mut copy = Command::new(command.get_program());
    take_rest(&mut copy, command);
    copy
}

fn take_rest(to: &mut Command, from: &Command) {
    to.args(from.get_args());
    for (name, value) in from.get_envs() {
        match value {
            Some(value) => to.env(name, value),
            None => to.env_remove(name),
        };
    }
    if let Some(folder) = from.get_current_dir() {
        to.current_dir(folder);
    }
}

fn read(path: &str) -> Option<String> {
    fs::read_to_string(path).ok().map(|text| text.trim().to_string())
}

/// What follows the colon of the first line that begins with `name`.
fn line_of(path: &str, name: &str) -> Option<String> {
    let text = read(path)?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_once(':').map(|(_, value)| value.trim().to_string())
}
