// Keys in files, as a mounted secret has them, and texts in which no key may be.
import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import util from 'node:util';

/** A folder of key files, gone after the tests of the file. `put` replaces one at once, as mounted secrets are. */
export function keyFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'agglestone-keys-'));
  after(() => rmSync(folder, { recursive: true }));
  const path = (name) => join(folder, name);
  return {
    path,
    put(name, text) {
      writeFileSync(path('.new'), text);
      renameSync(path('.new'), path(name));
    },
    remove: (name) => rmSync(path(name)),
  };
}

const curious = { showHidden: true, depth: Infinity, getters: true };

/** Everything that printing a value in one of the usual ways shows. */
export function printed(value) {
  const stack = value instanceof Error ? value.stack : '';
  return [String(value), util.inspect(value), util.inspect(value, curious), JSON.stringify(value), stack].join('\n');
}

/** That none of the keys is in any of the values. */
export function assertNoKey(keys, values) {
  for (const value of values) {
    const text = printed(value);
    for (const key of keys) {
      assert.ok(!text.includes(key), `a key is shown by ${text.replaceAll(key, '<the key>')}`);
    }
  }
}
