// What a host runs out of, and what no request can hold: an error of ours, never the end of the process.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { InvalidArgumentError } from 'agglestone';

import { environment, rejection, requests, useService } from './support/service.mjs';

const newClient = useService();

test('more headers than a request can hold are refused', async () => {
  const client = newClient();
  for (const count of [10_001, 33_000]) {
    const headers = Array.from({ length: count }, (_, number) => [`x-${number}`, 'v']);
    const error = await rejection(client.get('a', { headers }));
    assert.ok(error instanceof InvalidArgumentError, String(error));
    assert.equal(error.argument, 'headers');
  }
  assert.deepEqual(await requests(), []);
});

const skip = process.platform === 'linux' ? false : 'limits memory the Linux way';

test('without room for a thread a call fails, and works afterwards', { skip }, async () => {
  const child = spawn(process.execPath, ['starved.mjs'], {
    cwd: fileURLToPath(new URL('support', import.meta.url)),
    env: environment,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal })));
  const limit = (bytes) => {
    const { status, stderr } = spawnSync('prlimit', [`--pid=${child.pid}`, `--as=${bytes}:`], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  };
  const said = [];
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line);
    if (line === 'ready') {
      // No room for another thread's stack.
      const pages = Number(readFileSync(`/proc/${child.pid}/statm`, 'utf8').split(' ')[0]);
      limit(pages * 4096 + 2 ** 20);
      child.stdin.write('starved\n');
    } else if (line.startsWith('failed')) {
      limit('unlimited');
      child.stdin.write('fed\n');
    }
  }
  assert.deepEqual(await ended, { code: 0, signal: null });
  assert.deepEqual(said, ['ready', 'failed true true', '45']);
});
