//! The blocks of shell in `docs/`: those of a page are one terminal, into which a reader has pasted an emulator's lines.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use agglestone_emulator::Options;
use tempfile::TempDir;

/// Where the pages have key files.
const KEYS: &str = "/run/keys";

#[test]
fn what_the_pages_have_for_a_terminal_runs() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let mut ran = 0;
    for entry in fs::read_dir(docs).unwrap() {
        let page = entry.unwrap().path();
        if page.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let text = fs::read_to_string(&page).unwrap();
        let blocks = text.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
        let terminal = blocks.collect::<String>();
        if terminal.contains("agglestone ") {
            ran += 1;
            run(&page, &terminal);
        }
    }
    assert!(ran >= 5, "{ran} pages");
}

/// Nothing may fail, but for a rotation at the end, which asks first and is told no.
fn run(page: &Path, terminal: &str) {
    let (emulator, keys) = (Options::new().port(0).start().unwrap(), TempDir::new().unwrap());
    fs::write(keys.path().join("primary"), emulator.primary_api_key()).unwrap();
    fs::write(keys.path().join("secondary"), emulator.secondary_api_key()).unwrap();
    let programs = Path::new(env!("CARGO_BIN_EXE_agglestone")).parent().unwrap().display();
    let in_files = terminal.contains(KEYS);
    let mut shell = Command::new("sh");
    shell
        .args(["-euc", &terminal.replace(KEYS, &keys.path().display().to_string())])
        .env_clear()
        .env("PATH", format!("{programs}:/usr/bin:/bin"))
        .env("AGGLESTONE_BASE_URL", emulator.url())
        .env("AGGLESTONE_TENANT_ID", emulator.tenant_id())
        .env("AGGLESTONE_EMULATOR_TOKEN", emulator.control_token())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if !in_files {
        shell
            .env("AGGLESTONE_API_KEY", emulator.primary_api_key())
            .env("AGGLESTONE_SECONDARY_API_KEY", emulator.secondary_api_key());
    }
    let mut child = shell.spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(b"n\n");
    let output = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        output.status.success(),
        !terminal.contains("agglestone rotate"),
        "{}:\n{terminal}\n{errors}",
        page.display()
    );
    if terminal.contains("agglestone rotate") {
        assert!(errors.contains("[y/N]"), "{}:\n{terminal}\n{errors}", page.display());
    }
}
