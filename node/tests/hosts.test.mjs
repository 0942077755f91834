// What the package does to its host, and what the host's own habits do to it.
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { test } from 'node:test';

import { program } from './support/programs.mjs';
import { eventually, generateKey, primaryKey, requests, secondaryKey, useService } from './support/service.mjs';

const newClient = useService();

test('importing the package makes nothing that a host has to wait for', async () => {
  const { code, output, errors } = await program(`
    import { createHook } from 'node:async_hooks';
    import { writeSync } from 'node:fs';
    const made = [];
    createHook({ init: (id, type) => made.push(type) }).enable();
    const { Client } = await import('agglestone');
    const ours = () => made.filter((type) => /napi|threadsafe|agglestone/i.test(type)).length;
    writeSync(1, String(ours()) + ' ');
    new Client();
    writeSync(1, String(ours() > 0));
  `);
  assert.deepEqual({ code, output, errors }, { code: 0, output: '0 true', errors: '' });
});

test('a key source and listeners run in the stores in which the client was made', async () => {
  const store = new AsyncLocalStorage();
  const seen = [];
  const client = store.run('tenant A', () =>
    newClient({
      apiKey: undefined,
      keySource: async () => {
        seen.push(store.getStore());
        return { primary: primaryKey, secondary: secondaryKey };
      },
    }),
  );
  client.on('failover', () => seen.push(store.getStore()));
  client.on('event', () => seen.push(store.getStore()));
  await generateKey('primary');
  await store.run('a request', () => client.getUsers());
  await eventually(() => seen.length === 3, 'all are told');
  assert.deepEqual(seen, ['tenant A', 'tenant A', 'tenant A']);
});

test('what somebody put into Object.prototype is no option', async () => {
  const polluter = 'http://127.0.0.1:1';
  const { code, output, errors } = await program(
    `
    import { Client } from 'agglestone';
    const pollution = {
      baseUrl: process.env.POLLUTER, apiKey: 'planted', secondary: 'planted', timeout: 'planted', fresh: 'planted',
      signal: 'planted', pageNumber: 99, query: { planted: 1 }, headers: { planted: 1 },
    };
    Object.assign(Object.prototype, pollution);
    const client = new Client();
    const page = await client.getUsers({ pageSize: 5 });
    const reply = await client.request('GET', 'api/v2.0/Users');
    const token = await client.exchangeApiKeyForToken(page.data[0].userId, {});
    const { primary, secondary } = client.keyUsage();
    // Node's own console reads options as they come.
    Object.keys(pollution).forEach((name) => delete Object.prototype[name]);
    console.log(page.data.length, reply.status, token.length > 0, primary.requests > 0, secondary);
  `,
    { env: { POLLUTER: polluter } },
  );
  assert.deepEqual({ code, output, errors }, { code: 0, output: '5 200 true true null', errors: '' });
  assert.ok((await requests()).every(({ query }) => !query?.includes('planted')));
});

test('a key source that answers a polluted object gives the one key that it has', async () => {
  const { code, output, errors } = await program(`
    import { Client } from 'agglestone';
    Object.prototype.secondary = 'planted';
    const primary = process.env.AGGLESTONE_API_KEY;
    const client = new Client({ keySource: () => ({ primary }) });
    await client.getUsers();
    console.log(client.keyUsage().secondary);
  `);
  assert.deepEqual({ code, output, errors }, { code: 0, output: 'null', errors: '' });
});
