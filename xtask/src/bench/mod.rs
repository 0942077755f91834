//! `cargo xtask bench`: what is measured against the design's promises, on what is shipped and not on what the tests use.
//! No time is a test: a busy machine would fail it. Sizes are.

mod compare;
mod counters;
mod features;
mod figures;
mod fleet;
mod instructions;
mod machine;
mod nginx;
mod page;
mod peers;
mod programs;
mod rows;
mod server;
mod size;
mod tokens;
mod verify;

use anyhow::Result;
use clap::Subcommand;

use crate::workspace::Workspace;

/// What can be measured.
#[derive(Clone, Subcommand)]
pub enum Benchmark {
    /// A call beside the same call by other libraries; writes docs/benchmarks.md
    Compare(compare::Options),
    /// What a call costs in instructions, allocations and system calls, against benches/instructions.json
    Instructions(instructions::Options),
    /// A token from the cache against an exchange, in every language
    Tokens,
    /// A token that is verified, beside other libraries; --write puts it into docs/benchmarks.md
    Verify(verify::Options),
    /// Processes that share tokens over a store that is killed twice, and a simulation of many more
    Fleet,
    /// The stripped library, the wheel and the addon against their limits
    Size,
}

/// Measures and prints; true unless something is too large.
pub fn run(workspace: &Workspace, benchmark: Benchmark) -> Result<bool> {
    match benchmark {
        Benchmark::Compare(options) => compare::run(workspace, &options),
        Benchmark::Instructions(options) => instructions::run(workspace, &options),
        Benchmark::Tokens => tokens::run(workspace),
        Benchmark::Verify(options) => verify::run(workspace, &options),
        Benchmark::Fleet => fleet::run(workspace),
        Benchmark::Size => size::run(workspace),
    }
}
