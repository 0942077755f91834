// `npx agglestone`, with the command and without.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const folder = mkdtempSync(path.join(tmpdir(), 'agglestone-command-'));
after(() => rmSync(folder, { recursive: true }));
const bin = fileURLToPath(new URL('../node_modules/.bin/agglestone', import.meta.url));

function script(name, text) {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, 0o755);
  return file;
}

/** As npx runs it: npm's folder first on the path. */
function run(paths, ...args) {
  const PATH = [path.dirname(bin), ...paths.map((name) => path.join(folder, name))].join(path.delimiter);
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], { cwd: folder, encoding: 'utf8', env: { ...process.env, PATH } });
  return { status, stdout, stderr };
}

test('without the command it says how to get it', () => {
  const stderr = 'agglestone: the command is not installed: npm install --save-dev agglestone-cli\n';
  assert.deepEqual(run([], 'doctor'), { status: 127, stdout: '', stderr });
});

test('the command on the path is run, with its arguments and exit code', () => {
  script('path/agglestone', '#!/bin/sh\necho "$@"; exit 3\n');
  assert.deepEqual(run(['path'], 'users', 'list'), { status: 3, stdout: 'users list\n', stderr: '' });
});

test('a command that a signal ends tells it as shells do', () => {
  script('killed/agglestone', '#!/bin/sh\nkill -TERM $$\n');
  assert.equal(run(['killed']).status, 143);
});

test('the package that brings the command comes before the path', () => {
  const program = script('program', '#!/bin/sh\necho packaged\n');
  script('node_modules/agglestone-cli/index.js', `exports.path = ${JSON.stringify(program)};\n`);
  assert.equal(run(['path']).stdout, 'packaged\n');
});
