// The package refuses to be where a key would be public, and says what is wrong where it can't run.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { build } from './support/development.mjs';
import { program } from './support/programs.mjs';

const here = dirname(fileURLToPath(import.meta.url));

const loads = [
  "import 'agglestone'",
  "import { createRequire } from 'node:module'; createRequire(process.cwd() + '/x')('agglestone')",
];

const hidden = "delete globalThis.process;";

for (const condition of ['browser', 'worker', 'workerd', 'edge-light', 'react-native']) {
  test(`a bundle for ${condition} gets a module that refuses`, async () => {
    for (const code of loads) {
      const { code: exit, errors } = await program(code, { flags: [`--conditions=${condition}`] });
      assert.equal(exit, 1);
      assert.match(errors, /API keys are for back ends only/);
    }
  });
}

test('a bundle for browsers says nothing of Node there', async () => {
  const { code, errors } = await program(`${hidden} await import('agglestone')`, { flags: ['--conditions=browser'] });
  assert.equal(code, 1);
  assert.match(errors, /Call the service from your server/);
});

test('a test in jsdom is told how to run in Node', async () => {
  const { code, errors } = await program("import 'agglestone'", { flags: ['--conditions=browser'] });
  assert.equal(code, 1);
  for (const way of ['jsdom', '@jest-environment node', '@vitest-environment node', 'customExportConditions']) {
    assert.ok(errors.includes(way), errors);
  }
});

for (const format of ['cjs', 'esm']) {
  test(`a bundle in ${format} says that the package is to be marked as external, and works when it is`, async () => {
    const folder = mkdtempSync(join(here, '.bundle-'));
    const bundle = async (external) => {
      const outfile = join(folder, `${external.length}.${format === 'cjs' ? 'cjs' : 'mjs'}`);
      const contents = "import { Client } from 'agglestone'; new Client().close(); console.log('works');";
      const stdin = { contents, resolveDir: here };
      await build({ stdin, bundle: true, platform: 'node', format, outfile, external, logLevel: 'silent' });
      return program(`await import(${JSON.stringify(outfile)})`);
    };
    try {
      const { code, errors } = await bundle([]);
      assert.equal(code, 1);
      for (const word of ['external', 'esbuild', 'webpack', 'serverExternalPackages']) {
        assert.ok(errors.includes(word), errors);
      }
      assert.equal((await bundle(['agglestone'])).output, 'works');
    } finally {
      rmSync(folder, { recursive: true });
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
