//! C#: the package, its NUnit tests, the example and the conformance driver, by the SDK where there is one, and by this project's
//! own .NET tool where there is none. The NUnit tests run both ways, so that neither rots.

mod packages;
mod programs;
mod sdk;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use self::programs::{DRIVER, EXAMPLE, FRAMEWORK_TESTS, INSTALLED, Program, SERVICE, TESTS};
pub use self::programs::{FLEET, SOAK};
use crate::conformance;
use crate::count;
use crate::dotnet::{self, Dotnet};
use crate::emulator::Emulator;
use crate::process;
use crate::tally::{Ran, Tally, ran};
use crate::workspace::{Profile, Workspace};

/// The example, compiled.
pub fn example(workspace: &Workspace, dotnet: &Dotnet) -> Result<Command> {
    built(workspace, dotnet, EXAMPLE, Profile::Dev)
}

/// The service of `demo --rotate`, compiled.
pub fn service(workspace: &Workspace, dotnet: &Dotnet) -> Result<Command> {
    built(workspace, dotnet, SERVICE, Profile::Dev)
}

/// A program, compiled.
pub fn program(workspace: &Workspace, dotnet: &Dotnet, program: Program<'_>) -> Result<Command> {
    built(workspace, dotnet, program, Profile::Dev)
}

/// A program of the benchmarks, compiled like the package as a release, on the library as it is shipped.
pub fn benchmark(workspace: &Workspace, dotnet: &Dotnet, name: &str, sources: &[&str]) -> Result<Command> {
    let mut command = built(workspace, dotnet, Program { name, sources }, Profile::Release)?;
    command.env("LD_LIBRARY_PATH", workspace.built_as(Profile::Release, ""));
    Ok(command)
}

/// Packs the NuGet packages with the library as it is shipped, for one platform or for those whose libraries lie in
/// `NATIVE_RUNTIMES`; gives the packages.
pub fn release(workspace: &Workspace, output: &Path) -> Result<Vec<PathBuf>> {
    sdk::release(workspace, &Dotnet::find(workspace)?, output)
}

/// Format, package, NUnit and the conformance cases.
pub fn test(workspace: &Workspace, tally: &mut Tally) {
    let dotnet = match Dotnet::find(workspace) {
        Ok(dotnet) => dotnet,
        Err(error) => return tally.broken("C#: .NET", &error),
    };
    if dotnet.is_sdk() {
        tally.suite("C#: format", || {
            sdk::format(workspace, &dotnet, &[EXAMPLE, SERVICE, SOAK, FLEET, DRIVER])
        });
        tally.suite("C#: package", || {
            let emulator = Emulator::start(workspace, "csharp-package")?;
            let mut installed = sdk::installed(workspace, &dotnet, INSTALLED)?;
            emulator.for_example(&mut installed)?;
            process::quiet(workspace, "csharp-package", &mut installed).map(|_| Ran::one())
        });
        tally.suite("C#: package elsewhere", || sdk::same_elsewhere(workspace, &dotnet));
        tally.suite("C#: frameworks", || nunit(workspace, &dotnet, FRAMEWORK_TESTS));
    }
    tally.suite("C#: NUnit", || nunit(workspace, &dotnet, TESTS));
    conformance::run(workspace, tally, "csharp", || built(workspace, &dotnet, DRIVER, Profile::Dev));
    if dotnet.is_sdk() {
        const NAME: &str = "C#: NUnit without an SDK";
        match dotnet::packages_available(workspace) {
            Ok(()) => tally.suite(NAME, || nunit(workspace, &Dotnet::without_sdk(workspace)?, TESTS)),
            Err(reason) => tally.skip(NAME, &reason),
        }
    }
}

fn nunit(workspace: &Workspace, dotnet: &Dotnet, tests: &str) -> Result<Ran> {
    let mut command = dotnet.command(workspace);
    let read = match dotnet {
        Dotnet::Sdk => {
            command.args(["test", tests]);
            count::dotnet_sdk
        }
        Dotnet::Packages(root) => {
            command.arg(packages::tests(workspace, root)?);
            count::closing_line
        }
    };
    let log = match (dotnet.is_sdk(), tests) {
        (true, FRAMEWORK_TESTS) => "nunit-frameworks",
        (true, _) => "nunit",
        (false, _) => "nunit-without-sdk",
    };
    let emulator = Emulator::start(workspace, log)?;
    emulator.for_tests(&mut command)?;
    command.env("AGGLESTONE_EMULATOR", workspace.built("agglestone-emulator"));
    ran(workspace, log, &mut command, read)
}

/// Compiles the package and a program; gives what runs it.
fn built(workspace: &Workspace, dotnet: &Dotnet, program: Program, profile: Profile) -> Result<Command> {
    let mut command = dotnet.command(workspace);
    command.arg(match dotnet {
        Dotnet::Sdk => sdk::program(workspace, dotnet, program, profile)?,
        Dotnet::Packages(root) => packages::program(workspace, root, program, profile)?,
    });
    Ok(command)
}
