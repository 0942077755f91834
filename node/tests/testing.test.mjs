// agglestone/testing: the emulator as users have it in their own tests.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';

import { AuthenticationError, Client, InvalidResponseError, ServerError } from 'agglestone';
import { Emulator, EmulatorError } from 'agglestone/testing';

let emulator;

before(async () => {
  emulator = await Emulator.start({ tokenLifetime: 60 });
});
beforeEach(() => emulator.reset());
after(() => emulator.close());

async function withClient(options, work) {
  const client = new Client(options);
  try {
    await work(client);
  } finally {
    client.close();
  }
}

test('a client is served and its requests are recorded', async () => {
  await withClient(emulator.clientOptions(), async (client) => {
    assert.equal((await client.getUsers()).totalRecords, 45);
    const [request, ...more] = await emulator.requests();
    assert.deepEqual([request.method, request.status, request.keySlot, more], ['GET', 200, 'primary', []]);
    const [{ callers }] = await emulator.keyReport();
    assert.equal(callers[0].requests, 1);
  });
});

test('faults, keys and snapshots', async () => {
  await withClient({ ...emulator.clientOptions(), maxRetries: 0 }, async (client) => {
    await emulator.addFault({ path: '*/Users*', status: 503, body: { message: 'planned' } });
    await assert.rejects(client.getUsers(), (error) => error instanceof ServerError && /planned/.test(error.message));
    await emulator.addFault({ body: Uint8Array.of(0xff), headers: { 'content-type': 'text/plain' } });
    await assert.rejects(client.getUsers(), InvalidResponseError);
    await emulator.addFault({ raw: Uint8Array.of(0xff, 0xfe) });
    await assert.rejects(client.getUsers(), InvalidResponseError);
    await emulator.addFault({ times: 0, status: 500 });
    await emulator.clearFaults();
    const before = await emulator.snapshot();
    await emulator.setKey('primary', 'another-key');
    assert.notEqual(await emulator.generateKey('secondary'), emulator.secondaryApiKey);
    await assert.rejects(client.getUsers(), AuthenticationError);
    await emulator.restore(before);
    assert.deepEqual(await emulator.snapshot(), before);
    await client.getUsers();
    await assert.rejects(emulator.addFault({}), /no effect/);
    await assert.rejects(emulator.removeUser('a/b'), /No such user/);
  });
});

test('time passes at once, and tokens are revoked', async () => {
  await withClient(emulator.clientOptions(), async (client) => {
    const { data: [{ userId }] } = await client.getUsers();
    const token = await client.exchangeApiKeyForToken(userId);
    await emulator.revokeTokens(userId);
    await client.asUser(userId).getUsers();
    assert.notEqual(await client.exchangeApiKeyForToken(userId), token);
    await emulator.advanceClock(3600);
    await client.getUsers();
    const requests = await emulator.requests();
    assert.ok(requests.at(-1).time > requests[0].time);
  });
});

test('users and keys are those given, over https too', async () => {
  const users = [{ userId: 'only', email: 'only@example.com' }];
  const own = await Emulator.start({ tenantId: 'mine', users, primaryApiKey: 'first-key', tls: true });
  try {
    assert.ok(own.url.startsWith('https://'));
    const { AGGLESTONE_TENANT_ID, AGGLESTONE_API_KEY, AGGLESTONE_CA_FILE } = own.environment();
    assert.deepEqual([AGGLESTONE_TENANT_ID, AGGLESTONE_API_KEY, AGGLESTONE_CA_FILE], ['mine', 'first-key', own.caFile]);
    await withClient(own.clientOptions(), async (client) => {
      assert.deepEqual((await client.getUsers()).data, users);
      await own.putUsers([{ userId: 'more' }]);
      await own.removeUser('only');
      assert.deepEqual((await client.getUsers()).data, [{ userId: 'more' }]);
    });
  } finally {
    await own.close();
    await own.close();
  }
});

test('why it cannot start is said', async () => {
  await assert.rejects(Emulator.start({ tenantId: 'a/b' }), (error) => error instanceof EmulatorError && /invalid tenant/.test(error.message));
  await assert.rejects(Emulator.start({ binary: '/no/such/program' }), /set AGGLESTONE_EMULATOR/);
});

// Starts an emulator that nobody closes, and says where it is.
const forgetful = `import { Emulator } from 'agglestone/testing'; console.log((await Emulator.start()).url);`;

for (const [name, stays] of [['is killed', 'setInterval(() => {}, 1000);'], ['ends by itself, which it can', '']]) {
  test(`it ends with a parent that ${name}`, async () => {
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', forgetful + stays], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(parent, 'exit');
    let url = '';
    for await (const part of parent.stdout.setEncoding('utf8')) {
      url += part;
      if (stays && url.endsWith('\n')) parent.kill('SIGKILL');
    }
    await exited;
    for (const end = Date.now() + 20_000; ; await setTimeout(10)) {
      const answered = await fetch(`${url.trim()}/health`).catch((error) => error.cause?.code);
      if (answered === 'ECONNREFUSED') break;
      assert.ok(Date.now() < end, 'the emulator goes on');
    }
  });
}

test('it has the same members as in Python and C#', () => {
  const vocabulary = JSON.parse(readFileSync(process.env.AGG_TEST_VOCABULARY, 'utf8'));
  const camel = (name) => name.replace(/_./g, (part) => part[1].toUpperCase());
  // The unit of a time is part of its name here.
  const plain = (name) => name.replace(/Ms$/, '');
  const types = readFileSync(createRequire(import.meta.url).resolve('agglestone/testing').replace(/\.js$/, '.d.ts'), 'utf8');
  const body = (kind, name) => types.match(new RegExp(`export (?:declare )?${kind} ${name} \\{\n(.*?)\n\\}`, 's'))[1];
  const members = (name) => [...body('interface', name).matchAll(/^ {4}(\w+)\??:/gm)].map(([, member]) => plain(member));
  const same = (list, own) => assert.deepEqual([...own].sort(), vocabulary[list].map(camel).sort(), list);
  const prototype = Object.getOwnPropertyDescriptors(Emulator.prototype);
  const own = Object.keys(prototype).filter((name) => name !== 'constructor');
  const fields = [...body('class', 'Emulator').matchAll(/^ {4}readonly (\w+)/gm)].map(([, name]) => name);
  same('methods', own.filter((name) => prototype[name].value));
  same('properties', [...fields, ...own.filter((name) => prototype[name].get)]);
  same('options', members('EmulatorOptions'));
  same('fault', members('Fault'));
  same('recorded_request', members('RecordedRequest'));
  same('key_report', members('KeyReport'));
  same('key_caller', members('KeyCaller'));
});

test('require gives the same class', () => {
  assert.equal(createRequire(import.meta.url)('agglestone/testing').Emulator, Emulator);
});
