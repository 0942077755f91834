//! What takes minutes: `cargo xtask test --deep` runs it beside the suites that it belongs to. CI leaves it out.

use super::crates;
use super::suite::Suite;
use crate::count;
use crate::faces;
use crate::fuzz;
use crate::process;
use crate::rotate;
use crate::tally::{Tally, ran};
use crate::workspace::Workspace;

/// A long run, and whose it is.
type Deep = (Suite, fn(&Workspace, &mut Tally));

const ALL: &[Deep] = &[
    (Suite::Rust, crates::test),
    (Suite::Rust, models),
    (Suite::Rust, orders),
    (Suite::Rust, fuzz::test),
    (Suite::C, faces::c::sanitized),
    (Suite::Rotation, rotate::soak),
];

/// The long runs of `suite`.
pub fn test(workspace: &Workspace, tally: &mut Tally, suite: Suite) {
    for (_, run) in ALL.iter().filter(|(of, _)| *of == suite) {
        run(workspace, tally);
    }
}

/// Calls, keys and tokens beside their models: a way takes 40 steps on average, and a million are wanted of each.
fn models(workspace: &Workspace, tally: &mut Tally) {
    for of in ["call", "tokens"] {
        tally.suite(&format!("Rust: the model of {of}, 1,000,000 steps"), || {
            let mut cargo = process::cargo(workspace);
            cargo.args(["test", "--package", "agglestone", "--lib", &format!("{of}::model_tests")]);
            ran(workspace, &format!("model-{of}"), cargo.env("PROPTEST_CASES", "25000"), count::cargo)
        });
    }
}

/// The queue and the token cache in every order of threads. In a folder of its own: the flag is one of every crate.
fn orders(workspace: &Workspace, tally: &mut Tally) {
    tally.suite("Rust: every order of threads", || {
        let mut cargo = process::cargo(workspace);
        cargo.args(["test", "--package", "agglestone", "--lib", "loom_tests", "--target-dir"]);
        cargo.arg(workspace.made("loom")).env("RUSTFLAGS", "--cfg agglestone_loom");
        ran(workspace, "loom", &mut cargo, count::cargo)
    });
}
