// Both keys in one client: failover inside a call, replacement at run time, usage, and a check.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { AuthenticationError, ClosedError, InvalidArgumentError } from 'agglestone';

import { assertNoKey } from './support/keys.mjs';
import {
  ADMIN,
  EXCHANGE,
  fault,
  fingerprint,
  generateKey,
  primaryKey,
  rejection,
  requests,
  secondaryKey,
  useService,
} from './support/service.mjs';

const newClient = useService();
const withBoth = (more) => newClient({ secondaryApiKey: secondaryKey, ...more });
const statuses = async () => (await requests()).map(({ status, fingerprint }) => [status, fingerprint]);

test('with only a primary a refusal ends the call after one request, and names its fingerprint', async () => {
  const error = await rejection(newClient({ apiKey: 'planted-wrong-key' }).getUsers());
  assert.ok(error instanceof AuthenticationError);
  assert.deepEqual([error.code, error.attempts], ['AGG_UNAUTHORIZED', 1]);
  assert.ok(error.message.includes(fingerprint('planted-wrong-key')), error.message);
  assert.deepEqual(await statuses(), [[401, fingerprint('planted-wrong-key')]]);
  assertNoKey(['planted-wrong-key'], [error]);
});

for (const [method, call] of [
  ['GET', (client) => client.get('api/v2.0/Users')],
  ['POST', (client) => client.post(EXCHANGE, { json: { userId: ADMIN } })],
]) {
  test(`a refused primary is followed by the secondary within one ${method}, which is used from then on`, async () => {
    await generateKey('primary');
    const client = withBoth();
    const replies = [await call(client), await call(client)];
    assert.deepEqual(replies.map(({ attempts }) => attempts), [2, 1]);
    const [dead, alive] = [fingerprint(primaryKey), fingerprint(secondaryKey)];
    assert.deepEqual(await statuses(), [[401, dead], [200, alive], [200, alive]]);
  });
}

test('with both keys refused each was tried once, and the error names both fingerprints', async () => {
  await generateKey('primary');
  await generateKey('secondary');
  const error = await rejection(withBoth().getUsers());
  assert.deepEqual([error.code, error.attempts], ['AGG_UNAUTHORIZED', 2]);
  for (const key of [primaryKey, secondaryKey]) {
    assert.ok(error.message.includes(fingerprint(key)), error.message);
  }
  assertNoKey([primaryKey, secondaryKey], [error]);
});

test('what a key may not do is no reason to try the other one', async () => {
  await fault({ path: '*/Users', times: 0, status: 403 });
  assert.equal((await rejection(withBoth().getUsers())).attempts, 1);
});

test('keys set at run time are used by the next call, and without a secondary there is none', async () => {
  const client = newClient({ apiKey: 'wrong' });
  assert.ok((await rejection(client.getUsers())) instanceof AuthenticationError);
  client.setApiKeys(primaryKey, secondaryKey);
  assert.equal((await client.getUsers()).pageNumber, 1);
  client.setApiKeys('wrong-again', null);
  assert.equal((await rejection(client.getUsers())).attempts, 1);
  assert.equal(client.keyUsage().secondary, null);
});

test('keys that can not be are refused by name and without showing them, and those in use stay', async () => {
  const client = withBoth();
  const refusals = [
    ['primary', [7]],
    ['primary', []],
    ['primary', ['']],
    ['primary', ['planted\nkey']],
    ['primary', ['planted\ud800']],
    ['secondary', [primaryKey, 'planted key']],
    ['secondary', [primaryKey, ['planted']]],
    ['secondary', [primaryKey, primaryKey]],
  ];
  for (const [argument, keys] of refusals) {
    assert.throws(
      () => client.setApiKeys(...keys),
      (error) => {
        assertNoKey(['planted', primaryKey], [error]);
        return error instanceof InvalidArgumentError && error.argument === argument;
      },
    );
  }
  assert.equal((await client.getUsers()).pageNumber, 1);
  assert.equal(client.keyUsage().replacements, 0);
});

test('a pair is replaced as one while calls are under way', async () => {
  const client = withBoth();
  const pairs = [[primaryKey, 'wrong-one'], [secondaryKey, 'wrong-two']];
  const known = pairs.map((pair) => pair.map(fingerprint).join());
  known.push([primaryKey, secondaryKey].map(fingerprint).join());
  const calls = [];
  for (let round = 0; round < 100; round++) {
    calls.push(client.getUsers({ pageSize: 1 }));
    client.setApiKeys(...pairs[round % 2]);
    const { primary, secondary } = client.keyUsage();
    assert.equal([primary.fingerprint, secondary.fingerprint].join(), known[round % 2]);
    if (round % 10 === 0) await new Promise(setImmediate);
  }
  assert.equal((await Promise.all(calls)).length, 100);
  // Every request went out with the key that is right in its pair: none with a half of one and a half of the other.
  assert.ok((await statuses()).every(([status]) => status === 200));
});

test('the usage tells who used what, and times are dates', async () => {
  await generateKey('primary');
  const client = withBoth();
  const before = client.keyUsage();
  const unused = { requests: 0, refusals: 0, firstUsed: null, lastUsed: null };
  assert.deepEqual(before, {
    primary: { fingerprint: fingerprint(primaryKey), active: true, ...unused },
    secondary: { fingerprint: fingerprint(secondaryKey), active: false, ...unused },
    failovers: 0,
    replacements: 0,
  });
  await client.getUsers();
  await client.getUsers();
  const usage = client.keyUsage();
  const { primary, secondary } = usage;
  assert.deepEqual([primary.active, primary.requests, primary.refusals], [false, 1, 1]);
  assert.deepEqual([secondary.active, secondary.requests, secondary.refusals], [true, 2, 0]);
  assert.ok(secondary.firstUsed instanceof Date && secondary.firstUsed <= secondary.lastUsed);
  assert.deepEqual([usage.failovers, usage.replacements], [1, 0]);
  client.setApiKeys('another-key', secondaryKey);
  assert.deepEqual(client.keyUsage().primary, { fingerprint: fingerprint('another-key'), active: true, ...unused });
  assert.deepEqual([client.keyUsage().secondary, client.keyUsage().replacements], [{ ...secondary, active: false }, 1]);
  assertNoKey([primaryKey, secondaryKey, 'another-key'], [before, usage]);
});

test('a check asks with each key once, says what the service said, and switches nothing', async () => {
  const client = withBoth();
  await generateKey('secondary');
  const report = await client.checkApiKeys();
  assert.deepEqual(report, {
    primary: { fingerprint: fingerprint(primaryKey), accepted: true, status: 200 },
    secondary: { fingerprint: fingerprint(secondaryKey), accepted: false, status: 401 },
  });
  assert.equal((await requests()).length, 2);
  assert.ok(client.keyUsage().primary.active);
  assert.equal((await newClient().checkApiKeys()).secondary, null);
  const signal = AbortSignal.abort();
  assert.equal(await rejection(client.checkApiKeys({ signal })), signal.reason);
  assert.equal((await rejection(client.checkApiKeys({ fast: true }))).argument, 'fast');
});

test('a closed client has no keys', async () => {
  const client = withBoth();
  client.close();
  assert.throws(() => client.setApiKeys(primaryKey), ClosedError);
  assert.throws(() => client.keyUsage(), ClosedError);
  assert.ok((await rejection(client.checkApiKeys())) instanceof ClosedError);
});
