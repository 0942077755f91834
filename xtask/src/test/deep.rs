//! What takes minutes: `cargo xtask test --deep` runs it beside the suites that it belongs to. CI leaves it out.

use super::suite::Suite;
use crate::fuzz;
use crate::rotate;
use crate::tally::Tally;
use crate::workspace::Workspace;

/// A long run, and whose it is.
type Deep = (Suite, fn(&Workspace, &mut Tally));

const ALL: &[Deep] = &[(Suite::Rust, fuzz::test), (Suite::Rotation, rotate::soak)];

/// The long runs of `suite`.
pub fn test(workspace: &Workspace, tally: &mut Tally, suite: Suite) {
    for (_, run) in ALL.iter().filter(|(of, _)| *of == suite) {
        run(workspace, tally);
    }
}
