//! What a program does, counted: instructions and allocations by valgrind's callgrind, system calls by strace. Each by a run of its
//! own, because strace slows a client and so changes how much it finds in its sockets at a time.

use std::collections::HashMap;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use super::machine::{self, CLIENT_CORE};
use crate::process;
use crate::workspace::Workspace;

/// What counts as an allocation: calls of these functions of the C library.
const ALLOCATORS: [&str; 6] = ["malloc", "calloc", "realloc", "aligned_alloc", "memalign", "posix_memalign"];

/// Counts of a whole run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counts {
    /// Instructions in user space, of all threads.
    pub instructions: Option<u64>,
    /// Calls of the allocator.
    pub allocations: Option<u64>,
    /// System calls.
    pub system_calls: Option<u64>,
}

/// Runs `command` under callgrind. The profile is kept as `target/bench/NAME.callgrind`, for `callgrind_annotate`.
pub fn instructions(workspace: &Workspace, name: &str, command: Command) -> Result<Counts> {
    let profile = workspace.made("bench").join(format!("{name}.callgrind"));
    let file = format!("--callgrind-out-file={}", profile.display());
    run(workspace, name, machine::under(workspace, "valgrind", &["--tool=callgrind", &file], command))?;
    let text = fs::read(&profile).with_context(|| format!("callgrind left no {}", profile.display()))?;
    read_profile(&String::from_utf8_lossy(&text))
}

/// Runs `command` under strace. The table is kept as `target/bench/NAME.strace`.
pub fn system_calls(workspace: &Workspace, name: &str, command: Command) -> Result<Counts> {
    let table = workspace.made("bench").join(format!("{name}.strace"));
    let file = table.display().to_string();
    let options = ["--follow-forks", "--summary-only", "--summary-columns=calls,name", "--output", &file];
    run(workspace, name, machine::under(workspace, "strace", &options, command))?;
    read_table(&fs::read_to_string(&table).with_context(|| format!("strace left no {file}"))?)
}

fn run(workspace: &Workspace, name: &str, command: Command) -> Result<()> {
    fs::create_dir_all(workspace.made("bench"))?;
    let mut command = machine::pinned(workspace, CLIENT_CORE, command);
    process::quiet(workspace, &format!("bench-{name}"), &mut command).map(|_| ())
}

fn read_profile(text: &str) -> Result<Counts> {
    // A name is written once, as "(12) malloc", and is "(12)" from then on.
    let mut names: HashMap<&str, &str> = HashMap::new();
    let mut callee = "";
    let mut instructions = None;
    let mut allocations = 0;
    for line in text.lines() {
        if let Some(total) = line.strip_prefix("totals: ") {
            instructions = total.trim().parse().ok();
        } else if let Some(calls) = line.strip_prefix("calls=") {
            let name = names.get(callee).copied().unwrap_or_default();
            if ALLOCATORS.contains(&name.trim_start_matches("__libc_")) {
                let count = calls.split(' ').next().and_then(|count| count.parse::<u64>().ok());
                allocations += count.context("a call has a count")?;
            }
        } else if let Some(function) = line.strip_prefix("cfn=").or_else(|| line.strip_prefix("fn=")) {
            let (id, name) = function.split_once(' ').unwrap_or((function, ""));
            if !name.is_empty() {
                names.insert(id, name);
            }
            if line.starts_with("cfn=") {
                callee = id;
            }
        }
    }
    let instructions = Some(instructions.context("the profile has no total")?);
    Ok(Counts { instructions, allocations: Some(allocations), system_calls: None })
}

fn read_table(text: &str) -> Result<Counts> {
    let total = text.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        let count: u64 = words.next()?.parse().ok()?;
        (words.next()? == "total").then_some(count)
    });
    Ok(Counts { system_calls: Some(total.context("the table has no total")?), ..Counts::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_read_for_its_total_and_for_calls_of_the_allocator() {
        let profile = "events: Ir\n\nfn=(1) main\ncfn=(2) malloc\ncalls=3 0\n0 300\ncfn=(3) free\ncalls=3 0\n0 90\n\
                       fn=(4) other\ncfn=(2)\ncalls=4 0\n0 400\n\ntotals: 1234\n";
        let counts = read_profile(profile).expect("it has a total");
        assert_eq!((counts.instructions, counts.allocations), (Some(1234), Some(7)));
        assert!(read_profile("fn=(1) main\n").is_err());
    }

    #[test]
    fn a_table_is_read_for_its_total() {
        let table = "    calls syscall\n--------- ----------------\n       12 read\n        3 futex\n\
                     --------- ----------------\n       15 total\n";
        assert_eq!(read_table(table).expect("it has a total").system_calls, Some(15));
        assert!(read_table("12 read\n").is_err());
    }
}
