// The package refuses to be where a key would be public, and says what is wrong where it can't run.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { program } from './support/programs.mjs';

const loads = [
  "import 'agglestone'",
  "import { createRequire } from 'node:module'; createRequire(process.cwd() + '/x')('agglestone')",
];

for (const condition of ['browser', 'worker', 'workerd', 'edge-light', 'react-native']) {
  test(`a bundle for ${condition} gets a module that refuses`, async () => {
    for (const code of loads) {
      const { code: exit, errors } = await program(code, { flags: [`--conditions=${condition}`] });
      assert.equal(exit, 1);
      assert.match(errors, /API keys are for back ends only/);
    }
  });
}

test('loaded in a page it refuses, whatever the bundler did', async () => {
  const { code, errors } = await program(`
    Object.assign(globalThis, { window: globalThis, document: {} });
    Object.defineProperty(process, 'versions', { value: {} });
    await import('agglestone');
  `);
  assert.equal(code, 1);
  assert.match(errors, /API keys are for back ends only/);
});

test('a platform without an addon is named', async () => {
  const { code, errors } = await program(`
    Object.defineProperty(process, 'arch', { value: 'pdp11' });
    await import('agglestone');
  `);
  assert.equal(code, 1);
  assert.match(errors, /no native addon for \w+-pdp11/);
});
