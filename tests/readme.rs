//! The README shows the examples as they are: every block of code in it stands in a program that the tests run. What it and the
//! page for contributors lead to is there.

use std::fs;
use std::path::Path;

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
fn every_link_leads_to_a_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (page, least) in [("README.md", 10), ("docs/contributing.md", 2)] {
        let path = root.join(page);
        let text = fs::read_to_string(&path).unwrap();
        let links: Vec<&str> = text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()).collect();
        assert!(links.len() > least, "{page}");
        for link in links {
            assert!(path.parent().unwrap().join(link).exists(), "{page}: {link}");
        }
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
