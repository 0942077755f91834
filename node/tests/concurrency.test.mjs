// Many calls at once, on an event loop that stays free.
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { test } from 'node:test';

import { liveHandles } from 'agglestone/diagnostics';

import { fault, NOBODY, noFaults, rejection, requests, useService, eventually } from './support/service.mjs';

const newClient = useService();

test('200 promises at once are all answered, and nothing is left behind', async () => {
  const client = newClient();
  const before = liveHandles();
  const calls = Array.from({ length: 200 }, (_, index) => client.getUsers({ pageNumber: (index % 45) + 1, pageSize: 1 }));
  const pages = await Promise.all(calls);
  // Each answer belongs to its question.
  pages.forEach((page, index) => assert.equal(page.pageNumber, (index % 45) + 1));
  assert.equal(liveHandles(), before);
  client.close();
  assert.equal(liveHandles(), before - 1);
});

test('successes, refusals and aborts at once do not get mixed up', async () => {
  const client = newClient();
  const calls = Array.from({ length: 150 }, (_, index) => {
    const pageSize = (index % 100) + 1;
    if (index % 3 === 0) return client.getUsers({ pageSize }).then((page) => page.pageSize === pageSize);
    if (index % 3 === 1) return rejection(client.getUser(NOBODY)).then((error) => error.status === 404);
    const controller = new AbortController();
    const call = client.getUsers({ signal: controller.signal });
    controller.abort(index);
    return rejection(call).then((reason) => reason === index);
  });
  assert.deepEqual(await Promise.all(calls), Array(150).fill(true));
});

test('the event loop is free while a call waits', async () => {
  await fault({ path: '*/Users', times: 0, delayMs: 60_000 });
  const controller = new AbortController();
  const call = rejection(newClient().getUsers({ signal: controller.signal }));
  await eventually(async () => (await requests()).length === 1, 'the request has arrived');
  // While it waits, timers, immediates and other calls go on.
  await new Promise((resolve) => setTimeout(resolve, 1));
  await new Promise(setImmediate);
  assert.equal((await rejection(newClient().getUser(NOBODY))).status, 404);
  controller.abort();
  await call;
  await noFaults();
});

test('a call keeps the asynchronous context of its caller', async () => {
  const storage = new AsyncLocalStorage();
  const client = newClient();
  const seen = await Promise.all(
    [1, 2, 3].map((id) => storage.run(id, async () => (await client.getUsers({ pageSize: 1 }), storage.getStore()))),
  );
  assert.deepEqual(seen, [1, 2, 3]);
});

test('several clients share the process and none the settings', async () => {
  const good = newClient();
  const bad = newClient({ apiKey: 'not-a-key' });
  const [page, error] = await Promise.all([good.getUsers(), rejection(bad.getUsers())]);
  assert.deepEqual([page.pageNumber, error.status], [1, 401]);
});
