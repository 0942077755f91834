// An AbortSignal gives a call up, for good and without traces.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';

import { liveHandles } from 'agglestone/diagnostics';

import { eventually, fault, noFaults, NOBODY, rejection, requests, useService } from './support/service.mjs';

const newClient = useService();
const arrived = (count) => eventually(async () => (await requests()).length >= count, `${count} requests have arrived`);

test('an aborted signal sends nothing and rejects with its reason', async () => {
  const client = newClient();
  const signal = AbortSignal.abort();
  const calls = [
    client.getUsers({ signal }),
    client.getUser(NOBODY, { signal }),
    client.exchangeApiKeyForToken(NOBODY, { signal }),
    client.getToken(NOBODY, { signal }),
    client.iterUsers({ signal }).next(),
    client.request('GET', 'api/v2.0/Users', { signal }),
  ];
  for (const call of calls) {
    const error = await rejection(call);
    assert.ok(error instanceof DOMException && error.name === 'AbortError');
    assert.equal(error, signal.reason);
  }
  assert.deepEqual(await requests(), []);
});

test("an abort during a call rejects with the signal's own reason and frees the call", async () => {
  await fault({ path: '*/Users', times: 0, delayMs: 60_000 });
  const client = newClient();
  const controller = new AbortController();
  const idle = liveHandles();
  const call = client.getUsers({ signal: controller.signal });
  await arrived(1);
  assert.equal(liveHandles(), idle + 1);
  const reason = { whatever: 'the caller likes' };
  controller.abort(reason);
  assert.equal(await rejection(call), reason);
  await eventually(() => liveHandles() === idle, 'the cancelled call is gone');
  await noFaults();
  assert.equal((await client.getUsers()).pageNumber, 1, 'the client goes on');
});

test('an abort rejects at once, before the call has ended', async () => {
  await fault({ path: '*/Users', times: 0, delayMs: 60_000 });
  const controller = new AbortController();
  const call = newClient().getUsers({ signal: controller.signal });
  controller.abort();
  let rejected = false;
  call.catch(() => (rejected = true));
  // Microtasks only: no answer from another thread can come in between.
  for (let turn = 0; turn < 20; turn++) await null;
  assert.ok(rejected);
});

test('a signal has one listener of ours while calls wait, however many, and none afterwards', async () => {
  const warnings = [];
  process.on('warning', (warning) => warnings.push(warning));
  const client = newClient();
  const { signal } = new AbortController();
  const calls = Array.from({ length: 50 }, () => client.getUsers({ signal }));
  calls.push(rejection(client.getUser(NOBODY, { signal })));
  assert.equal(getEventListeners(signal, 'abort').length, 1);
  await Promise.all(calls);
  assert.equal(getEventListeners(signal, 'abort').length, 0);
  await new Promise(setImmediate);
  assert.deepEqual(warnings, []);
});

test('an abort after the answer changes nothing', async () => {
  const controller = new AbortController();
  const client = newClient();
  const page = await client.getUsers({ signal: controller.signal });
  controller.abort();
  assert.equal(page.pageNumber, 1);
  assert.equal((await client.getUsers()).pageNumber, 1);
});

test('one signal ends all of its calls and no other', async () => {
  await fault({ path: '*/Users', times: 0, delayMs: 60_000 });
  const client = newClient();
  const controller = new AbortController();
  const calls = Array.from({ length: 20 }, () => client.getUsers({ signal: controller.signal }));
  const other = client.getUser(NOBODY);
  controller.abort();
  for (const call of calls) {
    assert.equal(await rejection(call), controller.signal.reason);
  }
  assert.equal((await rejection(other)).code, 'AGG_NOT_FOUND');
});

test('AbortSignal.timeout rejects with its TimeoutError', async () => {
  await fault({ path: '*/Users', times: 0, delayMs: 60_000 });
  const error = await rejection(newClient().getUsers({ signal: AbortSignal.timeout(20) }));
  assert.equal(error.name, 'TimeoutError');
});

test('an iterator stops where its signal was aborted', async () => {
  const controller = new AbortController();
  const seen = [];
  const loop = (async () => {
    for await (const user of newClient().iterUsers({ pageSize: 10, signal: controller.signal })) {
      seen.push(user);
      if (seen.length === 10) controller.abort();
    }
  })();
  assert.equal(await rejection(loop), controller.signal.reason);
  assert.deepEqual([seen.length, (await requests()).length], [10, 1]);
});
