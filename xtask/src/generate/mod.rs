//! `cargo xtask generate`: what follows from `bindings/c` and from the dependencies without a word of its own, checked in and
//! compared in CI.

mod csharp;

use std::fs;

use anyhow::{Context, Result, anyhow, bail};
use cbindgen::Bindings;

use crate::notices;
use crate::workspace::Workspace;

/// Writes the generated files, or with `check` only compares them.
pub fn run(workspace: &Workspace, check: bool) -> Result<()> {
    let bindings = bindings(workspace)?;
    let mut files = vec![
        ("include/agglestone.h".to_string(), header(&bindings)?),
        ("bindings/csharp/Agglestone/Native/NativeMethods.g.cs".into(), csharp::native_methods(&bindings)?),
        (
            "bindings/csharp/Agglestone/Errors/AgglestoneErrorCode.g.cs".into(),
            csharp::error_codes(&bindings)?,
        ),
    ];
    files.extend(notices::texts(workspace)?);
    let mut stale = Vec::new();
    for (name, new) in &files {
        let path = workspace.source(name);
        let old = fs::read_to_string(&path).unwrap_or_default();
        if old == *new {
            println!("{name} is up to date");
        } else if check {
            stale.push(format!("{name}: {}", first_difference(&old, new)));
        } else {
            fs::write(&path, new).with_context(|| format!("cannot write {name}"))?;
            println!("{name} written");
        }
    }
    if !stale.is_empty() {
        bail!("not what is generated; run `cargo xtask generate` and commit it\n{}", stale.join("\n"));
    }
    Ok(())
}

/// The C interface as cbindgen reads it.
fn bindings(workspace: &Workspace) -> Result<Bindings> {
    let config = cbindgen::Config::from_file(workspace.source("bindings/c/cbindgen.toml"))
        .map_err(|error| anyhow!("bindings/c/cbindgen.toml: {error}"))?;
    cbindgen::Builder::new()
        .with_crate(workspace.source("bindings/c"))
        .with_config(config)
        .generate()
        .context("cbindgen can't read bindings/c")
}

fn header(bindings: &Bindings) -> Result<String> {
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
    fn the_hint_shows_where_a_file_drifted() {
        let hint = first_difference("a\nb\nc\n", "a\nB\nc\n");
        assert!(hint.starts_with("first difference at line 2:\n- b\n"), "{hint}");
        assert!(hint.contains("\n+ B\n"), "{hint}");
    }
}
