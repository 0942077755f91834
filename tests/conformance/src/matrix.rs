//! The table of cases and faces, from the results that a run through each face has left behind.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::case::Case;
use crate::face::Face;

const HEAD: &str = "\
# Conformance: every promise, seen through every face

Written by `cargo xtask test` from what the cases of `tests/conformance/*.json` came to; CI compares it with its own run.
`✓` passed, `✗` failed or did not run, `–` left out, with the reason below the table.
";

/// The names of the cases that passed through each face.
type Passed = BTreeMap<&'static str, BTreeSet<String>>;

/// Leaves the result of a run through one face in `folder`.
pub fn leave(folder: &Path, face: Face, passed: &[&Case]) -> Result<()> {
    fs::create_dir_all(folder)?;
    let names: Vec<String> = passed.iter().map(|case| name(case)).collect();
    let path = folder.join(format!("{}.txt", face.name()));
    fs::write(&path, names.join("\n")).with_context(|| format!("cannot write {}", path.display()))
}

/// The table, in Markdown.
pub fn write(folder: &Path, cases: &[Case]) -> Result<String> {
    let mut passed = Passed::new();
    for face in Face::value_variants() {
        let names = fs::read_to_string(folder.join(format!("{}.txt", face.name()))).unwrap_or_default();
        passed.insert(face.name(), names.lines().map(str::to_string).collect());
    }
    Ok(markdown(cases, &passed))
}

fn name(case: &Case) -> String {
    format!("{}: {}", case.file, case.name)
}

fn markdown(cases: &[Case], passed: &Passed) -> String {
    let mut files: BTreeMap<&str, Vec<&Case>> = BTreeMap::new();
    for case in cases {
        files.entry(&case.file).or_default().push(case);
    }
    let faces: Vec<&str> = Face::value_variants().iter().map(|face| face.name()).collect();
    let columns =
        |first: &str| format!("| {first} | {} |\n|---|{}\n", faces.join(" | "), ":-:|".repeat(faces.len()));

    let mut text = format!("{HEAD}\n{}", columns("passed"));
    let mut counts = |title: &str, cases: &[&Case]| {
        let passed = faces
            .iter()
            .map(|face| cases.iter().filter(|case| passed[face].contains(&name(case))).count().to_string());
        let passed: Vec<String> = passed.collect();
        let _ = writeln!(text, "| {title} | {} |", passed.join(" | "));
    };
    for (file, cases) in &files {
        let title = file.trim_end_matches(".json");
        counts(&format!("[{title}](#{title})"), cases);
    }
    counts(&format!("all {}", cases.len()), &cases.iter().collect::<Vec<_>>());

    for (file, cases) in &files {
        let _ = write!(text, "\n## {}\n\n{}", file.trim_end_matches(".json"), columns("case"));
        let mut reasons: Vec<&str> = Vec::new();
        for case in cases {
            let marks: Vec<&str> =
                Face::value_variants().iter().map(|face| mark(case, *face, passed)).collect();
            let reason = case.why.as_deref().filter(|_| marks.contains(&"–")).map(|why| {
                let number = reasons.iter().position(|known| *known == why).unwrap_or_else(|| {
                    reasons.push(why);
                    reasons.len() - 1
                });
                format!(" [{}]", number + 1)
            });
            let title = case.name.replace('|', "\\|");
            let _ = writeln!(text, "| {title}{} | {} |", reason.unwrap_or_default(), marks.join(" | "));
        }
        for (index, reason) in reasons.iter().enumerate() {
            let _ = write!(text, "\n[{}] {reason}\n", index + 1);
        }
    }
    text
}

fn mark(case: &Case, face: Face, passed: &Passed) -> &'static str {
    match (case.runs_on(face), passed[face.name()].contains(&name(case))) {
        (false, _) => "–",
        (true, true) => "✓",
        (true, false) => "✗",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passed_failed_and_was_left_out_can_be_told_apart() {
        let folder = std::env::temp_dir().join(format!("agglestone-matrix-{}", std::process::id()));
        let case = |text: &str| {
            let mut case: Case = serde_json::from_str(text).expect("a case");
            case.file = "x.json".to_string();
            case
        };
        let cases = [
            case(r#"{"name": "one", "promise": "p", "steps": []}"#),
            case(r#"{"name": "two", "promise": "p", "steps": [], "except": ["c"], "why": "because"}"#),
        ];
        leave(&folder, Face::C, &[&cases[0]]).expect("left");
        leave(&folder, Face::Node, &[&cases[0], &cases[1]]).expect("left");
        let text = write(&folder, &cases).expect("written");
        fs::remove_dir_all(&folder).expect("removed");
        assert!(text.contains("| all 2 | 0 | 0 | 1 | 0 | 0 | 2 | 0 |"), "{text}");
        assert!(text.contains("| one | ✗ | ✗ | ✓ | ✗ | ✗ | ✓ | ✗ |"), "{text}");
        assert!(text.contains("| two [1] | ✗ | ✗ | – | ✗ | ✗ | ✓ | ✗ |\n\n[1] because\n"), "{text}");
    }
}
