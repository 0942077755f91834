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
use crate::stamp::{self, Inputs};
use crate::workspace::{Workspace, files};

const MDBOOK: &str = "0.5.4";
const HOSTED: &str = "https://github.com/agglestone/agglestone-client/blob/main/";

/// Checks the pages and builds the site; says where it is.
pub fn run(workspace: &Workspace) -> Result<()> {
    let complaints = pages::complaints(workspace.root())?;
    ensure!(complaints.is_empty(), "{}", complaints.join("\n"));
    let mdbook = mdbook(workspace)?;
    let site = workspace.made("docs");
    let _ = fs::remove_dir_all(&site);
    layout::copy(&workspace.source("docs/book.toml"), &site.join("book.toml"))?;
    for file in files(&workspace.source("docs"), &["md"]) {
        let page = Page::read(workspace.root(), &file)?;
        layout::write(&site.join("src").join(page.name()), &page.with_links_out(HOSTED))?;
    }
    for folder in ["", "benchmarks"] {
        for file in files(&workspace.source("docs").join(folder), &["svg"]) {
            layout::copy(&file, &site.join("src").join(folder).join(file.file_name().unwrap_or_default()))?;
        }
    }
    report::step("mdbook build", || {
        process::quiet(workspace, "mdbook", process::command(workspace, &mdbook).arg("build").arg(&site))
    })?;
    println!("the site is {}", workspace.shown(&site.join("book/index.html")));
    Ok(())
}

/// The program, compiled the first time, without what serves and watches.
fn mdbook(workspace: &Workspace) -> Result<PathBuf> {
    let root = workspace.made("mdbook");
    fs::create_dir_all(&root)?;
    stamp::unless_stamped(&root.join("mdbook.stamp"), Inputs::default().text(MDBOOK), || {
        report::live_step(&format!("cargo install mdbook {MDBOOK}"), || {
            let mut cargo = process::cargo(workspace);
            cargo.args(["install", "mdbook", "--version", MDBOOK, "--locked", "--no-default-features"]);
            process::live(cargo.args(["--features", "search", "--root"]).arg(&root))
        })
    })?;
    Ok(root.join("bin").join(workspace.platform().program("mdbook")))
}
