//! The emulator as other tools see it: a Python service that believes its tokens, schemathesis on its OpenAPI document, and its
//! Dockerfile.

use std::fs;
use std::path::PathBuf;

use anyhow::Result;

use crate::count;
use crate::emulator::Emulator;
use crate::faces::Face;
use crate::prerequisites;
use crate::process;
use crate::report;
use crate::stamp::{self, Inputs};
use crate::tally::{Ran, Tally, ran};
use crate::workspace::Workspace;

const TESTS: &str = "emulator/tests/python";
const SERVICE: &str = "emulator: service and container";
const DOCUMENT: &str = "emulator: OpenAPI document";

/// pytest on emulator and service, each on an address of its own, and on what the Dockerfile makes.
pub fn service(workspace: &Workspace, tally: &mut Tally) {
    with_python(workspace, tally, SERVICE, |python| {
        let mut pytest = process::command(workspace, python);
        pytest.args(["-m", "pytest", "-q", "-p", "no:cacheprovider", TESTS]);
        pytest.env("PYTHONDONTWRITEBYTECODE", "1");
        pytest.env("AGGLESTONE_EMULATOR", workspace.built("agglestone-emulator"));
        ran(workspace, "emulator-service", &mut pytest, count::pytest)
    });
}

/// All checks of schemathesis, with so many examples for each operation: every answer is one that the document describes.
pub fn document(workspace: &Workspace, tally: &mut Tally, examples: u32) {
    with_python(workspace, tally, DOCUMENT, |python| {
        let emulator = Emulator::start(workspace, "openapi")?;
        // Its caller generates primary keys only, and so can't lock itself out.
        let [_, secondary] = emulator.first_keys()?;
        let mut schemathesis = process::command(workspace, python.with_file_name("schemathesis"));
        schemathesis.args(["run", &format!("{}/openapi.json", emulator.url()?), "--checks=all"]);
        schemathesis.arg(format!("--header=X-API-Key: {secondary}"));
        schemathesis.arg(format!("--max-examples={examples}"));
        schemathesis.env("SCHEMATHESIS_HOOKS", workspace.source(TESTS).join("hooks.py"));
        schemathesis.env("PYTHONDONTWRITEBYTECODE", "1");
        // It keeps a database of examples where it is started.
        schemathesis.current_dir(workspace.made("stand-in"));
        let done = process::captured(workspace, "schemathesis", &mut schemathesis)?;
        Ok(if done.status.success() { Ran::one() } else { Ran::failed(done.text) })
    });
}

/// Runs a suite with an interpreter that has the tools, made if need be.
fn with_python(
    workspace: &Workspace,
    tally: &mut Tally,
    name: &str,
    suite: impl FnOnce(PathBuf) -> Result<Ran>,
) {
    let lacks = prerequisites::lacks(workspace, &[Face::Python]);
    if let Some(reason) = prerequisites::missing_for(&lacks, Face::Python) {
        return tally.skip(name, &reason);
    }
    tally.suite(name, || suite(python(workspace)?));
}

/// An environment with what `requirements.txt` asks for, and nothing of the client.
fn python(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.made("stand-in");
    fs::create_dir_all(&folder)?;
    let (venv, requirements) = (folder.join("venv"), workspace.source(TESTS).join("requirements.txt"));
    stamp::unless_stamped(&folder.join("venv.stamp"), Inputs::default().file(&requirements)?, || {
        report::step("emulator: Python tools", || {
            let _ = fs::remove_dir_all(&venv);
            let mut made = process::command(workspace, "python3");
            process::quiet(workspace, "stand-in-venv", made.args(["-m", "venv"]).arg(&venv))?;
            let mut pip = process::command(workspace, venv.join("bin/python"));
            pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
            process::quiet(workspace, "stand-in-tools", pip.arg(&requirements)).map(|_| ())
        })
    })?;
    Ok(venv.join("bin/python"))
}
