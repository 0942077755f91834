//! A page of Markdown: its headings' anchors and its links, and what is wrong with those of the whole tree.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};

use crate::workspace::files;

/// Pages outside of `docs/` that users read.
const OTHERS: [&str; 12] = [
    "README.md",
    "SECURITY.md",
    "benches/README.md",
    "bindings/c/package/README.md",
    "bindings/csharp/README.md",
    "cli/README.md",
    "emulator/README.md",
    "fuzz/README.md",
    "node/README.md",
    "python/README.md",
    "tests/conformance/README.md",
    "xtask/dotnet/README.md",
];

/// One page.
pub struct Page {
    /// From the tree's root.
    place: PathBuf,
    text: String,
}

impl Page {
    /// Reads it.
    pub fn read(root: &Path, path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Self { place: path.strip_prefix(root).unwrap_or(path).to_path_buf(), text })
    }

    /// The file's name.
    pub fn name(&self) -> String {
        self.place.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// The text, in which links that leave the page's folder lead to `hosted`.
    pub fn with_links_out(&self, hosted: &str) -> String {
        let mut text = self.text.clone();
        for link in links(&self.text).into_iter().filter(|link| link.starts_with("../")) {
            let target = normal(&self.place.with_file_name(link));
            text = text.replace(&format!("]({link})"), &format!("]({hosted}{})", target.display()));
        }
        text
    }

    /// The links that lead nowhere.
    fn dead_links(&self, root: &Path) -> Vec<String> {
        let dead = |link: &&str| {
            let (file, anchor) =
                link.split_once('#').map_or((*link, None), |(file, anchor)| (file, Some(anchor)));
            let path = root.join(normal(&self.place.with_file_name(file)));
            match anchor {
                None => !path.exists(),
                Some(anchor) if file.is_empty() => !anchors(&self.text).contains(anchor),
                Some(anchor) => !fs::read_to_string(&path).is_ok_and(|text| anchors(&text).contains(anchor)),
            }
        };
        let relative = links(&self.text).into_iter().filter(|link| !link.contains("://"));
        relative.filter(dead).map(|link| format!("{}: {link} leads nowhere", self.place.display())).collect()
    }
}

/// What is wrong with the pages of the tree.
pub fn complaints(root: &Path) -> Result<Vec<String>> {
    let pages = files(&root.join("docs"), &["md"]);
    let summary = Page::read(root, &root.join("docs/SUMMARY.md"))?;
    let listed = links(&summary.text);
    let mut complaints = Vec::new();
    for path in pages.into_iter().chain(OTHERS.map(|name| root.join(name))) {
        let page = Page::read(root, &path)?;
        let name = page.name();
        let in_book = page.place.starts_with("docs") && name != "SUMMARY.md";
        if in_book && !listed.contains(&name.as_str()) {
            complaints.push(format!("docs/SUMMARY.md does not list {name}"));
        }
        complaints.extend(page.dead_links(root));
    }
    Ok(complaints)
}

/// The lines outside of blocks of code.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut in_code = false;
    text.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        in_code ^= is_fence;
        !in_code && !is_fence
    })
}

/// The targets of links and pictures, as they are written.
fn links(text: &str) -> Vec<&str> {
    let parts = prose(text).flat_map(|line| line.split("](").skip(1));
    parts.filter_map(|rest| rest.split_once(')')).map(|(link, _)| link).collect()
}

/// Where headings can be linked to, as GitHub and mdbook name them.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = prose(text).filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let title = line.trim_start_matches('#').trim().to_lowercase();
            let kept = title.chars().filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
            kept.map(|letter| if letter == ' ' { '-' } else { letter }).collect()
        })
        .collect()
}

/// The path without `..`.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(normal.pop()),
            part => normal.push(part),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(place: &str, text: &str) -> Page {
        Page { place: place.into(), text: text.into() }
    }

    #[test]
    fn every_page_is_in_the_summary_and_every_link_leads_somewhere() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the tree");
        assert_eq!(complaints(root).expect("all can be read"), [""; 0]);
    }

    #[test]
    fn links_to_files_and_anchors_that_are_not_there_are_seen() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let text = "# A `b`: c\n[1](#a-b-c) [2](../src/main.rs) [3](gone.md) [4](#gone) [5](https://x.test/y)\n```\n[6](gone)\n```\n";
        let dead = page("src/page.md", text).dead_links(root);
        assert_eq!(dead, ["src/page.md: gone.md leads nowhere", "src/page.md: #gone leads nowhere"]);
    }

    #[test]
    fn links_out_of_the_folder_lead_to_where_the_tree_is_hosted() {
        let text = "[a](../README.md#b) [c](d.md)";
        assert_eq!(
            page("docs/page.md", text).with_links_out("https://x.test/"),
            "[a](https://x.test/README.md#b) [c](d.md)"
        );
    }
}
