//! `cargo xtask docs`: the pages of `docs/` as a site, by mdbook. Pages link to each other and into the tree; what lies outside of
//! `docs/` is linked where it is hosted.

mod pages;

use std::fs;
use std::path::PathBuf;

use anyhow::{Result, ensure};

use self::pages::Page;
use crate::layout;
use crate::process;
use crate::report;
use crate::tally::Ran;
use crate::venv;
use crate::workspace::{Workspace, files};

const TOOLS: &str = "xtask/docs-tools.txt";
const HOSTED: &str = "https://github.com/agglestone/agglestone-client/blob/main/";

/// Checks the pages and builds the site; says where it is.
pub fn run(workspace: &Workspace) -> Result<()> {
    let complaints = pages::complaints(workspace.root())?;
    ensure!(complaints.is_empty(), "{}", complaints.join("\n"));
    let site = build(workspace)?;
    println!("the site is {}", workspace.shown(&site.join("index.html")));
    Ok(())
}

/// The site as a test: each page has become one. Its links are checked by the tests of this crate.
pub fn test(workspace: &Workspace) -> Result<Ran> {
    let site = build(workspace)?;
    let mut ran = Ran::default();
    for page in files(&workspace.source("docs"), &["md"]) {
        let name = page.with_extension("html").file_name().unwrap_or_default().to_owned();
        // The list of them is on each.
        if name != "SUMMARY.html" {
            ensure!(site.join(&name).exists(), "{} is not in the site", workspace.shown(&page));
            ran += Ran::one();
        }
    }
    Ok(ran)
}

/// Gives the folder of the site.
fn build(workspace: &Workspace) -> Result<PathBuf> {
    let tools = workspace.made("docs-tools");
    venv::with_requirements(workspace, &tools, TOOLS)?;
    let book = workspace.made("docs");
    let _ = fs::remove_dir_all(&book);
    layout::copy(&workspace.source("docs/book.toml"), &book.join("book.toml"))?;
    for file in files(&workspace.source("docs"), &["md"]) {
        let page = Page::read(workspace.root(), &file)?;
        layout::write(&book.join("src").join(page.name()), &page.with_links_out(HOSTED))?;
    }
    for folder in ["", "benchmarks"] {
        for file in files(&workspace.source("docs").join(folder), &["svg"]) {
            layout::copy(&file, &book.join("src").join(folder).join(file.file_name().unwrap_or_default()))?;
        }
    }
    report::step("mdbook build", || {
        let mut mdbook = process::command(workspace, venv::program(&tools, "mdbook"));
        process::quiet(workspace, "mdbook", mdbook.arg("build").arg(&book))
    })?;
    Ok(book.join("book"))
}
