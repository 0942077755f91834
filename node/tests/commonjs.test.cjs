// CommonJS and ES modules get the same implementation.
const assert = require('node:assert/strict');
const { test } = require('node:test');

const agglestone = require('agglestone');

const settings = () => import('./support/service.mjs').then(({ settings }) => settings);

test('require and import share their classes', async () => {
  const imported = await import('agglestone');
  assert.deepEqual(Object.keys(imported).sort(), Object.keys(agglestone).sort());
  for (const name of Object.keys(agglestone)) {
    assert.equal(imported[name], agglestone[name], name);
  }
});

test('a client made after require answers, and its errors are those of import', async () => {
  const { NotFoundError } = await import('agglestone');
  const client = new agglestone.Client(await settings());
  assert.equal((await client.getUsers()).data.length, 10);
  await assert.rejects(client.getUser('nobody'), NotFoundError);
  client.close();
});

test('two copies of the package in one process both work', async () => {
  for (const file of Object.keys(require.cache)) {
    if (!file.endsWith('.test.cjs')) delete require.cache[file];
  }
  const copy = require('agglestone');
  assert.notEqual(copy.Client, agglestone.Client);
  const clients = [new copy.Client(await settings()), new agglestone.Client(await settings())];
  const pages = await Promise.all(clients.map((client) => client.getUsers()));
  assert.deepEqual(pages[0], pages[1]);
  clients.forEach((client) => client.close());
});
