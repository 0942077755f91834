//! The emulator's packages, and the clients' testing modules, which find it by themselves.

use anyhow::Result;

use super::trial::{Trial, counted, runs_on_old_glibc};
use super::{node, python};
use crate::process;
use crate::tally::Ran;
use crate::workspace::Workspace;

const PYTHON: &str = "
from agglestone import Client
from agglestone.testing import Emulator
with Emulator() as emulator, Client(**emulator.client_options()) as client:
    print('Users:', client.get_users()['totalRecords'])
";

const NODE: &str = "
import { Client } from 'agglestone';
import { Emulator } from 'agglestone/testing';
const emulator = await Emulator.start();
const client = new Client(emulator.clientOptions());
console.log('Users:', (await client.getUsers()).totalRecords);
client.close();
await emulator.close();
";

/// In Python, in Node, and by itself.
pub fn all(workspace: &Workspace) -> Result<Ran> {
    let wheels = Trial::new(workspace, "emulator-wheel")?;
    let packages = [("agglestone-0", ".whl"), ("agglestone_emulator-0", ".whl")];
    let python = python::installed(&wheels, "python3", &packages)?;
    let npm = Trial::new(workspace, "emulator-npm")?;
    let addon = npm.packed(&format!("agglestone-emulator-{}-", workspace.platform().npm), ".tgz")?;
    let emulators = [npm.packed("agglestone-emulator-0", ".tgz")?, addon];
    node::npm_install(&npm, &emulators.map(|path| path.display().to_string()))?;
    std::fs::write(npm.path("users.mjs"), NODE)?;
    let archive = Trial::new(workspace, "emulator-archive")?;
    let file = archive.packed("agglestone-emulator-0", ".tar.gz")?;
    archive.step("unpack", archive.command("tar").args(["-xzf"]).arg(&file).arg("--strip-components=1"))?;
    let program = archive.path("agglestone-emulator");
    let says = |text: String| {
        anyhow::ensure!(text.contains("Users: 45"), "it said:\n{text}");
        Ok(())
    };
    Ok(counted(vec![
        wheels.step("users", python().args(["-c", PYTHON])).and_then(says),
        npm.step("users", npm.command("node").arg("users.mjs")).and_then(says),
        npm.step("cli", npm.command("node_modules/.bin/agglestone-emulator").arg("--help")).map(|_| ()),
        process::output(archive.command(&program).arg("--version")).map(|_| ()),
        runs_on_old_glibc(workspace, &program),
    ]))
}
