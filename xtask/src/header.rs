//! `include/agglestone.h`: generated from `bindings/c` by a pinned cbindgen, checked in, and compared in CI.

use std::fs;

use anyhow::{Context, Result, anyhow, bail};

use crate::workspace::Workspace;

/// Writes the header, or with `check` only compares it.
pub fn run(workspace: &Workspace, check: bool) -> Result<()> {
    let path = workspace.source("include/agglestone.h");
    let new = generate(workspace)?;
    let old = fs::read_to_string(&path).unwrap_or_default();
    if old == new {
        println!("include/agglestone.h is up to date");
    } else if check {
        bail!(
            "include/agglestone.h is not what bindings/c generates; run `cargo xtask header` and commit it\n{}",
            first_difference(&old, &new)
        );
    } else {
        fs::write(&path, new).with_context(|| format!("cannot write {}", path.display()))?;
        println!("include/agglestone.h written");
    }
    Ok(())
}

fn generate(workspace: &Workspace) -> Result<String> {
    let config = cbindgen::Config::from_file(workspace.source("bindings/c/cbindgen.toml"))
        .map_err(|error| anyhow!("bindings/c/cbindgen.toml: {error}"))?;
    let bindings = cbindgen::Builder::new()
        .with_crate(workspace.source("bindings/c"))
        .with_config(config)
        .generate()
        .context("cbindgen can't read bindings/c")?;
    let mut text = Vec::new();
    bindings.write(&mut text);
    String::from_utf8(text).context("the generated header is not UTF-8")
}

/// The first place where the checked-in and the generated text part, a few lines of each.
fn first_difference(old: &str, new: &str) -> String {
    const SHOWN: usize = 4;
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let same = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let mut text = format!("first difference at line {}:\n", same + 1);
    for (sign, lines) in [('-', &old), ('+', &new)] {
        for line in lines.iter().skip(same).take(SHOWN) {
            text += &format!("{sign} {line}\n");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::first_difference;

    #[test]
    fn the_hint_shows_where_the_header_drifted() {
        let hint = first_difference("a\nb\nc\n", "a\nB\nc\n");
        assert!(hint.starts_with("first difference at line 2:\n- b\n"), "{hint}");
        assert!(hint.contains("\n+ B\n"), "{hint}");
    }
}
