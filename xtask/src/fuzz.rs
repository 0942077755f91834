//! `cargo xtask fuzz`: each target in `fuzz/` for some seconds, from its seeds and from what earlier runs came upon. The flags are
//! those of cargo-fuzz, which runs the targets as well; without it, the stable compiler does.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use crate::process;
use crate::report;
use crate::tally::{Ran, Tally};
use crate::workspace::{Workspace, files};

/// What makes libFuzzer see which way a program took.
const COVERAGE: [&str; 6] = [
    "-Ccodegen-units=1",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

/// What to fuzz.
#[derive(Args)]
pub struct Options {
    /// How long each target runs
    #[arg(long, default_value_t = 120)]
    seconds: u32,
    /// Only these targets, by their file in fuzz/targets
    #[arg(long, value_name = "TARGET", value_delimiter = ',')]
    only: Vec<String>,
}

/// Runs the targets; false if one found something.
pub fn run(workspace: &Workspace, options: &Options) -> Result<bool> {
    let mut tally = Tally::default();
    each(workspace, &mut tally, options);
    Ok(tally.finish(false))
}

/// A short run of all.
pub fn test(workspace: &Workspace, tally: &mut Tally) {
    each(workspace, tally, &Options { seconds: 20, only: Vec::new() });
}

fn each(workspace: &Workspace, tally: &mut Tally, options: &Options) {
    if let Err(error) = report::live_step("cargo build: fuzz targets", || build(workspace)) {
        return tally.broken("fuzz targets", &error);
    }
    for source in files(&workspace.source("fuzz/targets"), &["rs"]) {
        let name = source.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if options.only.is_empty() || options.only.contains(&name) {
            tally.suite(&format!("fuzz: {name}"), || target(workspace, &name, options.seconds));
        }
    }
}

fn build(workspace: &Workspace) -> Result<()> {
    let flags = ["--cfg=fuzzing", "-Zsanitizer=address"].into_iter().chain(COVERAGE);
    let mut cargo = process::instrumented(workspace, &flags.collect::<Vec<_>>());
    cargo.args(["--locked", "--release", "--manifest-path", "fuzz/Cargo.toml"]);
    process::live(cargo.arg("--target-dir").arg(workspace.made("fuzz")))
}

/// The inputs that a target failed on lie in `target/fuzz/found`.
fn target(workspace: &Workspace, name: &str, seconds: u32) -> Result<Ran> {
    let program = workspace.made("fuzz").join(workspace.platform().triple).join("release").join(name);
    let folder = |kind: &str| -> Result<PathBuf> {
        let folder = workspace.made("fuzz").join(kind).join(name);
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(folder)
    };
    let (known, found) = (folder("corpus")?, folder("found")?);
    let mut fuzzer = process::command(workspace, program);
    fuzzer.arg(&known).arg(workspace.source("fuzz/seeds").join(name));
    fuzzer.arg(format!("-max_total_time={seconds}")).arg(format!("-artifact_prefix={}/", found.display()));
    fuzzer.args(["-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1"]);
    let done = process::captured(workspace, &format!("fuzz-{name}"), &mut fuzzer)?;
    let runs = done.text.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    println!("    {} inputs", runs.map_or("no", str::trim));
    Ok(if done.status.success() { Ran::one() } else { Ran::failed(done.text) })
}
