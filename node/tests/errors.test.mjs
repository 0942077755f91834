// Every failure is a class of its own, with everything that is known about it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import * as agglestone from 'agglestone';
import { errorTable } from 'agglestone/diagnostics';

import { fault, NOBODY, rejection, useService } from './support/service.mjs';

const newClient = useService();

const CLASSES = {
  INVALID_ARGUMENT: 'InvalidArgumentError',
  INVALID_CONFIG: 'ConfigurationError',
  CLOSED: 'ClosedError',
  CONNECT: 'TransportError',
  TLS: 'TlsError',
  TIMEOUT: 'DeadlineExceededError',
  TOO_LARGE: 'ResponseTooLargeError',
  UNEXPECTED_REDIRECT: 'UnexpectedRedirectError',
  BAD_REQUEST: 'BadRequestError',
  UNAUTHORIZED: 'AuthenticationError',
  FORBIDDEN: 'PermissionDeniedError',
  NOT_FOUND: 'NotFoundError',
  CONFLICT: 'ConflictError',
  INVALID_TOKEN: 'InvalidTokenError',
  KEYS_UNAVAILABLE: 'KeysUnavailableError',
  CHECK_UNAVAILABLE: 'CheckUnavailableError',
  RATE_LIMITED: 'RateLimitedError',
  SERVER: 'ServerError',
  UNEXPECTED_STATUS: 'ApiError',
  INVALID_RESPONSE: 'InvalidResponseError',
  PANIC: 'InternalError',
};

test("the classes are those of the core's table, with its names and numbers", () => {
  // CANCELLED is an AbortError, as everywhere in Node.
  const rows = errorTable().filter(({ name }) => name !== 'CANCELLED');
  assert.deepEqual(rows.map(({ name }) => name), Object.keys(CLASSES));
  for (const { name, number } of rows) {
    const error = new agglestone[CLASSES[name]]('message');
    assert.ok(error instanceof agglestone.AgglestoneError && error instanceof Error);
    assert.deepEqual([error.code, error.number, error.name], [`AGG_${name}`, number, CLASSES[name]]);
  }
});

test('a TLS error and a timeout are transport errors, and statuses are API errors', () => {
  for (const name of ['TlsError', 'DeadlineExceededError']) {
    assert.ok(new agglestone[name]('') instanceof agglestone.TransportError);
  }
  for (const name of ['BadRequestError', 'AuthenticationError', 'NotFoundError', 'RateLimitedError', 'ServerError']) {
    assert.ok(new agglestone[name]('') instanceof agglestone.ApiError);
  }
});

const answers = [
  [301, 'UnexpectedRedirectError', { location: 'http://elsewhere.example/' }],
  [400, 'BadRequestError'],
  [401, 'AuthenticationError'],
  [403, 'PermissionDeniedError'],
  [404, 'NotFoundError'],
  [409, 'ConflictError'],
  [418, 'ApiError'],
  [422, 'BadRequestError'],
  [429, 'RateLimitedError'],
  [500, 'ServerError'],
  [503, 'ServerError'],
];

for (const [status, name, headers = {}] of answers) {
  test(`${status} is ${name}`, async () => {
    await fault({ path: '*/Users/*', times: 0, status, headers: { ...headers, 'Retry-After': '90' } });
    const error = await rejection(newClient().getUser(NOBODY));
    assert.equal(error.constructor, agglestone[name], String(error));
    assert.equal(error.status, status);
    assert.ok(error.attempts >= 1);
    const row = errorTable().find((row) => row.number === error.number);
    assert.deepEqual([error.code, error.retryable], [`AGG_${row.name}`, row.retryable]);
  });
}

test('an error has all that the answer told, and lacks the rest', async () => {
  await fault({
    path: '*/Users/*',
    times: 0,
    status: 429,
    headers: { 'Retry-After': '90', 'X-Request-Id': 'request-7', 'Content-Type': 'application/problem+json' },
    body: { title: 'Slow', detail: 'Slow down.' },
  });
  const error = await rejection(newClient().getUser(NOBODY));
  assert.equal(error.retryAfter, 90_000, 'milliseconds');
  assert.equal(error.requestId, 'request-7');
  assert.equal(error.serviceMessage, 'Slow down.');
  assert.match(error.message, /429.*Slow down/);
  assert.ok(!Object.hasOwn(error, 'argument'));
});

test('no answer is a TransportError, and none in time a DeadlineExceededError', async () => {
  await fault({ path: '*/Users/*', times: 0, close: 'before' });
  assert.equal((await rejection(newClient().getUser(NOBODY))).code, 'AGG_CONNECT');
  const slow = newClient({ timeout: 50, deadline: 50 });
  await fault({ path: '*/Users', times: 0, delayMs: 60_000 });
  assert.equal((await rejection(slow.getUsers())).constructor, agglestone.DeadlineExceededError);
});

test('https without a trusted certificate is a TlsError', async () => {
  // The emulator speaks plain http, so the handshake gets an answer that is none.
  const client = newClient({ baseUrl: process.env.AGG_TEST_EMULATOR_URL.replace('http:', 'https:') });
  assert.equal((await rejection(client.getUsers())).constructor, agglestone.TlsError);
});

test('a success that is not what was promised is an InvalidResponseError, without the body', async () => {
  for (const body of ['<html>planted</html>', '[]', '']) {
    await fault({ path: '*/Users/*', status: 200, body });
    const error = await rejection(newClient().getUser(NOBODY));
    assert.equal(error.constructor, agglestone.InvalidResponseError);
    assert.ok(!error.message.includes('planted'));
  }
  await fault({ path: '*/anything', status: 200, body: 'planted' });
  const reply = await newClient().get('anything');
  assert.throws(() => reply.json(), (error) => error.code === 'AGG_INVALID_RESPONSE' && !error.message.includes('planted'));
});

test('bytes that are not text are no crash: refused where JSON was promised, kept elsewhere', async () => {
  const bytes = Buffer.from([0x7b, 0xff, 0x00, 0xfe, 0x7d]);
  const server = createServer((_, response) => response.end(bytes)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = newClient({ baseUrl: `http://127.0.0.1:${server.address().port}` });
  assert.equal((await rejection(client.getUser(NOBODY))).constructor, agglestone.InvalidResponseError);
  const reply = await client.get('anything');
  assert.deepEqual(Buffer.from(reply.bytes), bytes);
  assert.equal(reply.text, '{\ufffd\0\ufffd}');
  client.close();
  server.close();
});

test('a closed client says so', async () => {
  const client = newClient();
  client.close();
  client.close();
  const calls = [client.getUsers(), client.getUser('u'), client.getToken('u'), client.get('a'), client.iterUsers().next()];
  for (const call of calls) {
    assert.equal((await rejection(call)).constructor, agglestone.ClosedError);
  }
});

test('a stack trace leads to whoever awaits the call', async () => {
  const client = newClient();
  async function whoAsksForNobody() {
    await client.getUser(NOBODY);
  }
  assert.match((await rejection(whoAsksForNobody())).stack, /whoAsksForNobody/);
});

test('the table in the README is the core\'s', () => {
  const readme = readFileSync(fileURLToPath(import.meta.resolve('agglestone/package.json').replace('package.json', 'README.md')), 'utf8');
  const documented = [...readme.matchAll(/^\| (?:↳ )?`(\w+)` \| `AGG_(\w+)` \| (\d+) \|/gm)].map(([, type, name, number]) => [type, name, +number]);
  const table = errorTable().filter(({ name }) => name !== 'CANCELLED').map(({ name, number }) => [CLASSES[name], name, number]);
  assert.deepEqual(documented.sort(), table.sort());
});
