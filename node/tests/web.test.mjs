// The integrations for web frameworks, in the frameworks themselves, over sockets.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, afterEach, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { InvalidArgumentError } from 'agglestone';
import { bearer as forExpress } from 'agglestone/express';
import { bearer as forFastify } from 'agglestone/fastify';

import { express, fastify, found } from './support/development.mjs';
import { ADMIN, environment, eventually, fault, removeUser, requests, useService } from './support/service.mjs';

const newClient = useService();
const servers = [];
afterEach(() => Promise.all(servers.splice(0).map((close) => close())));

/** Serves what answers requests; gives how to ask it with as many `Authorization` headers. */
async function serve(handler) {
  const server = http.createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address();
  return async (target, ...authorization) => {
    const headers = authorization.flatMap((value) => ['Authorization', value]);
    const request = http.get({ port, path: target, agent: false, headers: ['Host', 'test', ...headers] });
    const [answer] = await once(request, 'response');
    const body = (await answer.toArray()).join('');
    const { 'www-authenticate': challenge, 'retry-after': wait } = answer.headers;
    return { verdict: [answer.statusCode, challenge, wait], body };
  };
}

function expressApp(client, options) {
  const app = express();
  // Its own handler of errors prints them.
  app.set('env', 'test');
  app.get('/open', (request, response) => response.json(request.claims ?? null));
  app.get('/me', forExpress(client, options), (request, response) => response.json(request.claims.userId));
  return serve(app);
}

async function fastifyApp(client, options) {
  const app = fastify();
  app.get('/open', async (request) => JSON.stringify(request.claims ?? null));
  app.get('/me', { onRequest: forFastify(client, options) }, async (request) => JSON.stringify(request.claims.userId));
  await app.ready();
  servers.push(() => app.close());
  return serve((request, response) => app.routing(request, response));
}

const MISSING = [401, 'Bearer', undefined];
const INVALID = [401, 'Bearer error="invalid_token"', undefined];
const tokenOf = (client) => client.exchangeApiKeyForToken(ADMIN);

for (const [framework, app] of Object.entries({ Express: expressApp, Fastify: fastifyApp })) {
  test(`${framework}: a user's token lets the user in, and nothing else does`, async () => {
    const client = newClient();
    const token = await tokenOf(client);
    const get = await app(client);
    for (const header of [`Bearer ${token}`, `bEARER   ${token}  `]) {
      assert.deepEqual(await get('/me', header), { verdict: [200, undefined, undefined], body: JSON.stringify(ADMIN) });
    }
    assert.equal((await get('/open')).body, 'null');
    assert.deepEqual((await get('/me')).verdict, MISSING);
    for (const foreign of ['Basic YTpi', 'Bearerish x', `Token ${token}`, token, '']) {
      assert.deepEqual((await get('/me', foreign)).verdict, MISSING, foreign);
    }
    const forged = `${token.slice(0, -8)}AAAAAAAA`;
    for (const bad of ['Bearer', 'Bearer ', 'Bearer x', `Bearer ${forged}`, `Bearer ${token},`, `Bearer ${token} x`]) {
      assert.deepEqual(await get('/me', bad), { verdict: INVALID, body: '' }, bad);
    }
    assert.deepEqual((await get('/me', `Bearer ${token}`, `Bearer ${token}`)).verdict, INVALID);
    assert.deepEqual((await get('/me', `Bearer ${token}`, 'Basic YTpi')).verdict, INVALID);
  });

  test(`${framework}: a user in none of the groups is forbidden`, async () => {
    const client = newClient();
    const token = await tokenOf(client);
    const strict = await app(client, { groups: ['Nobody', 'admin'] });
    assert.deepEqual((await strict('/me', `Bearer ${token}`)).verdict, [403, 'Bearer error="insufficient_scope"', undefined]);
    assert.deepEqual((await strict('/me')).verdict, MISSING);
    assert.deepEqual((await strict('/me', 'Bearer x')).verdict, INVALID);
    const get = await app(client, { groups: ['Nobody', 'Admin'] });
    assert.equal((await get('/me', `Bearer ${token}`)).verdict[0], 200);
  });

  test(`${framework}: without signing keys it is unavailable for as long as the service says, and serves others`, async () => {
    const client = newClient({ maxRetries: 0 });
    const token = await tokenOf(client);
    const get = await app(client);
    await fault({ path: '*/openid-configuration', status: 503, headers: { 'Retry-After': '7' }, times: 1 });
    assert.deepEqual((await get('/me', `Bearer ${token}`)).verdict, [503, undefined, '7']);
    await fault({ path: '*/openid-configuration', status: 404, times: 1 });
    assert.deepEqual((await get('/me', `Bearer ${token}`)).verdict, [503, undefined, undefined]);

    await fault({ path: '*/openid-configuration', delayMs: 300_000, times: 1 });
    const waiting = get('/me', `Bearer ${token}`);
    const asked = async () => (await requests()).filter((request) => request.path.endsWith('/openid-configuration'));
    await eventually(async () => (await asked()).length === 3, 'keys are asked for');
    assert.equal((await get('/open')).verdict[0], 200);
    client.close();
    assert.deepEqual((await waiting).verdict, [500, undefined, undefined]);
  });

  test(`${framework}: a mistake of the application is no refusal`, async () => {
    const client = newClient();
    const token = await tokenOf(client);
    const get = await app(() => client);
    assert.equal((await get('/me', `Bearer ${token}`)).verdict[0], 200);
    client.close();
    const { verdict, body } = await get('/me', `Bearer ${token}`);
    assert.deepEqual(verdict, [500, undefined, undefined]);
    assert.ok(!body.includes(token));
  });

  test(`${framework}: the service is asked about the user where that is wanted`, async () => {
    const client = newClient({ maxRetries: 0 });
    const token = await tokenOf(client);
    const [plain, checked] = [await app(client), await app(client, { check: 'service' })];
    await fault({ path: '*/Users/*', status: 503, times: 1 });
    assert.deepEqual((await checked('/me', `Bearer ${token}`)).verdict, [503, undefined, undefined]);
    await removeUser(ADMIN);
    assert.deepEqual((await checked('/me', `Bearer ${token}`)).verdict, INVALID);
    assert.equal((await plain('/me', `Bearer ${token}`)).verdict[0], 200);
  });
}

test('what can not be meant is refused at once, and by name', () => {
  const client = newClient();
  for (const bearer of [forExpress, forFastify]) {
    for (const [argument, wrong] of [
      ['client', () => bearer('client')],
      ['client', () => bearer()],
      ['groups', () => bearer(client, { groups: 'Admin' })],
      ['groups', () => bearer(client, { groups: [1] })],
      ['groups', () => bearer(client, { groups: [] })],
      ['check', () => bearer(client, { check: 'servce' })],
      ['group', () => bearer(client, { group: ['Admin'] })],
      ['options', () => bearer(client, ['Admin'])],
    ]) {
      assert.throws(wrong, (error) => error instanceof InvalidArgumentError && error.argument === argument, argument);
    }
  }
});

test('the examples of the README work', async () => {
  const readme = readFileSync('node_modules/agglestone/README.md', 'utf8');
  const blocks = readme.split('```js\n').slice(1).map((rest) => rest.split('```')[0]);
  const given = { ...process.env };
  after(() => Object.assign(process.env, given));
  Object.assign(process.env, environment);
  const token = await tokenOf(newClient());
  for (const framework of ['express', 'fastify']) {
    const [block, ...more] = blocks.filter((text) => text.includes(`agglestone/${framework}`));
    assert.deepEqual(more, []);
    const program = path.resolve(`readme-${framework}.mjs`);
    writeFileSync(program, `${block.replace(`from '${framework}'`, `from '${found(framework)}'`)}\nexport { app, client };\n`);
    const { app, client } = await import(pathToFileURL(program).href);
    await app.ready?.();
    const get = await serve(framework === 'express' ? app : (request, response) => app.routing(request, response));
    assert.deepEqual((await get('/me')).verdict, MISSING);
    assert.equal((await get('/me', `Bearer ${token}`)).body, JSON.stringify({ userId: ADMIN }));
    assert.equal(JSON.parse((await get('/users', `Bearer ${token}`)).body).total, 45);
    await app.close?.();
    client.close();
  }
});
