//! The README shows the examples as they are: every block of code in it stands in a program that the tests run.

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
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let links: Vec<&str> = readme.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()).collect();
    assert!(links.len() > 10);
    for link in links {
        assert!(root.join(link).exists(), "{link}");
    }
}
