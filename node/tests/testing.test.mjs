// agglestone/testing: the emulator as users have it in their own tests.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, beforeEach, test } from 'node:test';

import { AuthenticationError, Client, ServerError } from 'agglestone';
import { Emulator } from 'agglestone/testing';

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
  await assert.rejects(Emulator.start({ tenantId: 'a/b' }), /invalid tenant/);
  await assert.rejects(Emulator.start({ binary: '/no/such/program' }), /set AGGLESTONE_EMULATOR/);
});

test('require gives the same class', () => {
  assert.equal(createRequire(import.meta.url)('agglestone/testing').Emulator, Emulator);
});
