// agglestone/fetch: a user's token is carried, renewed once, and sent to nobody else.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { test } from 'node:test';

import { userFetch } from 'agglestone/fetch';

import { ADMIN, fault, rejection, requests, revoke, tenantUrl, useService } from './support/service.mjs';

const newClient = useService();
const EXCHANGED = ['token-exchange', 200];
const me = tenantUrl(`api/v2.0/Users/${ADMIN}`);
const users = tenantUrl('api/v2.0/Users');
const json = { 'Content-Type': 'application/json' };

/** The last segment of the path and the status of each request. */
const seen = async () => (await requests()).map(({ path, status }) => [path.split('/').at(-1), status]);

test('a request carries the token, beside its own headers', async () => {
  const response = await userFetch(newClient(), ADMIN)(users, { method: 'POST', headers: json, body: '{"email":"jane@example.com"}' });
  assert.equal(response.status, 201);
  assert.deepEqual(await seen(), [EXCHANGED, ['Users', 201]]);
});

test('a refused token is renewed once', async () => {
  const client = newClient();
  const fetchAsUser = userFetch(client, ADMIN);
  await client.getToken(ADMIN);
  await revoke(ADMIN);
  assert.equal((await fetchAsUser(new Request(me))).status, 200);
  assert.deepEqual(await seen(), [EXCHANGED, [ADMIN, 401], EXCHANGED, [ADMIN, 200]]);
});

test('a second refusal is the answer', async () => {
  await fault({ path: '*/Users/*', status: 401, times: 0 });
  assert.equal((await userFetch(newClient(), ADMIN)(me)).status, 401);
  assert.deepEqual(await seen(), [EXCHANGED, [ADMIN, 401], EXCHANGED, [ADMIN, 401]]);
});

test('what can be read only once is not sent twice', async () => {
  await fault({ path: '*/Users', status: 401, times: 0 });
  const fetchAsUser = userFetch(newClient(), ADMIN);
  const stream = { method: 'POST', headers: json, body: new Blob(['{}']).stream(), duplex: 'half' };
  assert.equal((await fetchAsUser(users, stream)).status, 401);
  assert.equal((await fetchAsUser(new Request(users, { method: 'POST', headers: json, body: '{}' }))).status, 401);
  assert.deepEqual(await seen(), [EXCHANGED, ['Users', 401], ['Users', 401]]);
});

test('a redirect takes the token nowhere else', async () => {
  const told = [];
  const server = http.createServer((request, response) => {
    told.push(request.headers.authorization);
    response.writeHead(401).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  await fault({ path: '*/Users', status: 302, headers: { location: `http://localhost:${server.address().port}/` }, times: 0 });
  await userFetch(newClient(), ADMIN)(users);
  server.close();
  assert.ok(told.length > 0);
  assert.ok(told.every((authorization) => authorization === undefined));
});

test('a signal that was aborted sends nothing', async () => {
  const reason = new Error('not needed');
  assert.equal(await rejection(userFetch(newClient(), ADMIN)(me, { signal: AbortSignal.abort(reason) })), reason);
  assert.deepEqual(await seen(), []);
});

test('another fetch makes the requests', async () => {
  const asked = [];
  const fetch = async (input, init) => {
    asked.push([input, new Headers(init.headers).get('authorization').slice(0, 9)]);
    return new Response('', { status: 200 });
  };
  await userFetch(newClient(), ADMIN, { fetch })('https://orders.example');
  assert.deepEqual(asked, [['https://orders.example', 'Bearer ey']]);
});
