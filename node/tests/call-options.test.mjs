// Times and retries: those of the client, and those of a single call in their place.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DeadlineExceededError, InvalidArgumentError, ServerError } from 'agglestone';

import { ADMIN, fault, rejection, requests, useService } from './support/service.mjs';

const newClient = useService();
const count = async () => (await requests()).length;

/** Every way to send something, with the same options. */
const calls = {
  getUsers: (client, options) => client.getUsers(options),
  getUser: (client, options) => client.getUser(ADMIN, options),
  iterUsers: (client, options) => client.iterUsers(options).next(),
  get: (client, options) => client.get('api/v2.0/Users', options),
  exchangeApiKeyForToken: (client, options) => client.exchangeApiKeyForToken(ADMIN, options),
  getToken: (client, options) => client.getToken(ADMIN, options),
  checkApiKeys: (client, options) => client.checkApiKeys(options),
};

test('what failed is tried again as often as the client says', async () => {
  await fault({ path: '*/Users', times: 0, status: 500 });
  assert.equal((await rejection(newClient({ maxRetries: 1 }).getUsers())).attempts, 2);
  assert.equal((await rejection(newClient({ maxRetries: 0 }).getUsers())).attempts, 1);
  assert.equal(await count(), 3);
});

for (const name of ['getUsers', 'getUser', 'iterUsers', 'get', 'checkApiKeys']) {
  test(`${name} has the retries of its own call`, async () => {
    await fault({ path: '*/Users*', times: 0, status: 500 });
    const error = await rejection(calls[name](newClient({ maxRetries: 2 }), { maxRetries: 0 }));
    assert.ok(error instanceof ServerError, String(error));
    assert.deepEqual([error.attempts, await count()], [1, 1]);
  });
}

for (const [name, call] of Object.entries(calls)) {
  test(`${name} has the deadline of its own call, and the client goes on with its own`, async () => {
    await fault({ path: '*', times: 1, delayMs: 60_000 });
    const client = newClient();
    const error = await rejection(call(client, { deadline: 100 }));
    assert.ok(error instanceof DeadlineExceededError, String(error));
    assert.equal((await client.getUsers()).pageNumber, 1);
  });

  test(`${name} refuses times and retries that make no sense, in milliseconds, and sends nothing`, async () => {
    for (const [options, argument, expected] of [
      [{ connectTimeout: 0 }, 'connectTimeout', /`connectTimeout` is 0 ms; more than 0/],
      [{ connectTimeout: null }, 'connectTimeout', /`connectTimeout` must be a number, not null/],
      [{ timeout: -1 }, 'timeout', /`timeout` is -1 ms; more than 0 and at most 86400000 ms/],
      [{ deadline: 0 }, 'deadline', /`deadline` is 0 ms/],
      [{ deadline: NaN }, 'deadline', /`deadline` is NaN ms/],
      [{ timeout: '100' }, 'timeout', /`timeout` must be a number, not a string/],
      [{ maxRetries: 1.5 }, 'maxRetries', /`maxRetries` must be a whole number/],
      [{ maxRetries: 11 }, 'maxRetries', /`maxRetries` is 11; 0 to 10/],
    ]) {
      const error = await rejection(call(newClient(), options));
      assert.ok(error instanceof InvalidArgumentError, String(error));
      assert.equal(error.argument, argument);
      assert.match(error.message, expected);
    }
    assert.equal(await count(), 0);
  });
}

test('an attempt has the limit of its own call', async () => {
  await fault({ path: '*/Users', times: 1, delayMs: 60_000 });
  const client = newClient({ maxRetries: 0 });
  assert.ok((await rejection(client.getUsers({ timeout: 100 }))) instanceof DeadlineExceededError);
  assert.equal((await client.getUsers()).pageNumber, 1);
});

test('a token at hand is found whatever times are given, and those that make no sense are refused', async () => {
  const client = newClient();
  const token = await client.exchangeApiKeyForToken(ADMIN);
  assert.equal(await client.exchangeApiKeyForToken(ADMIN, { deadline: 60_000, maxRetries: 0 }), token);
  assert.equal((await rejection(client.getToken(ADMIN, { deadline: -1 }))).argument, 'deadline');
  assert.equal(await count(), 1);
});

test('calls as a user have options as well', async () => {
  const user = newClient().asUser(ADMIN);
  await user.getUsers();
  await fault({ path: '*/Users', times: 0, status: 500 });
  assert.equal((await rejection(user.getUsers({ maxRetries: 0 }))).attempts, 1);
  assert.equal((await rejection(user.get('api/v2.0/Users', { maxRetries: 1 }))).attempts, 2);
});
