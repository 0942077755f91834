// Users' tokens: one exchange for everyone who asks, kept while they are good, and verifiable by anyone.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ClosedError, InvalidArgumentError, NotFoundError, Token } from 'agglestone';

import * as jose from './support/development.mjs';
import { assertNoKey } from './support/keys.mjs';
import {
  ADMIN,
  eventually,
  exchanges,
  fault,
  NOBODY,
  PLAIN_USER,
  primaryKey,
  rejection,
  tenantId,
  tenantUrl,
  useService,
} from './support/service.mjs';

const newClient = useService();
const slowExchange = (delayMs = 300) => fault({ path: '*/token-exchange', times: 1, delayMs });

test('1,000 promises for one user are one exchange', async () => {
  await slowExchange();
  const client = newClient();
  const ask = (_, number) => (number % 2 ? client.exchangeApiKeyForToken(ADMIN) : client.getToken(ADMIN));
  const tokens = await Promise.all(Array.from({ length: 1_000 }, ask));
  assert.equal(new Set(tokens.map((token) => (token instanceof Token ? token.token : token))).size, 1);
  assert.equal((await exchanges()).length, 1);
  assert.equal(client.tokenStats().size, 1);
});

test('one of 100 who wait gives up, and 99 are served', async () => {
  await slowExchange();
  const client = newClient();
  const controller = new AbortController();
  // The one that began the exchange.
  const gone = rejection(client.exchangeApiKeyForToken(ADMIN, { signal: controller.signal }));
  const others = Array.from({ length: 99 }, () => client.exchangeApiKeyForToken(ADMIN));
  await eventually(async () => (await exchanges()).length === 1, 'the exchange is under way');
  controller.abort();
  assert.equal(await gone, controller.signal.reason);
  assert.equal(new Set(await Promise.all(others)).size, 1);
  assert.equal((await exchanges()).length, 1);
});

test("claims are the caller's own each time", async () => {
  const client = newClient();
  const token = await client.exchangeApiKeyForToken(ADMIN);
  const expected = jose.decodeJwt(token);
  for (let time = 0; time < 5; time++) {
    const claims = await client.verifyToken(token);
    assert.deepEqual(claims, expected);
    claims.groups.push('Another');
    claims.userId = 'somebody else';
  }
});

test('a token at hand is the same until it is forgotten or wanted afresh', async () => {
  const client = newClient();
  const first = await client.exchangeApiKeyForToken(ADMIN);
  const cached = await client.getToken(ADMIN, { fresh: false });
  assert.equal(cached.token, first);
  assert.equal(await client.exchangeApiKeyForToken(ADMIN, { signal: new AbortController().signal }), first);
  assert.equal((await exchanges()).length, 1);

  const fresh = await client.getToken(ADMIN, { fresh: true });
  assert.notEqual(fresh.token, first);
  assert.deepEqual([fresh.userId, cached.userId], [ADMIN, ADMIN]);
  assert.ok(fresh.expiresAt instanceof Date && cached.expiresAt instanceof Date);
  assert.equal(await client.exchangeApiKeyForToken(ADMIN), fresh.token);

  client.forgetToken(ADMIN);
  const after = await client.exchangeApiKeyForToken(ADMIN);
  assert.ok(![first, fresh.token].includes(after));
  client.forgetTokens();
  assert.equal(client.tokenStats().size, 0);
  assert.notEqual(await client.exchangeApiKeyForToken(ADMIN), after);
  assert.equal((await exchanges()).length, 4);
});

test('forgetting while an exchange is under way keeps its token out of the cache', async () => {
  await slowExchange();
  const client = newClient();
  const waiting = client.exchangeApiKeyForToken(ADMIN);
  await eventually(async () => (await exchanges()).length === 1, 'the exchange is under way');
  client.forgetToken(ADMIN);
  const old = await waiting;
  assert.notEqual(await client.exchangeApiKeyForToken(ADMIN), old);
});

test('the numbers of the cache add up', async () => {
  const client = newClient();
  assert.deepEqual(client.tokenStats(), { size: 0, hits: 0, misses: 0, renewals: 0, fromOthers: 0 });
  await client.exchangeApiKeyForToken(ADMIN);
  await client.getToken(ADMIN);
  await client.exchangeApiKeyForToken(ADMIN);
  await client.exchangeApiKeyForToken(PLAIN_USER);
  assert.deepEqual(client.tokenStats(), { size: 2, hits: 2, misses: 2, renewals: 0, fromOthers: 0 });
});

test('the cache holds as many users as it is told to, the last used ones', async () => {
  const client = newClient({ tokenCacheSize: 2 });
  const { data } = await client.getUsers();
  const [one, two, three] = data.filter(({ enabled }) => enabled).map(({ userId }) => userId);
  for (const user of [one, two, one, three, one, two]) await client.exchangeApiKeyForToken(user);
  assert.equal(client.tokenStats().size, 2);
  assert.equal((await exchanges()).length, 4, 'two is gone when three comes');
});

test('a refusal is remembered for a moment, and not beyond forgetting', async () => {
  const client = newClient();
  for (let time = 0; time < 3; time++) {
    assert.ok((await rejection(client.getToken(NOBODY))) instanceof NotFoundError);
  }
  assert.equal((await exchanges()).length, 1);
  client.forgetToken(NOBODY);
  assert.ok((await rejection(client.getToken(NOBODY))) instanceof NotFoundError);
  assert.equal((await exchanges()).length, 2);
});

test('what can not be meant is refused whether or not there is a token at hand', async () => {
  const client = newClient();
  await client.getToken(ADMIN);
  for (const method of ['exchangeApiKeyForToken', 'getToken']) {
    for (const [argument, userId, options] of [
      ['userId', 7, undefined],
      ['userId', '', undefined],
      ['userId', '..', undefined],
      ['fresh', ADMIN, { fresh: 1 }],
      ['Fresh', ADMIN, { Fresh: true }],
      ['signal', ADMIN, { signal: 'soon' }],
      ['options', ADMIN, true],
    ]) {
      const error = await rejection(client[method](userId, options));
      assert.ok(error instanceof InvalidArgumentError, String(error));
      assert.equal(error.argument, argument);
    }
    const signal = AbortSignal.abort('enough');
    assert.equal(await rejection(client[method](ADMIN, { signal })), 'enough', 'a token at hand is no answer either');
  }
  for (const id of ['', '..', 7]) {
    assert.throws(() => client.forgetToken(id), (error) => error.argument === 'userId');
  }
  assert.equal((await exchanges()).length, 1);
});

test('a closed client has no tokens', async () => {
  const client = newClient();
  await client.getToken(ADMIN);
  client.close();
  for (const method of ['exchangeApiKeyForToken', 'getToken']) {
    assert.ok((await rejection(client[method](ADMIN))) instanceof ClosedError);
  }
  for (const call of [() => client.forgetToken(ADMIN), () => client.forgetTokens(), () => client.tokenStats()]) {
    assert.throws(call, ClosedError);
  }
});

test('a token verifies by discovery and key set, and one that was touched does not', async () => {
  const token = await newClient().getToken(ADMIN);
  const discovery = await (await fetch(tenantUrl('v2.0/Auth/.well-known/openid-configuration'))).json();
  const keys = jose.createRemoteJWKSet(new URL(discovery.jwks_uri));
  const verify = (text) => jose.jwtVerify(text, keys, { issuer: discovery.issuer });

  const { payload } = await verify(token.token);
  assert.deepEqual([payload.sub, payload.tenantId], [ADMIN, tenantId]);
  assert.ok([payload.groups].flat().includes('Admin'));
  assert.deepEqual(token.expiresAt, new Date(payload.exp * 1_000));

  const [head, body, signature] = token.token.split('.');
  const other = Buffer.from(JSON.stringify({ ...payload, sub: PLAIN_USER })).toString('base64url');
  const turned = (text) => (text[0] === 'A' ? 'B' : 'A') + text.slice(1);
  for (const touched of [`${head}.${other}.${signature}`, `${head}.${body}.${turned(signature)}`]) {
    await assert.rejects(verify(touched), jose.errors.JWSSignatureVerificationFailed);
  }
  const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');
  await assert.rejects(verify(`${unsigned}.${body}.`), jose.errors.JOSEError);
});

test('neither the numbers nor an error show a token or the key', async () => {
  const client = newClient();
  const token = await client.exchangeApiKeyForToken(ADMIN);
  const refusing = (secret) => fault({ path: '*/Users/*', times: 1, status: 400, body: { message: `no good: ${secret}` } });
  await refusing(token);
  const errors = [await rejection(client.asUser(ADMIN).getUser(ADMIN))];
  await refusing(primaryKey);
  errors.push(await rejection(client.getUser(ADMIN)));
  errors.forEach(({ message }) => assert.match(message, /no good/));
  assertNoKey([token, primaryKey], [client, client.tokenStats(), client.keyUsage(), ...errors]);
});
