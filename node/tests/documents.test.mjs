// The JavaScript of the documents: blocks that follow each other are one module, which runs as a reader's would.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { found } from './support/development.mjs';
import { program } from './support/programs.mjs';
import { eventually, fingerprint, generateKey, primaryKey, requests, secondaryKey, useService } from './support/service.mjs';

const documents = process.env.AGG_TEST_DOCUMENTS;
const pages = readdirSync(documents).filter((name) => name.endsWith('.md')).map((name) => path.join(documents, name));
pages.push('node_modules/agglestone/README.md');

/** What is to be put into files. A block that gets the client for itself begins a program. */
function programs(page) {
  const blocks = [...readFileSync(page, 'utf8').matchAll(/^```js\n(.*?)^```/gms)].map(([, block]) => block);
  return blocks.reduce((all, block) => {
    if (all.length === 0 || block.includes('import { Client }')) return [...all, block];
    return [...all.slice(0, -1), `${all.at(-1)}\n${block}`];
  }, []);
}

/** The program with the frameworks that it names, which are not installed beside the package. */
const withFrameworks = (code) => code.replace(/from '(express|fastify)'/, (_, name) => `from '${found(name)}'`);

const all = pages.flatMap((page) => programs(page).map((code, at) => ({ name: `${path.basename(page)}, ${at + 1}`, code })));
const isLoop = ({ code }) => code.includes('Replace both keys now.');

useService();

for (const { name, code } of all.filter((one) => !isLoop(one))) {
  test(`the program ${name} runs`, async () => {
    const { code: exit, errors } = await program(withFrameworks(code));
    assert.equal(exit, 0, errors);
  });
}

for (const { name, code } of all.filter(isLoop)) {
  test(`the loop ${name} goes through a rotation`, async (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'agglestone-loop-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const give = (slot, key) => writeFileSync(path.join(folder, slot), key);
    give('primary', primaryKey);
    give('secondary', secondaryKey);
    const env = {
      AGGLESTONE_API_KEY: undefined,
      AGGLESTONE_API_KEY_FILE: path.join(folder, 'primary'),
      AGGLESTONE_SECONDARY_API_KEY_FILE: path.join(folder, 'secondary'),
    };
    const ended = program(code, { env });
    const isUsed = async (key) => (await requests()).some((request) => request.fingerprint === fingerprint(key));
    await eventually(() => isUsed(primaryKey), 'the loop calls');
    const primary = await generateKey('primary');
    give('primary', primary);
    await eventually(() => isUsed(primary), 'the new primary key is used');
    give('secondary', await generateKey('secondary'));
    const { code: exit, output, errors } = await ended;
    assert.equal(exit, 0, errors);
    assert.match(output, /^Replace both keys now\.\n\d+ calls, none failed$/);
  });
}

test('the programs are there', () => {
  assert.ok(all.length >= 11 && all.filter(isLoop).length === 1, all.map(({ name }) => name).join());
});
