// The program's own source of keys: asked when there are none and when they were refused, whatever it does.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { ClosedError, ConfigurationError, DeadlineExceededError } from 'agglestone';
import { liveHandles } from 'agglestone/diagnostics';

import { assertNoKey } from './support/keys.mjs';
import { program } from './support/programs.mjs';
import {
  eventually,
  fingerprint,
  generateKey,
  NOBODY,
  primaryKey,
  rejection,
  requests,
  secondaryKey,
  useService,
} from './support/service.mjs';

const newClient = useService();
const neverSettled = new Promise(() => {});

/** A client whose keys come from a function alone, which counts how often it was asked. */
function asking(source, more) {
  const asked = { times: 0 };
  const keySource = () => {
    asked.times++;
    return source(asked.times);
  };
  const client = newClient({ apiKey: undefined, keySource, ...more });
  asked.events = [];
  client.on('event', (event) => asked.events.push(event));
  return { client, asked };
}

for (const [how, source] of [
  ['at once', () => ({ primary: primaryKey })],
  ['later', async () => (await pause(20), { primary: primaryKey, secondary: secondaryKey })],
  ['with null for no secondary', () => ({ primary: primaryKey, secondary: null, version: 7 })],
  ['with a promise of another kind', () => ({ then: (resolve) => resolve({ primary: primaryKey }) })],
]) {
  test(`a source that answers ${how} is asked before the first call, and then no more`, async () => {
    const { client, asked } = asking(source);
    assert.deepEqual([asked.times, client.keyUsage().primary], [0, null]);
    await Promise.all(Array.from({ length: 50 }, () => client.getUsers({ pageSize: 1 })));
    await client.getUsers();
    assert.equal(asked.times, 1);
    assert.equal(client.keyUsage().primary.fingerprint, fingerprint(primaryKey));
  });
}

test('a source is asked again when every key was refused, within the call, and once for all who wait', async () => {
  const keys = { primary: primaryKey, secondary: secondaryKey };
  const { client, asked } = asking(async () => ({ ...keys }));
  await client.getUsers();
  keys.primary = await generateKey('primary');
  keys.secondary = await generateKey('secondary');
  const replies = await Promise.all(Array.from({ length: 20 }, () => client.get('api/v2.0/Users')));
  assert.ok(replies.every(({ attempts }) => attempts <= 3));
  assert.equal(asked.times, 2);
  assert.deepEqual(asked.events.filter(({ name }) => name !== 'failover').map(({ name }) => name), ['keysReplaced']);
});

test('keys to begin with save the first question', async () => {
  const { client, asked } = asking(() => assert.fail('nobody needs it'), { apiKey: primaryKey });
  await client.getUsers();
  assert.equal(asked.times, 0);
});

const failures = [
  ['throws', () => { throw new Error('the vault is sealed', { cause: `planted ${secondaryKey}` }); }, /the vault is sealed/],
  ['rejects', async () => { throw new TypeError('the vault is away'); }, /the vault is away/],
  ['throws a text', () => { throw `planted ${secondaryKey}`; }, /it threw a string/],
  ['rejects with nothing', () => Promise.reject(), /it threw undefined/],
  ['throws what can not be looked at', () => { throw { get message() { throw new Error('no'); } }; }, /it threw an object/],
  ['answers nothing', () => undefined, /it answered undefined/],
  ['answers a text', () => `planted ${secondaryKey}`, /it answered a string/],
  ['answers a number for a key', () => ({ primary: 7, planted: secondaryKey }), /primary key .* a string, not a number/],
  ['answers an object for the other', () => ({ primary: primaryKey, secondary: { key: secondaryKey } }), /secondary key .* not an object/],
  ['answers no key', () => ({ primary: '' }), /primary key .* is empty/],
  ['answers what is no key', () => ({ primary: `planted ${secondaryKey}` }), /primary key .* blank/],
];

for (const [how, source, reason] of failures) {
  test(`a source that ${how} ends the call that needs keys, and the next one asks again`, async () => {
    const { client, asked } = asking((times) => (times === 1 ? source() : { primary: primaryKey }));
    const error = await rejection(client.getUsers());
    assert.ok(error instanceof ConfigurationError, String(error));
    assert.match(error.message, reason);
    assert.deepEqual(asked.events.map(({ name }) => name), ['sourceFailed']);
    assert.match(asked.events[0].reason, reason);
    assertNoKey([primaryKey, secondaryKey, 'planted'], [error, ...asked.events]);
    assert.deepEqual(await requests(), []);
    assert.equal((await client.getUsers()).pageNumber, 1);
  });
}

test('a source that fails leaves the keys in use, and the refusal is what the call reports', async () => {
  const { client, asked } = asking(() => { throw new Error('the vault is sealed'); }, { apiKey: 'wrong' });
  const error = await rejection(client.getUsers());
  assert.deepEqual([error.code, error.attempts, asked.times], ['AGG_UNAUTHORIZED', 1, 1]);
  assert.equal(client.keyUsage().primary.fingerprint, fingerprint('wrong'));
});

test('a source that never answers ends in the deadline of the call, and holds up nothing else', async () => {
  const idle = liveHandles();
  const { client, asked } = asking((times) => (times === 1 ? neverSettled : { primary: primaryKey }), { deadline: 200 });
  const call = rejection(client.getUsers());
  await eventually(() => asked.times === 1, 'the source is asked');
  // Others in the process go on meanwhile.
  assert.equal((await rejection(newClient().getUser(NOBODY))).status, 404);
  assert.ok((await call) instanceof DeadlineExceededError);
  await eventually(() => liveHandles() === idle + 2, 'nobody waits for the answer any more');
  assert.equal((await client.getUsers()).pageNumber, 1, 'the next call asks again');
});

test('an answer that comes too late changes nothing', async () => {
  const late = Promise.withResolvers ? Promise.withResolvers() : resolvers();
  const { client, asked } = asking((times) => (times === 1 ? late.promise : { primary: primaryKey }), { deadline: 100 });
  await rejection(client.getUsers());
  await eventually(() => asked.events.length > 0, 'the question is given up');
  await client.getUsers();
  late.resolve({ primary: 'too-late' });
  await pause(1);
  assert.equal(client.keyUsage().primary.fingerprint, fingerprint(primaryKey));
});

test('an abort ends the wait for a source', async () => {
  const { client, asked } = asking(() => neverSettled);
  const controller = new AbortController();
  const call = rejection(client.getUsers({ signal: controller.signal }));
  await eventually(() => asked.times === 1, 'the source is asked');
  controller.abort();
  assert.equal(await call, controller.signal.reason);
});

test('close ends the wait for a source, and frees the thread that waits', async () => {
  const idle = liveHandles();
  const { client, asked } = asking(() => neverSettled);
  const calls = Array.from({ length: 20 }, () => rejection(client.getUsers()));
  await eventually(() => asked.times === 1, 'the source is asked');
  client.close();
  for (const error of await Promise.all(calls)) {
    assert.ok(error instanceof ClosedError);
  }
  await eventually(() => liveHandles() === idle, 'nobody waits for the answer any more');
});

test('a key that the client knows is struck out of what a source says', async () => {
  const { client, asked } = asking(() => { throw new Error(`no better key than ${primaryKey}\nhere`); }, { apiKey: primaryKey });
  await generateKey('primary');
  const error = await rejection(client.getUsers());
  assertNoKey([primaryKey], [error, ...asked.events]);
  assert.match(asked.events[0].message, /no better key than \[redacted\] here/);
});

const endings = {
  'a source that was never asked': ['', 0],
  'a source that never answers, once nobody waits': [
    `const controller = new AbortController();
     const call = client.getUsers({ signal: controller.signal });
     while (asked === 0) await new Promise((resolve) => setTimeout(resolve, 1));
     controller.abort();
     await call.catch(() => {});`,
    0,
  ],
  'process.exit while a source is asked': ['client.getUsers(); setInterval(() => asked > 0 && process.exit(3), 1);', 3],
};

for (const [what, [code, expected]] of Object.entries(endings)) {
  test(`the process ends by itself with ${what}`, async () => {
    const ended = await program(
      `
      import { Client } from 'agglestone';
      let asked = 0;
      const client = new Client({ keySource: () => (asked++, new Promise(() => {})) });
      client.on('event', () => {});
      ${code}
      `,
      { env: { AGGLESTONE_API_KEY: '' } },
    );
    assert.deepEqual(ended, { code: expected, signal: null, output: '', errors: '' });
  });
}

test('a call that waits for a source keeps the process alive', async () => {
  const { code, output } = await program(`
    import { Client } from 'agglestone';
    const answer = () => new Promise((resolve) => setTimeout(resolve, 50, { primary: process.env.AGGLESTONE_API_KEY }).unref());
    new Client({ keySource: answer }).getUsers().then((page) => console.log(page.data.length));
  `);
  assert.deepEqual([code, output], [0, '10']);
});

test('a client that its own source refers to is freed when it is no longer used', async () => {
  const { code, output, errors } = await program(
    `
    import { Client } from 'agglestone';
    import { liveHandles } from 'agglestone/diagnostics';
    const primary = process.env.AGGLESTONE_API_KEY;
    await (async () => {
      const client = new Client({ keySource: () => ({ primary, usage: client.keyUsage() }) });
      client.on('event', (event) => console.log(client, event));
      console.log((await client.getUsers()).data.length);
    })();
    for (let i = 0; liveHandles() > 0 && i < 1000; i++) { gc(); await new Promise((resolve) => setTimeout(resolve, 10)); }
    console.log(liveHandles());
    `,
    { flags: ['--expose-gc'] },
  );
  assert.deepEqual([code, output, errors], [0, '10\n0', '']);
});

function resolvers() {
  let resolve;
  const promise = new Promise((given) => (resolve = given));
  return { promise, resolve };
}
