// The examples with web frameworks, in processes of their own.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { found } from './support/development.mjs';
import { ADMIN, environment, requests, useService } from './support/service.mjs';

useService();

// A project with the package as it is installed, and with the frameworks.
const project = mkdtempSync(path.join(tmpdir(), 'agglestone-frameworks-'));
after(() => rmSync(project, { recursive: true }));
const modules = path.join(project, 'node_modules');
mkdirSync(modules);
symlinkSync(fileURLToPath(new URL('../node_modules/agglestone', import.meta.url)), path.join(modules, 'agglestone'));

/** The folder in `node_modules` that a package is in. */
function folderOf(name) {
  const file = fileURLToPath(found(name));
  const end = path.join('node_modules', name);
  return file.slice(0, file.lastIndexOf(end) + end.length);
}

async function started(name) {
  symlinkSync(folderOf(name), path.join(modules, name));
  const file = path.join(project, `${name}.mjs`);
  copyFileSync(path.join(process.env.AGG_TEST_EXAMPLES, 'frameworks', `${name}.mjs`), file);
  const child = spawn(process.execPath, [file], { env: { ...environment, PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const [url] = await Promise.race([once(createInterface(child.stdout), 'line'), ended]);
  return { url, child, ended };
}

for (const name of ['express', 'fastify']) {
  test(`${name} serves users, and ends when it is told to`, async () => {
    const { url, child, ended } = await started(name);
    const get = async (place) => {
      const response = await fetch(url + place, { headers: { Connection: 'close' } });
      return { status: response.status, body: await response.json() };
    };
    const { body: page } = await get('/users?page=2');
    assert.deepEqual([page.pageNumber, page.data.length, page.totalRecords], [2, 20, 45]);
    assert.equal((await get(`/users/${ADMIN}`)).body.userId, ADMIN);
    assert.deepEqual(await get('/users/nobody'), { status: 404, body: { error: 'no such user' } });
    assert.equal((await requests()).length, 3);
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
  });
}
