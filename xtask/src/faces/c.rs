//! C and C++: programs against `include/agglestone.h` and the shared library, strict warnings, and again under valgrind.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::archive;
use crate::conformance;
use crate::count;
use crate::emulator::Emulator;
use crate::layout;
use crate::process;
use crate::report;
use crate::tally::{Ran, Tally, ran};
use crate::tools::{self, c_compiler, cpp_compiler};
use crate::workspace::{Profile, Workspace, files};

/// What a program is linked with.
#[derive(Clone, Copy)]
enum Library {
    Shared,
    Static,
    /// The shared one as it is shipped, and the program optimised.
    Release,
    /// The shared one, and both watch their memory.
    Sanitized,
}

/// Compiles the example.
pub fn example(workspace: &Workspace) -> Result<Command> {
    program(workspace, "examples/c/quickstart.c")
}

/// Compiles the service of `demo --rotate`.
pub fn service(workspace: &Workspace) -> Result<Command> {
    program(workspace, "examples/c/service.c")
}

/// Compiles a program of the benchmarks.
pub fn benchmark(workspace: &Workspace, source: &str) -> Result<Command> {
    let program = compile(workspace, &workspace.source(source), Library::Release, &[])?;
    let mut command = process::command(workspace, program);
    // `cargo xtask` has set it to where the dev profile's library is, and it comes before what the linker noted.
    command.env("LD_LIBRARY_PATH", workspace.built_as(Profile::Release, ""));
    Ok(command)
}

/// Compiles a program that uses other libraries instead of ours.
pub fn standalone(workspace: &Workspace, source: &str, libraries: &[&str]) -> Result<Command> {
    let source = workspace.source(source);
    let program = workspace.made("c").join(format!("{}-standalone", name_of(&source)));
    let mut compiler = compiler(workspace, &source);
    compiler.arg("-O2").arg("-o").arg(&program).args(libraries).arg("-lpthread");
    process::quiet(workspace, &format!("cc-{}", name_of(&source)), &mut compiler)?;
    Ok(process::command(workspace, program))
}

/// Compiles a program with the shared library.
pub fn program(workspace: &Workspace, source: &str) -> Result<Command> {
    let program = compile(workspace, &workspace.source(source), Library::Shared, &[])?;
    Ok(process::command(workspace, program))
}

/// The compiler's name and version.
pub fn version(workspace: &Workspace) -> Result<String> {
    let number = process::output(
        process::command(workspace, c_compiler()).args(["-dumpfullversion", "-dumpversion"]),
    )?;
    let line = process::output(process::command(workspace, c_compiler()).arg("--version"))?;
    let name = if line.contains("clang") { "clang" } else { "gcc" };
    Ok(format!("{name} {}", number.lines().next().unwrap_or_default()))
}

/// The programs of `tests/c`, those under valgrind, the example with the static library, and the conformance cases.
pub fn test(workspace: &Workspace, tally: &mut Tally) {
    let mut programs = Vec::new();
    tally.suite("C: programs", || {
        let sources = sources(workspace);
        programs = report::step(&format!("cc: {} programs of tests/c", sources.len()), || {
            compile_all(workspace, &sources)
        })?;
        let mut ran = Ran::default();
        for program in &programs {
            ran += run(workspace, program, &[])?;
        }
        Ok(ran)
    });
    valgrind(workspace, tally, &programs);
    tally.suite("C: static library", || {
        archive::exporting_only_ours(
            workspace,
            &workspace.built("libagglestone.a"),
            &static_library(workspace),
        )?;
        let program = compile(workspace, &workspace.source("examples/c/quickstart.c"), Library::Static, &[])?;
        let emulator = Emulator::start(workspace, "c-static")?;
        let mut command = process::command(workspace, program);
        emulator.for_example(&mut command)?;
        process::quiet(workspace, "c-static", &mut command)?;
        let mut ran = Ran::one();
        ran += beside_another_rust_library(workspace)?;
        Ok(ran)
    });
    // It is built and run in `--deep`, long after a signature has changed.
    tally.suite("C: source of the fuzz target", || {
        let mut compiler = compiler(workspace, &workspace.source("fuzz/targets/c_input.c"));
        process::quiet(workspace, "cc-c_input", compiler.arg("-fsyntax-only")).map(|_| Ran::one())
    });
    tally.suite("C: programs of its page", || {
        let mut ran = Ran::default();
        for (name, promised) in [
            ("tour", ["\"totalRecords\":45", "claims: {"]),
            ("epoll", ["Page 1: ", "Page 5: "]),
            ("observed", ["GET users took ", "  attempt: 200 after "]),
        ] {
            let mut command = program(workspace, &format!("examples/c/{name}.c"))?;
            let emulator = Emulator::start(workspace, &format!("c-{name}"))?;
            emulator.for_example(&mut command)?;
            let said = process::quiet(workspace, &format!("c-{name}"), &mut command)?;
            ensure!(promised.iter().all(|text| said.contains(text)), "it said:\n{said}");
            ran += Ran::one();
        }
        Ok(ran)
    });
    conformance::run(workspace, tally, "c", || {
        let driver = report::step("cc: conformance driver", || {
            compile(workspace, &workspace.source("tests/conformance/drivers/driver.c"), Library::Shared, &[])
        })?;
        Ok(process::command(workspace, driver))
    });
}

/// The programs of `tests/c` with AddressSanitizer and LeakSanitizer, in them and in the library, but not in Rust's own.
pub fn sanitized(workspace: &Workspace, tally: &mut Tally) {
    tally.suite("C: AddressSanitizer and LeakSanitizer", || {
        report::live_step("cargo build: C library, sanitized", || {
            let mut cargo = process::instrumented(workspace, &["-Zsanitizer=address"]);
            cargo.args(["--package", "agglestone-c", "--target-dir"]).arg(workspace.made("sanitized"));
            process::live(&mut cargo)
        })?;
        let mut ran = Ran::default();
        for source in sources(workspace) {
            let program = compile(workspace, &source, Library::Sanitized, &[support(workspace)?])?;
            ran += run(workspace, &program, &["env".into(), "ASAN_OPTIONS=detect_leaks=1".into()])?;
        }
        Ok(ran)
    });
}

/// A program with ours and a second Rust library, both static, named to the linker in either order.
fn beside_another_rust_library(workspace: &Workspace) -> Result<Ran> {
    let other = workspace.made("c/libother.a");
    let mut rustc = process::command(workspace, "rustc");
    // Optimised as a whole, so that its standard library is one piece that can't be taken from ours in parts.
    rustc
        .args(["--edition=2024", "--crate-type=staticlib", "-Clto=fat", "-Ccodegen-units=1", "-o"])
        .arg(&other);
    process::quiet(workspace, "rustc-other", rustc.arg(workspace.source("tests/c/static/other.rs")))?;
    let support = support(workspace)?;
    let source = workspace.source("tests/c/static/two_rusts.c");
    let mut ran = Ran::default();
    // What is compiled with ours ends with it; named before the other one too, it is the first.
    for order in [vec![support.clone(), other.clone()], vec![support, static_library(workspace), other]] {
        let program = compile(workspace, &source, Library::Static, &order)?;
        ran += run(workspace, &program, &[])?;
    }
    Ok(ran)
}

/// The static library as it is shipped.
fn static_library(workspace: &Workspace) -> PathBuf {
    workspace.made("c/libagglestone.a")
}

fn valgrind(workspace: &Workspace, tally: &mut Tally, programs: &[PathBuf]) {
    if let Err(reason) = tools::runs(workspace, "valgrind", "valgrind") {
        return tally.skip("C: valgrind", &format!("{reason} (get it: apt-get install valgrind)"));
    }
    tally.suite("C: valgrind", || {
        let mut options = vec![
            "valgrind".to_string(),
            "--quiet".into(),
            "--error-exitcode=99".into(),
            "--leak-check=full".into(),
            "--errors-for-leak-kinds=definite,indirect,possible".into(),
        ];
        let suppressions = workspace.source("tests/c/valgrind.supp");
        if suppressions.exists() {
            options.push(format!("--suppressions={}", suppressions.display()));
        }
        let mut ran = Ran::default();
        for program in programs {
            let name = name_of(program);
            // A program counts once here: its own tests were counted above, this one is about its memory.
            ran += match run(workspace, program, &options)?.failure() {
                None => Ran::one(),
                Some(text) => Ran::failed(format!("{name} under valgrind:\n{text}")),
            };
        }
        Ok(ran)
    });
}

/// Every C or C++ file is a program of its own, but for the common code in `support*`.
fn sources(workspace: &Workspace) -> Vec<PathBuf> {
    let mut sources = files(&workspace.source("tests/c"), &["c", "cpp"]);
    sources.retain(|path| !name_of(path).starts_with("support"));
    sources
}

fn compile_all(workspace: &Workspace, sources: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let objects = [support(workspace)?];
    sources.iter().map(|source| compile(workspace, source, Library::Shared, &objects)).collect()
}

/// Compiles what the test programs share.
fn support(workspace: &Workspace) -> Result<PathBuf> {
    let object = workspace.made("c/support.o");
    let mut compiler = compiler(workspace, &workspace.source("tests/c/support.c"));
    compiler.arg("-c").arg("-o").arg(&object);
    process::quiet(workspace, "cc-support", &mut compiler)?;
    Ok(object)
}

/// Compiles and links one program into `target/c/`.
fn compile(workspace: &Workspace, source: &Path, library: Library, objects: &[PathBuf]) -> Result<PathBuf> {
    if !source.exists() {
        bail!("{} does not exist", workspace.shown(source));
    }
    let kind = match library {
        Library::Shared => "",
        Library::Static => "-static",
        Library::Release => "-release",
        Library::Sanitized => "-sanitized",
    };
    // Named after the language too: `header.c` and `header.cpp` are two programs.
    let extension = source.extension().and_then(|text| text.to_str()).unwrap_or_default();
    let program = workspace.made("c").join(format!("{}-{extension}{kind}", name_of(source)));
    let profile = if matches!(library, Library::Release) { Profile::Release } else { Profile::Dev };
    let libraries = match library {
        Library::Sanitized => workspace.made("sanitized").join(workspace.platform().triple).join("debug"),
        _ => workspace.built_as(profile, ""),
    };
    let mut compiler = compiler(workspace, source);
    compiler.args(objects).arg("-o").arg(&program);
    match library {
        Library::Shared | Library::Release | Library::Sanitized => {
            named_as_programs_ask(workspace, &libraries)?;
            compiler.arg("-L").arg(&libraries).arg("-lagglestone");
            compiler.arg(format!("-Wl,-rpath,{}", libraries.display()));
        }
        Library::Static => {
            compiler.arg(static_library(workspace));
        }
    }
    compiler.args(["-lpthread", "-ldl", "-lm"]);
    match library {
        Library::Release => drop(compiler.arg("-O2")),
        Library::Sanitized => drop(compiler.args(["-fsanitize=address", "-fno-omit-frame-pointer"])),
        Library::Shared | Library::Static => {}
    }
    let log = format!("cc-{}", program.file_name().unwrap_or_default().to_string_lossy());
    process::quiet(workspace, &log, &mut compiler)?;
    Ok(program)
}

/// The version of the interface, as the header has it. It is in the name that compiled programs ask for.
pub fn abi(workspace: &Workspace) -> Result<String> {
    let header = std::fs::read_to_string(workspace.source("include/agglestone.h"))?;
    let version = header.lines().find_map(|line| line.strip_prefix("#define AGG_ABI_VERSION "));
    version.map(|text| text.trim().to_string()).context("the header has no AGG_ABI_VERSION")
}

/// Gives the library that cargo built the other name too that an installation gives it.
fn named_as_programs_ask(workspace: &Workspace, folder: &Path) -> Result<()> {
    if workspace.platform().system() == "linux" {
        layout::link("libagglestone.so", &folder.join(format!("libagglestone.so.{}", abi(workspace)?)))?;
    }
    Ok(())
}

fn compiler(workspace: &Workspace, source: &Path) -> Command {
    let cpp = source.extension().is_some_and(|extension| extension == "cpp");
    let (program, standard) = if cpp { (cpp_compiler(), "-std=c++17") } else { (c_compiler(), "-std=c11") };
    let _ = std::fs::create_dir_all(workspace.made("c"));
    let mut command = process::command(workspace, program);
    command
        .args([standard, "-g", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-I", "include", "-I", "tests/c"])
        .arg(source);
    command
}

/// Runs a test program, under `wrapper` if there is one, with an emulator of its own.
fn run(workspace: &Workspace, program: &Path, wrapper: &[String]) -> Result<Ran> {
    let name = program.file_name().context("a program has a name")?.to_string_lossy().into_owned();
    let log = if wrapper.is_empty() { format!("c-{name}") } else { format!("c-{name}-{}", wrapper[0]) };
    let emulator = Emulator::start(workspace, &log)?;
    let mut command = match wrapper.split_first() {
        Some((tool, options)) => {
            let mut command = process::command(workspace, tool);
            command.args(options).arg(program);
            // For tests that count what is done in a time.
            command.env("AGG_TEST_SLOW", "1");
            command
        }
        None => process::command(workspace, program),
    };
    emulator.for_tests(&mut command)?;
    ran(workspace, &log, &mut command, count::c_program)
}

fn name_of(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
