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
import { ADMIN, environment, PLAIN_USER, requests, useService } from './support/service.mjs';

const newClient = useService();

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
  test(`${name} serves users to users, and ends when it is told to`, async () => {
    const { url, child, ended } = await started(name);
    const get = async (place, token) => {
      const authorization = token === undefined ? {} : { Authorization: `Bearer ${token}` };
      const response = await fetch(url + place, { headers: { Connection: 'close', ...authorization } });
      const text = await response.text();
      return { status: response.status, body: text && JSON.parse(text) };
    };
    const [admin, plain] = await Promise.all([ADMIN, PLAIN_USER].map((user) => newClient().exchangeApiKeyForToken(user)));
    const { body: page } = await get('/users?page=2', admin);
    assert.deepEqual([page.pageNumber, page.data.length, page.totalRecords], [2, 20, 45]);
    assert.equal((await get(`/users/${ADMIN}`, admin)).body.userId, ADMIN);
    assert.deepEqual(await get('/users/nobody', admin), { status: 404, body: { error: 'no such user' } });
    assert.equal((await get('/me', plain)).body.userId, PLAIN_USER);
    const called = async () => (await requests()).filter((request) => request.path.includes('/Users')).length;
    assert.equal(await called(), 4);

    for (const place of ['/users', `/users/${ADMIN}`]) assert.equal((await get(place, plain)).status, 403);
    for (const place of ['/me', '/users', `/users/${ADMIN}`]) {
      for (const wrong of [undefined, admin.slice(0, -8)]) assert.equal((await get(place, wrong)).status, 401);
    }
    assert.equal(await called(), 4, 'nothing is asked for whoever is not let in');
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
  });
}
