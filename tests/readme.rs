//! The README and the pages of `docs/` show programs as they are: every block of C and Rust in them stands in a program that the tests
//! run, and a language's page has its programs whole. Tables are compared with what they are about.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use agglestone::Code;
use agglestone_emulator::{Emulator, Options, Slot, fingerprint};
use tempfile::TempDir;

/// The blocks of one language in the README.
fn blocks<'a>(readme: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    readme.split(fence.as_str()).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

#[test]
fn every_quickstart_is_part_of_a_program_that_runs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    for (language, example) in [
        ("python", "examples/python/quickstart.py"),
        ("js", "examples/node/quickstart.mjs"),
        ("csharp", "examples/csharp/Quickstart.cs"),
        ("c", "examples/c/quickstart.c"),
        ("rust", "examples/quickstart.rs"),
    ] {
        let blocks = blocks(&readme, language);
        assert_eq!(blocks.len(), 1, "{language}");
        let program = fs::read_to_string(root.join(example)).unwrap();
        assert!(program.contains(blocks[0]), "{example} has changed; change the README too");
    }
}

#[test]
fn blocks_of_c_and_rust_in_the_pages_stand_in_programs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (language, programs, least) in [
        (
            "c",
            ["examples/c/tour.c", "examples/c/loop.c", "examples/c/epoll.c", "examples/c/observed.c"]
                .as_slice(),
            7,
        ),
        ("rust", &["examples/tour.rs", "examples/loop.rs"], 6),
    ] {
        let text = |name: &&str| lines(&fs::read_to_string(root.join(name)).unwrap());
        let programs: Vec<String> = programs.iter().map(text).collect();
        let mut found = 0;
        for page in pages() {
            for block in blocks(&fs::read_to_string(&page).unwrap(), language) {
                found += 1;
                let block = lines(block);
                assert!(
                    programs.iter().any(|program| program.contains(&block)),
                    "{}:\n{block}",
                    page.display()
                );
            }
        }
        assert!(found >= least, "{found} blocks of {language}");
    }
}

#[test]
fn a_page_has_its_programs_from_the_first_line_to_the_last() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (page, language, programs) in [
        ("docs/c.md", "c", ["examples/c/tour.c", "examples/c/loop.c"]),
        ("docs/rust.md", "rust", ["examples/tour.rs", "examples/loop.rs"]),
    ] {
        let text = fs::read_to_string(root.join(page)).unwrap();
        let shown = lines(&blocks(&text, language).concat());
        for name in programs {
            let program = fs::read_to_string(root.join(name)).unwrap();
            // What is said of it in the tree stands before it.
            let begin = ["#define", "#include", "use "].iter().filter_map(|start| program.find(start)).min();
            assert!(shown.contains(&lines(&program[begin.unwrap()..])), "{page} does not have all of {name}");
        }
    }
}

/// An example, for an emulator. One test alone builds no examples.
fn example(name: &str, emulator: &Emulator) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command
        .args(["run", "--quiet", "--example", name])
        .env("AGGLESTONE_TENANT_ID", emulator.tenant_id())
        .env("AGGLESTONE_BASE_URL", emulator.url());
    command
}

#[test]
fn the_loop_of_the_page_of_rust_goes_through_a_rotation() {
    let emulator = Options::new().port(0).start().unwrap();
    let folder = TempDir::new().unwrap();
    let file = |slot: &str| folder.path().join(slot);
    fs::write(file("primary"), emulator.primary_api_key()).unwrap();
    fs::write(file("secondary"), emulator.secondary_api_key()).unwrap();
    let mut running = example("loop", &emulator)
        .env("AGGLESTONE_API_KEY_FILE", file("primary"))
        .env("AGGLESTONE_SECONDARY_API_KEY_FILE", file("secondary"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(running.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(said.next().as_deref(), Some("Replace both keys now."));
    let primary = emulator.generate_key(Slot::Primary);
    fs::write(file("primary"), &primary).unwrap();
    let new = Some(fingerprint(primary.as_bytes()));
    while emulator.requests().iter().all(|request| request.fingerprint != new) {
        sleep(Duration::from_millis(20));
    }
    fs::write(file("secondary"), emulator.generate_key(Slot::Secondary)).unwrap();
    assert!(said.next().is_some_and(|line| line.ends_with(" calls, none failed")));
    assert!(running.wait().unwrap().success());
}

#[test]
fn what_the_page_of_rust_shows_first_runs() {
    let emulator = Options::new().port(0).start().unwrap();
    let output =
        example("tour", &emulator).env("AGGLESTONE_API_KEY", emulator.primary_api_key()).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.starts_with("45 users, of which 20 are here\n"), "{said}");
    assert!(said.contains("no such user") && !said.contains("401: ") && !said.contains("503: "), "{said}");
}

#[test]
fn the_table_of_errors_is_the_list_of_codes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("docs/errors.md")).unwrap();
    let row = |code: &Code| {
        let retryable = if code.retryable() { "yes" } else { "no" };
        format!("| {} | `{}` | {} | {retryable} |", code.number(), code.name(), code.summary())
    };
    let expected: Vec<String> = Code::ALL.iter().map(row).collect();
    let is_row = |line: &&str| line.strip_prefix("| ").is_some_and(|rest| rest.starts_with(char::is_numeric));
    let rows: Vec<&str> = text.lines().filter(is_row).collect();
    assert_eq!(rows.len(), expected.len(), "{rows:#?}");
    for (row, expected) in rows.iter().zip(&expected) {
        assert!(row.starts_with(expected), "{row}\n{expected}");
    }
}

#[test]
fn the_tables_of_events_and_reasons_have_every_name() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (source, page) in
        [("src/events/event.rs", "docs/logging.md"), ("src/verify/reason.rs", "docs/tokens.md")]
    {
        let text = fs::read_to_string(root.join(source)).unwrap();
        let arms = text.lines().filter(|line| line.contains("=> \""));
        let names: Vec<&str> = arms.filter_map(|line| line.split('"').nth(1)).collect();
        assert!(names.len() > 5, "{names:?}");
        let page = fs::read_to_string(root.join(page)).unwrap();
        let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| `")).collect();
        for name in names.iter().filter(|name| !["debug", "info", "warning", "error"].contains(name)) {
            assert!(rows.iter().any(|row| row.contains(&format!("`{name}`"))), "{name}");
        }
    }
}

#[test]
fn the_cases_and_tests_that_the_security_model_names_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/security.md")).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| ")).filter_map(|line| line.rsplit('|').nth(1));
    let seen: Vec<&str> = rows.flat_map(quoted).collect();
    assert!(seen.len() > 15, "{seen:?}");
    for name in seen {
        let path = if name.ends_with(".json") { format!("tests/conformance/{name}") } else { name.into() };
        assert!(root.join(&path).exists(), "{path}");
    }
}

#[test]
fn the_texts_of_troubleshooting_are_those_of_the_sources() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = String::new();
    for folder in ["src", "bindings/python/src", "python/agglestone", "node/src"] {
        read_below(&root.join(folder), &mut sources);
    }
    // Texts that go on in the next line.
    let sources = lines(&sources).replace("\\\n", "");
    let page = fs::read_to_string(root.join("docs/troubleshooting.md")).unwrap();
    let texts: Vec<&str> =
        page.lines().filter_map(|line| line.strip_prefix("| `")?.split("` | ").next()).collect();
    assert!(texts.len() > 20, "{texts:?}");
    for text in texts {
        assert!(sources.contains(text), "no error says: {text}");
    }
}

#[test]
fn the_recipes_name_files_that_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("docs/contributing.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    let files: Vec<&str> = rows.flat_map(|row| row.split('|').nth(1)).flat_map(quoted).collect();
    assert!(files.len() > 30, "{files:?}");
    for file in files.iter().filter(|file| file.contains('/') && !file.contains('*')) {
        assert!(root.join(file).exists(), "{file}");
    }
}

#[test]
fn the_case_that_contributors_are_shown_is_a_real_one() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("docs/contributing.md")).unwrap();
    let shown: serde_json::Value = serde_json::from_str(blocks(&text, "json")[0]).unwrap();
    let cases = fs::read_to_string(root.join("tests/conformance/arguments.json")).unwrap();
    let cases: Vec<serde_json::Value> = serde_json::from_str(&cases).unwrap();
    assert!(cases.contains(&shown));
}

/// What stands between backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The pages of `docs/`.
fn pages() -> Vec<PathBuf> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let paths = fs::read_dir(docs).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect()
}

/// The lines without their indentation and without empty ones.
fn lines(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

fn read_below(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_below(&path, text);
        } else if path
            .extension()
            .is_some_and(|extension| ["rs", "py", "ts"].iter().any(|kind| extension == *kind))
        {
            text.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}
