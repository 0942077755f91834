// Each method asks for the right thing and answers what the service sent.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { NotFoundError, Reply, Token } from 'agglestone';

import { fault, NOBODY, primaryKey, rejection, requests, tenantUrl, TOTAL_USERS, useService } from './support/service.mjs';

const USERS = 'api/v2.0/Users';
const newClient = useService();

async function firstUser(client) {
  return (await client.getUsers({ pageSize: 1 })).data[0];
}

test('getUsers answers the page as the service sent it, ten users by default', async () => {
  const page = await newClient().getUsers();
  assert.equal(Object.getPrototypeOf(page), Object.prototype);
  assert.equal(page.data.length, 10);
  assert.deepEqual([page.pageNumber, page.pageSize, page.totalRecords], [1, 10, TOTAL_USERS]);
});

test('getUsers asks for the page that was asked for', async () => {
  const page = await newClient().getUsers({ pageNumber: 3, pageSize: 20 });
  assert.deepEqual([page.pageNumber, page.data.length], [3, 5]);
  assert.equal((await requests())[0].query, 'pageNumber=3&pageSize=20');
});

test('fields that nobody knows are kept, and __proto__ is one of them', async () => {
  const body = '{"data":[{"userId":"u","shoeSize":42,"displayName":"Zoë 🦊","__proto__":{"admin":true}}],"cursor":"x"}';
  await fault({ path: '*/Users', status: 200, body, headers: { 'content-type': 'application/json' } });
  const page = await newClient().getUsers();
  assert.equal(JSON.stringify(page), body);
  assert.equal(page.data[0].admin, undefined);
  assert.equal({}.admin, undefined);
});

test('getUser answers one user, whatever characters its id has', async () => {
  const client = newClient();
  const user = await firstUser(client);
  assert.deepEqual(await client.getUser(user.userId), user);
  await client.post(USERS, { json: { userId: 'a/b ü?#', email: 'odd@example.com' } });
  assert.equal((await client.getUser('a/b ü?#')).email, 'odd@example.com');
});

test('iterUsers sees every user once, over as many pages as it takes', async () => {
  const client = newClient();
  for (const [options, pages] of [[undefined, 1], [{ pageSize: 20 }, 3], [{ pageSize: 45 }, 1], [{ pageSize: 9 }, 5]]) {
    const before = (await requests()).length;
    const ids = new Set();
    for await (const user of client.iterUsers(options)) {
      ids.add(user.userId);
    }
    assert.equal(ids.size, TOTAL_USERS);
    assert.equal((await requests()).length - before, pages);
  }
});

test('iterUsers fetches no page that nobody asks for', async () => {
  for await (const user of newClient().iterUsers({ pageSize: 5 })) {
    assert.ok(user.userId);
    break;
  }
  assert.equal((await requests()).length, 1);
});

test('exchangeApiKeyForToken answers a token that the service takes as the user', async () => {
  const client = newClient();
  const { userId } = await firstUser(client);
  const token = await client.exchangeApiKeyForToken(userId);
  const response = await fetch(tenantUrl(`${USERS}/${userId}`), { headers: { Authorization: `Bearer ${token}` } });
  assert.equal((await response.json()).userId, userId);
});

test('getToken answers the token with its user and its expiry', async () => {
  const client = newClient();
  const { userId } = await firstUser(client);
  const token = await client.getToken(userId);
  assert.ok(token instanceof Token);
  const claims = JSON.parse(Buffer.from(token.token.split('.')[1], 'base64url').toString());
  assert.deepEqual([token.userId, token.expiresAt], [userId, new Date(claims.exp * 1000)]);
});

test('a token without an expiry has none', async () => {
  await fault({ path: '*/token-exchange', status: 200, body: { token: 'e30.e30.e30' } });
  assert.equal((await newClient().getToken(NOBODY)).expiresAt, null);
});

test('users are created, read, changed and deleted by requests', async () => {
  const client = newClient();
  const created = await client.post(USERS, { json: { email: 'new@example.com', displayName: 'Neu' } });
  assert.ok(created instanceof Reply);
  assert.equal(created.status, 201);
  const path = `${USERS}/${created.json().userId}`;
  assert.equal((await client.patch(path, { json: { displayName: 'Anders' } })).json().displayName, 'Anders');
  assert.equal((await client.put(path, { json: { email: 'other@example.com' } })).json().email, 'other@example.com');
  assert.equal((await client.get(path)).json().email, 'other@example.com');
  const deleted = await client.delete(path);
  assert.deepEqual([deleted.status, deleted.text, deleted.json()], [204, '', null]);
  assert.ok((await rejection(client.get(path))) instanceof NotFoundError);
});

test('a query may be an object, a list of values, or URLSearchParams', async () => {
  const client = newClient();
  const queries = [
    { pageNumber: 2, pageSize: '7', nothing: undefined, neither: null },
    { pageNumber: [2n], pageSize: 7 },
    new URLSearchParams({ pageNumber: 2, pageSize: 7 }),
    new Map([['pageNumber', 2], ['pageSize', 7]]),
  ];
  for (const query of queries) {
    const page = (await client.request('get', USERS, { query })).json();
    assert.deepEqual([page.pageNumber, page.data.length], [2, 7]);
  }
});

test('a reply has its headers, and its body as text, as bytes and as JSON', async () => {
  const client = newClient();
  const body = '{"a":"äöü 🦊"}';
  await fault({ path: '*/anything', status: 207, headers: { 'X-Several': ['a', 'b'] }, body });
  const reply = await client.get('anything', { headers: { 'X-Asked': 'yes' } });
  assert.equal(reply.status, 207);
  assert.equal(reply.headers.get('x-several'), 'a, b');
  assert.equal(reply.text, body);
  assert.deepEqual(Buffer.from(reply.bytes), Buffer.from(body));
  assert.deepEqual(reply.json(), { a: 'äöü 🦊' });
});

test('an unmodified fetch script of the guide gets the same answers as the client', async () => {
  const headers = { 'X-API-Key': primaryKey };
  const listed = await (await fetch(tenantUrl(`${USERS}?pageNumber=1&pageSize=20`), { headers })).json();
  const client = newClient();
  assert.deepEqual(await client.getUsers({ pageNumber: 1, pageSize: 20 }), listed);
  const user = await (await fetch(tenantUrl(`${USERS}/${listed.data[7].userId}`), { headers })).json();
  assert.deepEqual(await client.getUser(listed.data[7].userId), user);
});

test('the User-Agent names the application, this package and Node', async () => {
  await newClient({ appName: 'billing/2' }).getUsers();
  assert.match((await requests())[0].userAgent, /^billing\/2 agglestone\/\d+\.\d+\.\d+ node\/\d+/);
});
