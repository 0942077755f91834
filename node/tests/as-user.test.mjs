// Calls as a user: with the user's token and rights, and without the key.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Client, ClosedError, InvalidArgumentError, NotFoundError, PermissionDeniedError, UserClient } from 'agglestone';

import { assertNoKey } from './support/keys.mjs';
import { program } from './support/programs.mjs';
import {
  ADMIN,
  exchanges,
  fault,
  NOBODY,
  PLAIN_USER,
  primaryKey,
  rejection,
  requests,
  TOTAL_USERS,
  useService,
} from './support/service.mjs';

const USERS = 'api/v2.0/Users';
const newClient = useService();

/** The requests that were no exchange, by what they proved who they are with. */
const credentials = async () =>
  (await requests()).filter(({ path }) => !path.endsWith('/token-exchange')).map(({ credential }) => credential);

test('an administrator may list, get and change, with one exchange and no key on any call', async () => {
  const admin = newClient().asUser(ADMIN);
  assert.ok(admin instanceof UserClient && !(admin instanceof Client));
  assert.equal(admin.userId, ADMIN);
  assert.equal((await admin.getUsers({ pageNumber: 2, pageSize: 20 })).data.length, 20);
  assert.equal((await admin.getUser(PLAIN_USER)).userId, PLAIN_USER);
  const ids = new Set();
  for await (const { userId } of admin.iterUsers({ pageSize: 20 })) ids.add(userId);
  assert.equal(ids.size, TOTAL_USERS);

  const created = await admin.post(USERS, { json: { email: 'new@example.com' } });
  assert.deepEqual([created.status, created.attempts], [201, 1]);
  const path = `${USERS}/${created.json().userId}`;
  assert.equal((await admin.patch(path, { json: { displayName: 'Neu' } })).json().displayName, 'Neu');
  assert.equal((await admin.put(path, { json: { email: 'other@example.com' } })).json().email, 'other@example.com');
  assert.equal((await admin.get(path)).json().email, 'other@example.com');
  assert.equal((await admin.request('DELETE', path)).status, 204);
  assert.ok((await rejection(admin.get(path))) instanceof NotFoundError);
  assert.equal((await admin.delete(`${USERS}/${PLAIN_USER}`)).status, 204);

  assert.ok((await credentials()).every((credential) => credential === 'bearer'));
  assert.equal((await exchanges()).length, 1);
});

test('a plain user sees itself and is refused everything else', async () => {
  const user = newClient().asUser(PLAIN_USER);
  assert.equal((await user.getUser(PLAIN_USER)).userId, PLAIN_USER);
  const refusals = [
    user.getUsers(),
    user.getUser(ADMIN),
    user.iterUsers().next(),
    user.post(USERS, { json: { email: 'new@example.com' } }),
  ];
  for (const error of await Promise.all(refusals.map(rejection))) {
    assert.ok(error instanceof PermissionDeniedError, String(error));
    assert.equal(error.status, 403);
  }
  assert.equal((await exchanges()).length, 1);
});

test('the client goes on with its key, and users do not get mixed up', async () => {
  const client = newClient();
  const [admin, user] = [client.asUser(ADMIN), client.asUser(PLAIN_USER)];
  const calls = Array.from({ length: 60 }, (_, number) => {
    if (number % 3 === 0) return client.getUsers().then((page) => page.data.length === 10);
    if (number % 3 === 1) return admin.getUsers().then((page) => page.data.length === 10);
    return rejection(user.getUsers()).then((error) => error.status === 403);
  });
  assert.deepEqual(await Promise.all(calls), Array(60).fill(true));
  assert.equal((await exchanges()).length, 2);
});

test('a token that is refused is dropped, and the call made once more with a new one', async () => {
  const client = newClient();
  const old = await client.exchangeApiKeyForToken(ADMIN);
  await fault({ path: '*/Users', times: 1, status: 401 });
  assert.equal((await client.asUser(ADMIN).getUsers()).data.length, 10);
  assert.notEqual(await client.exchangeApiKeyForToken(ADMIN), old);
  assert.deepEqual([(await exchanges()).length, (await credentials()).length], [2, 2]);
});

test('an id that can not be one is refused at once, one of nobody at the first call', async () => {
  const client = newClient();
  for (const id of ['', '.', 'a\u0000b', 'half \ud800', 7, null, undefined]) {
    assert.throws(() => client.asUser(id), (error) => error instanceof InvalidArgumentError && error.argument === 'userId');
  }
  assert.deepEqual(await requests(), []);
  assert.ok((await rejection(client.asUser(NOBODY).getUsers())) instanceof NotFoundError);
});

test('arguments are checked as those of the client, and signals heard', async () => {
  const user = newClient().asUser(ADMIN);
  assert.equal((await rejection(user.getUser(''))).argument, 'userId');
  assert.equal((await rejection(user.getUsers({ pageSize: 0 }))).argument, 'pageSize');
  assert.equal((await rejection(user.get('a?b'))).argument, 'path');
  assert.equal((await rejection(user.get('a', { headers: { authorization: 'x' } }))).argument, 'headers');
  assert.equal(await rejection(user.getUsers({ signal: AbortSignal.abort('enough') })), 'enough');
  assert.deepEqual(await requests(), []);
});

test('it is closed with its client', async () => {
  const client = newClient();
  const user = client.asUser(ADMIN);
  await user.getUsers();
  client.close();
  assert.ok((await rejection(user.getUsers())) instanceof ClosedError);
});

test('printing it shows whose it is, and neither token nor key', async () => {
  const client = newClient();
  const user = client.asUser(ADMIN);
  const token = await client.exchangeApiKeyForToken(ADMIN);
  await user.getUsers();
  assertNoKey([token, primaryKey], [user, client, [user, client]]);
  assert.equal(JSON.stringify(user), JSON.stringify({ userId: ADMIN }));
});

test('it keeps its client from being collected', async () => {
  const { code, output, errors } = await program(
    `
    import { Client } from 'agglestone';
    const user = (() => new Client().asUser('${ADMIN}'))();
    for (let i = 0; i < 10; i++) { gc(); await new Promise((resolve) => setTimeout(resolve, 1)); }
    console.log((await user.getUsers()).data.length);
    `,
    { flags: ['--expose-gc'] },
  );
  assert.deepEqual([code, output, errors], [0, '10', '']);
});
