// Clients and calls live exactly as long as they should, also when the process or a worker ends under them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

import { ClosedError } from 'agglestone';
import { liveHandles } from 'agglestone/diagnostics';

import { program } from './support/programs.mjs';
import { eventually, fault, NOBODY, rejection, requests, settings, useService } from './support/service.mjs';

const newClient = useService();
const neverAnswered = () => fault({ path: '*/Users', times: 0, delayMs: 60_000 });
const arrived = (count) => eventually(async () => (await requests()).length >= count, `${count} requests have arrived`);

test('an idle client that nobody closed lets the process end', async () => {
  const { code, signal, output, errors } = await program(`
    import { Client } from 'agglestone';
    const client = new Client();
    console.log((await client.getUsers()).data.length);
  `);
  assert.deepEqual({ code, signal, output, errors }, { code: 0, signal: null, output: '10', errors: '' });
});

test('a call under way keeps the process alive until it is answered', async () => {
  await fault({ path: '*/Users', delayMs: 300 });
  const { code, output } = await program(`
    import { Client } from 'agglestone';
    new Client().getUsers().then((page) => console.log('answered', page.data.length));
  `);
  assert.deepEqual([code, output], [0, 'answered 10']);
});

test('an aborted call does not keep the process alive', async () => {
  await neverAnswered();
  const { code, signal, output } = await program(`
    import { Client } from 'agglestone';
    const controller = new AbortController();
    const call = new Client().getUsers({ signal: controller.signal });
    controller.abort();
    await call.catch((error) => console.log(error.name));
  `);
  assert.deepEqual([code, signal, output], [0, null, 'AbortError']);
});

for (const [how, end, expected] of [
  ['process.exit', 'process.exit(3)', 3],
  ['an uncaught exception', "setImmediate(() => { throw new Error('on purpose') })", 1],
]) {
  test(`${how} with calls under way ends the process and crashes nothing`, async () => {
    await neverAnswered();
    const running = program(`
      import { Client } from 'agglestone';
      const client = new Client();
      for (let i = 0; i < 50; i++) client.getUsers().catch(() => {});
      client.getUser('${NOBODY}').catch(() => { ${end} });
    `);
    const { code, signal } = await running;
    assert.deepEqual([code, signal], [expected, null]);
  });
}

test('close ends calls under way and leaves nothing behind', async () => {
  await neverAnswered();
  const before = liveHandles();
  const client = newClient();
  const calls = Array.from({ length: 20 }, () => rejection(client.getUsers()));
  await arrived(20);
  assert.equal(liveHandles(), before + 21);
  client.close();
  for (const error of await Promise.all(calls)) {
    assert.ok(error instanceof ClosedError);
  }
  await eventually(() => liveHandles() === before, 'the closed client and its calls are gone');
});

test('a client is closed at the end of its block where the language has such blocks', async () => {
  const client = newClient();
  client[Symbol.dispose ?? 'close']();
  assert.ok((await rejection(client.getUsers())) instanceof ClosedError);
  const other = newClient();
  await other[Symbol.asyncDispose ?? 'close']();
  assert.ok((await rejection(other.getUsers())) instanceof ClosedError);
});

test('a client that is no longer used is freed, and one that is waited for is not', async () => {
  await fault({ path: '*/Users', delayMs: 300 });
  const { code, output, errors } = await program(
    `
    import { Client } from 'agglestone';
    import { liveHandles } from 'agglestone/diagnostics';
    const turn = () => new Promise((resolve) => setTimeout(resolve, 10));
    const call = (() => new Client().getUsers())();
    for (let i = 0; i < 10; i++) { gc(); await turn(); }
    console.log((await call).data.length);
    for (let i = 0; liveHandles() > 0 && i < 1000; i++) { gc(); await turn(); }
    console.log(liveHandles());
    `,
    { flags: ['--expose-gc'] },
  );
  assert.deepEqual([code, output, errors], [0, '10\n0', '']);
});

function start(task) {
  const worker = new Worker(new URL('./support/worker.mjs', import.meta.url), { workerData: { task, settings } });
  const said = new Promise((resolve) => worker.once('message', resolve));
  const ended = new Promise((resolve, reject) => worker.once('error', reject).once('exit', resolve));
  return { worker, said, ended };
}

test('each worker has its own answers, and an idle client lets it end', async () => {
  const before = liveHandles();
  const workers = [start('answer'), start('answer'), start('answer')];
  const pages = await Promise.all(Array.from({ length: 20 }, () => newClient().getUsers()));
  assert.equal(pages.length, 20);
  for (const { said, ended } of workers) {
    assert.deepEqual([await said, await ended], [20, 0]);
  }
  await eventually(() => liveHandles() === before + 20, "the workers' clients are gone");
});

test('terminating a worker with calls under way crashes nothing and frees them', async () => {
  await neverAnswered();
  const before = liveHandles();
  for (let round = 1; round <= 10; round++) {
    const earlier = (await requests()).length;
    const { worker, said, ended } = start('wait');
    await said;
    // Half of the rounds end while the requests are being sent, half while they are waited for.
    if (round % 2 === 0) await arrived(earlier + 20);
    await worker.terminate();
    assert.equal(await ended, 1);
  }
  await eventually(() => liveHandles() === before, "the workers' clients and calls are gone");
  assert.equal((await rejection(newClient().getUser(NOBODY))).status, 404, 'the process goes on');
});

test('a worker that exits with calls under way crashes nothing and frees them', async () => {
  await neverAnswered();
  const before = liveHandles();
  assert.equal(await start('exit').ended, 7);
  await eventually(() => liveHandles() === before, "the worker's client and calls are gone");
});
