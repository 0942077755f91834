// The JavaScript of the documents: the blocks of a page are one module, which runs as a reader's would.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { program } from './support/programs.mjs';
import { useService } from './support/service.mjs';

const documents = process.env.AGG_TEST_DOCUMENTS;
const pages = readdirSync(documents)
  .filter((name) => name.endsWith('.md'))
  .map((name) => ({ name, text: readFileSync(path.join(documents, name), 'utf8') }))
  .map(({ name, text }) => ({ name, code: [...text.matchAll(/^```js\n(.*?)^```/gms)].map(([, block]) => block).join('\n') }))
  .filter(({ code }) => code !== '');

useService();

for (const { name, code } of pages) {
  test(`the blocks of ${name} run`, async () => {
    const { code: exit, errors } = await program(code);
    assert.equal(exit, 0, errors);
  });
}

test('the pages are there', () => {
  assert.ok(pages.length >= 5, pages.map(({ name }) => name).join());
});
