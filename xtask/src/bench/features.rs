//! Whether cargo can compile what the bindings share once for all: it does when they want the same features of it, and compiles the
//! whole tree again for each binding that wants another one.

use std::collections::BTreeMap;

use anyhow::{Result, bail};

use crate::process;
use crate::workspace::Workspace;

const BINDINGS: [&str; 4] = ["agglestone-c", "agglestone-node", "agglestone-python", "agglestone-bench"];

/// The features of each package of a tree, by name and version.
type Tree = BTreeMap<String, String>;

/// Fails with what to add to `bindings/features` when a package that two of them use has other features in one than in the other.
pub fn check(workspace: &Workspace) -> Result<()> {
    let mut trees = Vec::new();
    for binding in BINDINGS {
        let mut cargo = process::cargo(workspace);
        cargo.args(["tree", "--quiet", "--package", binding, "--edges", "normal,build"]);
        let text = process::output(cargo.args(["--prefix", "none", "--format", "{p}|{f}"]))?;
        trees.push((binding, read(&text)));
    }
    let differences = differences(&trees);
    if !differences.is_empty() {
        bail!(
            "what the bindings share is compiled more than once; add to bindings/features/Cargo.toml the features that one lacks:\n{}",
            differences.join("\n")
        );
    }
    Ok(())
}

fn read(text: &str) -> Tree {
    let lines = text.lines().filter_map(|line| line.trim_end_matches(" (*)").split_once('|'));
    lines.map(|(package, features)| (package.to_string(), features.to_string())).collect()
}

fn differences(trees: &[(&str, Tree)]) -> Vec<String> {
    let mut differences = Vec::new();
    for (index, (binding, tree)) in trees.iter().enumerate() {
        for (package, features) in tree {
            let earlier = trees[..index].iter().find_map(|(other, tree)| Some((other, tree.get(package)?)));
            if let Some((other, others)) = earlier
                && others != features
            {
                differences.push(format!("{package}: {other} has [{others}], {binding} has [{features}]"));
            }
        }
    }
    differences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_packages_in_common_with_other_features_are_differences() {
        let c = read("agglestone-c v0.1.0|\nsyn v3.0.10|full,visit\nbytes v1.0.0|std (*)\n");
        let python = read(
            "agglestone-python v0.1.0|\nsyn v3.0.10|full,visit,visit-mut\nbytes v1.0.0|std\npyo3 v0.30.1|abi3\n",
        );
        let found = differences(&[("c", c), ("python", python)]);
        assert_eq!(found, ["syn v3.0.10: c has [full,visit], python has [full,visit,visit-mut]"]);
    }
}
