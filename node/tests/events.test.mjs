// What happens to the keys is told to listeners: all of it, in order, without keys, and without holding anything up.
import assert from 'node:assert/strict';
import { on, once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

import { InvalidArgumentError } from 'agglestone';
import { liveHandles } from 'agglestone/diagnostics';

import { assertNoKey } from './support/keys.mjs';
import { program } from './support/programs.mjs';
import {
  eventually,
  fingerprint,
  generateKey,
  primaryKey,
  rejection,
  secondaryKey,
  settings,
  useService,
} from './support/service.mjs';

const newClient = useService();
const [primary, secondary] = [primaryKey, secondaryKey].map(fingerprint);

/** A client with both keys, and everything it tells. */
function telling(more) {
  const client = newClient({ secondaryApiKey: secondaryKey, ...more });
  const told = [];
  client.on('event', (event) => told.push(event));
  return { client, told };
}

test('a failover is told with both fingerprints, before the call that met it is over', async () => {
  await generateKey('primary');
  const { client, told } = telling();
  await client.getUsers();
  const message = `API key ${primary} was refused, ${secondary} works and is used from now on`;
  assert.deepEqual(told, [{ name: 'failover', level: 'warning', message, from: primary, to: secondary }]);
  await client.getUsers();
  assert.equal(told.length, 1, 'once');
});

test('plain http to another machine is told when the client is made, and to this one is not', async () => {
  const baseUrl = 'http://emulator.example:8970';
  const { told } = telling({ baseUrl, allowInsecureHttp: true });
  await eventually(() => told.length > 0, 'it is told');
  const [{ name, level, message, url }] = told;
  assert.deepEqual([name, level, url], ['insecureHttp', 'warning', baseUrl]);
  assert.match(message, /unencrypted/);
  assertNoKey([primaryKey, secondaryKey], told);
  const { client, told: nothing } = telling({ allowInsecureHttp: true });
  await client.getUsers();
  assert.deepEqual(nothing, []);
});

test('replaced keys are told, and that there is no secondary as null', async () => {
  const { client, told } = telling();
  client.setApiKeys('key-one', 'key-two');
  client.setApiKeys('key-three');
  client.setApiKeys('key-three');
  assert.deepEqual(told, [], 'not while the program is busy');
  await eventually(() => told.length >= 2, 'it is told');
  const [one, two, three] = ['key-one', 'key-two', 'key-three'].map(fingerprint);
  assert.deepEqual(
    told.map(({ name, level, primary, secondary }) => ({ name, level, primary, secondary })),
    [
      { name: 'keysReplaced', level: 'info', primary: one, secondary: two },
      { name: 'keysReplaced', level: 'info', primary: three, secondary: null },
    ],
  );
});

test('that every key was refused is told once for each call that ends so', async () => {
  await generateKey('primary');
  await generateKey('secondary');
  const { client, told } = telling();
  const errors = [await rejection(client.getUsers()), await rejection(client.getUsers())];
  assert.deepEqual(told.map(({ name, level }) => [name, level]), [['keysRefused', 'error'], ['keysRefused', 'error']]);
  assert.deepEqual(told[0].fingerprints, [primary, secondary]);
  assert.ok([primary, secondary].every((one) => told[0].message.includes(one)));
  assertNoKey([primaryKey, secondaryKey], [...told, ...errors]);
});

test('a failed source is told with its reason', async () => {
  const { client, told } = telling({ keySource: () => { throw new Error('the vault is sealed'); } });
  await generateKey('primary');
  await generateKey('secondary');
  await rejection(client.getUsers());
  assert.deepEqual(told.map(({ name, level }) => [name, level]), [['sourceFailed', 'warning'], ['keysRefused', 'error']]);
  assert.match(told[0].reason, /the vault is sealed/);
  assert.ok(told[0].message.includes(told[0].reason));
});

test('a listener hears what it asked for, once or always, until it is taken off', async () => {
  const { client, told } = telling();
  const heard = [];
  const listener = (event) => heard.push(event);
  assert.equal(client.on('keysReplaced', listener), client);
  assert.equal(client.once('keysReplaced', listener), client);
  client.on('failover', () => assert.fail('there was none'));
  client.setApiKeys('key-one');
  await eventually(() => told.length === 1, 'it is told');
  assert.deepEqual(heard, [told[0], told[0]]);
  client.setApiKeys('key-two');
  await eventually(() => told.length === 2, 'it is told');
  assert.deepEqual(heard.slice(2), [told[1]]);
  assert.equal(client.off('keysReplaced', listener), client);
  client.setApiKeys('key-three');
  await eventually(() => told.length === 3, 'it is told');
  assert.equal(heard.length, 3);
});

test('a client can be waited for as every emitter can', async (t) => {
  const { client } = telling();
  // Events do not keep a process alive, not even for who waits for one.
  const alive = setInterval(() => {}, 1_000);
  t.after(() => clearInterval(alive));
  const waiting = once(client, 'keysReplaced');
  const loop = on(client, 'event');
  client.setApiKeys('key-one');
  const [event] = await waiting;
  assert.equal(event.name, 'keysReplaced');
  assert.deepEqual((await loop.next()).value, [event]);
  await loop.return();
});

test('a name that is no event and a listener that is none are refused', () => {
  const { client } = telling();
  for (const method of ['on', 'once', 'off']) {
    assert.throws(
      () => client[method]('failOver', () => {}),
      (error) => error instanceof InvalidArgumentError && error.argument === 'name' && error.message.includes('failover'),
    );
  }
  assert.throws(() => client.on('failover', 'console.log'), TypeError);
});

test('a client tells its own listeners only, and a closed one nothing', async () => {
  const [one, two] = [telling(), telling()];
  one.client.setApiKeys('key-one');
  one.client.close();
  two.client.setApiKeys('key-two');
  await eventually(() => two.told.length > 0, 'it is told');
  assert.equal(two.told[0].primary, fingerprint('key-two'));
  assert.deepEqual([one.told.length, two.told.length], [0, 1]);
});

test('a listener that throws is an uncaught exception and stops nothing else', async () => {
  const { code, output, errors } = await program(
    `
    import { Client } from 'agglestone';
    process.on('uncaughtException', (error) => console.log('uncaught', error.message));
    const client = new Client();
    client.on('keysReplaced', () => { throw new Error('on purpose'); });
    client.on('event', ({ name }) => console.log('told', name));
    const call = client.getUsers();
    client.setApiKeys(process.env.OTHER_KEY);
    console.log((await call).data.length, (await client.getUsers()).data.length);
    `,
    { env: { OTHER_KEY: secondaryKey } },
  );
  assert.deepEqual([code, errors], [0, '']);
  assert.deepEqual(output.split('\n'), ['uncaught on purpose', 'told keysReplaced', '10 10']);
});

test('listeners and events that nobody took keep no process alive', async () => {
  const ended = await program(`
    import { Client } from 'agglestone';
    const client = new Client();
    client.on('event', () => {});
    await client.getUsers();
    for (let i = 0; i < 100; i++) client.setApiKeys('key-' + i);
  `);
  assert.deepEqual(ended, { code: 0, signal: null, output: '', errors: '' });
});

function start(task) {
  const worker = new Worker(new URL('./support/worker.mjs', import.meta.url), { workerData: { task, settings } });
  const said = new Promise((resolve) => worker.once('message', resolve));
  return { worker, said, ended: new Promise((resolve) => worker.once('exit', resolve)) };
}

test('each worker hears of its own clients', async () => {
  const { client, told } = telling();
  const { said, ended } = start('events');
  assert.deepEqual(await said, ['keysReplaced', fingerprint('key-of-a-worker')]);
  assert.equal(await ended, 0);
  assert.deepEqual(told, []);
  assert.equal((await client.getUsers()).pageNumber, 1);
});

test('a worker may end while its key source is asked', async () => {
  for (let round = 0; round < 5; round++) {
    const { worker, said, ended } = start('source');
    assert.equal(await said, 'asked');
    await worker.terminate();
    assert.equal(await ended, 1);
  }
  await eventually(() => liveHandles() === 0, 'nobody waits for an answer any more');
});

test('a worker may end before its key source could be asked', async () => {
  const { worker, ended } = start('blocked');
  // Two clients, a call, and a thread that waits for keys.
  await eventually(() => liveHandles() === 4, 'the source is wanted');
  await worker.terminate();
  assert.equal(await ended, 1);
  await eventually(() => liveHandles() === 0, 'nobody waits for an answer any more');
});

test('with requestLog each attempt and each call is an event, with members of its own and no id', async () => {
  const { client, told } = telling({ requestLog: true });
  const [user] = (await client.getUsers({ pageSize: 1 })).data;
  told.length = 0;
  await client.getUser(user.userId);
  const [request, call] = told;
  const { duration, message, requestId, ...rest } = request;
  const from = { credential: 'primary', fingerprint: primary };
  assert.deepEqual(rest, { name: 'request', level: 'debug', method: 'GET', route: 'users/{userId}', status: 200, attempt: 1, ...from });
  assert.ok(duration > 0 && duration <= call.duration && message.includes(requestId));
  assert.deepEqual([call.name, call.level, call.attempts, told.length], ['call', 'info', 1, 2]);
  assert.ok(!JSON.stringify(told).includes(user.userId));
});

test('NODE_DEBUG=agglestone switches the log on and prints it', async () => {
  const text = `
    import { Client } from 'agglestone';
    const client = new Client({ tenantId: 't', apiKey: 'planted-key', baseUrl: 'http://127.0.0.1:1', maxRetries: 0 });
    await client.getUsers().catch(() => {});`;
  const { errors } = await program(text, { env: { NODE_DEBUG: 'agglestone' } });
  assert.match(errors, /AGGLESTONE \d+: debug request: GET users: CONNECT after [\d.]+ ms, attempt 1, primary [0-9a-f]{8}\n/);
  assert.match(errors, /AGGLESTONE \d+: info call: GET users: CONNECT/);
  assertNoKey(['planted-key'], [errors]);
  assert.equal((await program(text)).errors, '');
});
