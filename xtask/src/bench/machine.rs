//! The machine: what it is, for whoever reads the numbers, and which core a program runs on.

use std::fs;
use std::process::Command;

use crate::process;
use crate::tools::runs;
use crate::workspace::Workspace;

/// The core that the programs under test have to themselves, and that of the emulator.
pub const CLIENT_CORE: usize = 0;
pub const SERVER_CORE: usize = 1;

/// Processor, cores, system and load in one line.
pub fn facts(is_pinned: bool) -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let cpu = line_of("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.to_string());
    let kernel = read("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = read("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().filter(|load| !load.is_empty()).map(|load| format!(", load {load}"));
    let pinned = match is_pinned {
        true => format!("client on core {CLIENT_CORE}, emulator on core {SERVER_CORE}"),
        false => "not pinned to cores".to_string(),
    };
    let system = std::env::consts::OS;
    format!("{cpu}, {cores} cores, {system} {kernel}{}; {pinned}", load.unwrap_or_default())
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
    let mut pinned = process::command(workspace, "taskset");
    pinned.args(["--cpu-list", &core.to_string()]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => pinned.env(name, value),
            None => pinned.env_remove(name),
        };
    }
    pinned
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
