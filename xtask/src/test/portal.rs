//! The emulator's portal page in a real browser: node:test and playwright-core drive the Chromium of this machine.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::count;
use crate::emulator::Emulator;
use crate::faces::Face;
use crate::prerequisites;
use crate::process;
use crate::report;
use crate::stamp::{self, Inputs};
use crate::tally::{Tally, ran};
use crate::tools;
use crate::workspace::{Workspace, files};

const NAME: &str = "portal: browser";

/// As distributions call it.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Runs the tests in `emulator/tests/browser`; their screenshots are in `target/portal` afterwards.
pub fn test(workspace: &Workspace, tally: &mut Tally) {
    let lacks = prerequisites::lacks(workspace, &[Face::Node]);
    if let Some(reason) = prerequisites::missing_for(&lacks, Face::Node) {
        return tally.skip(NAME, &reason);
    }
    let Some(browser) = browser_or_install_it(workspace) else {
        return tally.skip(
            NAME,
            "Chromium is not on the PATH (get it: apt-get install chromium, or set AGG_CHROMIUM)",
        );
    };
    tally.suite(NAME, || {
        let project = workspace.made("portal");
        let tests = prepare(workspace, &project)?;
        let emulator = Emulator::start(workspace, "portal")?;
        let mut node = process::command(workspace, "node");
        node.arg("--test").args(tests).current_dir(&project);
        emulator.for_tests(&mut node)?;
        node.env("AGG_CHROMIUM", browser).env("AGG_TEST_SCREENSHOTS", &project);
        ran(workspace, "portal-browser", &mut node, count::node)
    });
}

fn browser_or_install_it(workspace: &Workspace) -> Option<PathBuf> {
    browser().or_else(|| {
        let installed = tools::install_in_ci(workspace, "chromium");
        browser().filter(|_| installed)
    })
}

/// `AGG_CHROMIUM`, or the first of [`BROWSERS`] on the path.
fn browser() -> Option<PathBuf> {
    if let Some(given) = std::env::var_os("AGG_CHROMIUM") {
        return Some(given.into());
    }
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut places = BROWSERS.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    places.find(|place| place.is_file())
}

/// Copies tests and lock file to `project` and installs what they need there, so that nothing is made in the source tree.
fn prepare(workspace: &Workspace, project: &Path) -> Result<Vec<PathBuf>> {
    fs::create_dir_all(project)?;
    let mut tests = Vec::new();
    for source in files(&workspace.source("emulator/tests/browser"), &["json", "mjs"]) {
        let copy = project.join(source.file_name().context("a file has a name")?);
        fs::copy(&source, &copy).with_context(|| format!("cannot copy {}", workspace.shown(&source)))?;
        if copy.to_string_lossy().ends_with(".test.mjs") {
            tests.push(copy);
        }
    }
    let inputs = Inputs::default().file(&project.join("package-lock.json"))?;
    stamp::unless_stamped(&project.join("node_modules/.xtask-stamp"), inputs, || {
        report::step("portal: npm ci", || {
            let mut npm = process::command(workspace, "npm");
            npm.args(["ci", "--no-audit", "--no-fund", "--no-update-notifier"]).current_dir(project);
            process::quiet(workspace, "npm-ci-portal", &mut npm).map(|_| ())
        })
    })?;
    Ok(tests)
}
