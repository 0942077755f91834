//! The packages as strangers install them: each into an empty folder outside of this tree, where the example and some conformance
//! cases run on it.

mod c;
mod command;
mod csharp;
mod emulator;
mod node;
mod python;
mod rust;
mod trial;
mod workflow;

use anyhow::Result;
use clap::ValueEnum;

use crate::package::{self, Kind};
use crate::tally::Tally;
use crate::workspace::Workspace;

/// One package of each kind that users install by hand, and what every run can afford of it.
pub fn smoke(workspace: &Workspace, tally: &mut Tally) {
    if let Err(error) = packed(workspace, &[Kind::C, Kind::Python, Kind::Node]) {
        return tally.broken("packages: built", &error);
    }
    tally.suite("packages: C", || c::smoke(workspace));
    tally.suite("packages: wheel", || python::smoke(workspace));
    tally.suite("packages: npm", || node::smoke(workspace));
}

/// All packages, with all runtimes and package managers at hand or in a registry.
pub fn all(workspace: &Workspace, tally: &mut Tally, as_they_are: bool) {
    let built = if as_they_are { Ok(()) } else { packed(workspace, Kind::value_variants()) };
    if let Err(error) = built {
        return tally.broken("packages: built", &error);
    }
    tally.suite("packages: C", || c::smoke(workspace));
    tally.suite("packages: CMake", || c::cmake(workspace));
    for interpreter in python::interpreters(workspace) {
        tally.suite(&format!("packages: wheel, {interpreter}"), || python::on(workspace, &interpreter));
    }
    tally.suite("packages: wheels checked", || python::checked(workspace));
    tally.suite("packages: wheel typed", || python::typed(workspace));
    tally.suite("packages: sdist", || python::from_source(workspace));
    tally.suite("packages: npm", || node::smoke(workspace));
    for version in node::VERSIONS {
        tally.suite(&format!("packages: Node {version}"), || node::on_version(workspace, version));
    }
    for manager in &node::MANAGERS {
        tally.suite(&format!("packages: {}", manager.name), || node::by_manager(workspace, manager));
    }
    for runtime in &node::RUNTIMES {
        tally.suite(&format!("packages: {}", runtime.name), || node::on_runtime(workspace, runtime));
    }
    tally.suite("packages: npm checked", || node::checked(workspace));
    tally.suite("packages: emulator", || emulator::all(workspace));
    tally.suite("packages: command", || command::all(workspace));
    // Where others build for all platforms, NuGet's are packed after this.
    if !as_they_are || trial::packed(workspace, "Agglestone.0", ".nupkg").is_ok() {
        csharp::test(workspace, tally);
    }
    tally.suite("packages: crate", || rust::contents(workspace));
    tally.suite("packages: release workflow", || workflow::checked(workspace));
}

fn packed(workspace: &Workspace, kinds: &[Kind]) -> Result<()> {
    package::pack(workspace, kinds).map(|_| ())
}
