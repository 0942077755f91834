//! `cargo xtask test`: every suite of every language, one table, one total.

mod crates;
mod deep;
mod packages;
mod portal;
mod stand_in;
mod suite;

use anyhow::Result;
use clap::ValueEnum;

pub use self::suite::Suite;

use crate::conformance;
use crate::demo;
use crate::docs;
use crate::faces::{self, Face};
use crate::prerequisites;
use crate::rotate;
use crate::tally::Tally;
use crate::tools;
use crate::workspace::Workspace;

/// How many examples schemathesis makes for each operation; enough to see a wrong status or shape within seconds.
const SCHEMATHESIS_EXAMPLES: u32 = 10;

/// Installs every package into empty folders, with every runtime at hand; true if nothing failed. `packed`: those in `dist/`, as they
/// are.
pub fn packages(workspace: &Workspace, packed: bool) -> Result<bool> {
    let mut tally = Tally::default();
    if let Err(error) = faces::native::build(workspace) {
        tally.broken("cargo build", &error);
    }
    packages::all(workspace, &mut tally, packed);
    Ok(tally.finish(tools::in_ci()))
}

/// Runs `only`, or everything; true if nothing failed. `deep`: what takes minutes, too.
pub fn run(workspace: &Workspace, only: &[Suite], deep: bool) -> Result<bool> {
    let suites: Vec<Suite> = Suite::value_variants()
        .iter()
        .copied()
        .filter(|suite| only.is_empty() || only.contains(suite))
        .collect();
    let faces: Vec<Face> = suites.iter().filter_map(|suite| suite.face()).collect();
    if faces.contains(&Face::C) && tools::runs(workspace, "valgrind", "valgrind").is_err() {
        tools::install_in_ci(workspace, "valgrind");
    }
    if !faces.is_empty() {
        tools::token_store(workspace);
    }
    let lacks = prerequisites::lacks(workspace, &faces);
    for lack in &lacks {
        println!("missing: {}", lack.text());
    }

    conformance::begin(workspace);
    let mut tally = Tally::default();
    if let Err(error) = faces::native::build(workspace) {
        tally.broken("cargo build", &error);
    }
    for suite in suites.iter().copied() {
        if let Some(reason) = suite.face().and_then(|face| prerequisites::missing_for(&lacks, face)) {
            tally.skip(suite.face().map_or("", Face::name), &reason);
            continue;
        }
        match suite {
            Suite::Rust => {
                faces::rust::test(workspace, &mut tally);
                tally.suite("manual: the site", || docs::test(workspace));
            }
            Suite::C => faces::c::test(workspace, &mut tally),
            Suite::Python => faces::python::test(workspace, &mut tally),
            Suite::Node => faces::node::test(workspace, &mut tally),
            Suite::Csharp => faces::csharp::test(workspace, &mut tally),
            Suite::Emulator => {
                // All of Rust's tests include those of the emulator that cargo runs.
                if !suites.contains(&Suite::Rust) {
                    let packages = ["agglestone-emulator"];
                    faces::rust::cargo_test(workspace, &mut tally, "Emulator: cargo test", &packages);
                }
                portal::test(workspace, &mut tally);
                stand_in::service(workspace, &mut tally);
                stand_in::document(workspace, &mut tally, SCHEMATHESIS_EXAMPLES);
            }
            Suite::Rotation => rotate::test(workspace, &mut tally),
            Suite::Packages => packages::smoke(workspace, &mut tally),
        }
        if deep {
            deep::test(workspace, &mut tally, suite);
        }
        if let Some(face) = suite.face() {
            tally.suite(&format!("{}: example", face.name()), || demo::test(workspace, face));
        }
    }
    if Face::ALL
        .iter()
        .all(|face| faces.contains(face) && prerequisites::missing_for(&lacks, *face).is_none())
    {
        tally.suite("conformance: table", || conformance::finish(workspace, tools::in_ci()));
    }
    Ok(tally.finish(tools::in_ci()))
}
