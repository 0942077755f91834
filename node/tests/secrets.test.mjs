// Nothing that prints shows a key or a token.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import util from 'node:util';
import v8 from 'node:v8';

import { fault, NOBODY, primaryKey, rejection, secondaryKey, tenantUrl, useService } from './support/service.mjs';

const newClient = useService();
const curious = { showHidden: true, depth: Infinity, getters: true, showProxy: true };

/** Everything that commonly ends up in a log. */
function printed(value) {
  return [
    String(value),
    `${value}`,
    util.inspect(value),
    util.inspect(value, curious),
    util.inspect({ nested: [value] }, curious),
    util.format('%s %o %O %j', value, value, value, value),
    JSON.stringify(value),
    JSON.stringify(Object.getOwnPropertyDescriptors(value)),
    JSON.stringify({ ...value }),
    JSON.stringify(structuredCloneOrNothing(value)),
  ].join('\n');
}

function structuredCloneOrNothing(value) {
  try {
    return v8.deserialize(v8.serialize(value));
  } catch {
    return null;
  }
}

test('a client shows its tenant and neither key', () => {
  const text = printed(newClient({ secondaryApiKey: secondaryKey }));
  assert.ok(text.includes(tenantUrl('')));
  assert.ok(!text.includes(primaryKey) && !text.includes(secondaryKey), text);
});

test('a token shows its user and never itself, but gives itself to who asks', async () => {
  const client = newClient();
  const { userId } = (await client.getUsers()).data[0];
  const token = await client.getToken(userId);
  assert.match(token.token, /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/);
  const text = printed(token);
  assert.ok(text.includes(userId));
  assert.ok(!text.includes(token.token), text);
  assert.ok(!Object.keys(token).includes('token'));
});

test('a reply shows its status and not its body', async () => {
  await fault({ path: '*/anything', status: 200, headers: { 'X-Planted': 'planted' }, body: 'planted' });
  const reply = await newClient().get('anything');
  assert.equal(reply.text, 'planted');
  assert.ok(!printed(reply).includes('planted'));
});

test('an error shows no key, also when the service echoes it', async () => {
  await fault({ path: '*/Users/*', times: 0, status: 400, body: { message: `bad key ${primaryKey} or ${secondaryKey}` } });
  const error = await rejection(newClient({ secondaryApiKey: secondaryKey }).getUser(NOBODY));
  const text = printed(error) + error.stack;
  assert.ok(text.includes('bad key'));
  assert.ok(!text.includes(primaryKey) && !text.includes(secondaryKey), text);
});
