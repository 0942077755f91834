// Both keys rotated under load, as the guide has it, by files that are replaced: no call fails and no dead key stays in use.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assertNoKey, keyFolder } from './support/keys.mjs';
import {
  ADMIN,
  eventually,
  EXCHANGE,
  fingerprint,
  generateKey,
  primaryKey,
  requests,
  secondaryKey,
  useService,
} from './support/service.mjs';

const CALLERS = 32;
const ROTATIONS = 6;
/** How long a service goes on between two steps of a rotation: 12 steps take more than five seconds. */
const STEP = 450;

const newClient = useService();
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** One of the application's services: a client, its own copy of the key files, and what its calls came to. */
function service() {
  const files = keyFolder();
  files.put('primary', primaryKey);
  files.put('secondary', secondaryKey);
  const [apiKeyFile, secondaryApiKeyFile] = ['primary', 'secondary'].map(files.path);
  const client = newClient({ apiKey: undefined, apiKeyFile, secondaryApiKeyFile });
  const seen = { events: [], errors: [], most: 0 };
  client.on('event', (event) => seen.events.push(event));
  return { client, files, seen };
}

/** Calls by turns, as long as it is wanted. */
function caller({ client, seen }) {
  const caller = { wanted: true, calls: 0 };
  caller.over = (async () => {
    for (; caller.wanted; caller.calls++) {
      const call =
        caller.calls % 2 === 0
          ? client.request('GET', 'api/v2.0/Users', { query: { pageSize: 1 } })
          : client.request('POST', EXCHANGE, { json: { userId: ADMIN } });
      await call.then(
        ({ attempts }) => (seen.most = Math.max(seen.most, attempts)),
        (error) => seen.errors.push(error),
      );
    }
  })();
  return caller;
}

/** Until every caller has ended the call that it is in, and one that it began after that. */
async function turn(callers) {
  const before = callers.map(({ calls }) => calls);
  await eventually(() => callers.every(({ calls }, number) => calls >= before[number] + 2), 'every caller goes on');
}

test(`${CALLERS} callers of GET and POST see no failure while both keys are rotated ${ROTATIONS} times`, async () => {
  const services = [service(), service()];
  const keys = [primaryKey, secondaryKey];
  const callers = Array.from({ length: CALLERS }, (_, number) => caller(services[number % services.length]));

  for (let rotation = 0; rotation < ROTATIONS; rotation++) {
    for (const slot of ['primary', 'secondary']) {
      // Generated while the services have the other key; then they get the new one, one after the other.
      const key = await generateKey(slot);
      keys.push(key);
      for (const { files } of services) {
        files.put(slot, key);
        await pause(STEP / services.length);
      }
    }
  }
  const newest = keys.slice(-2).map(fingerprint);
  await eventually(
    () => services.every(({ client }) => client.keyUsage().primary.fingerprint === newest[0]
      && client.keyUsage().secondary.fingerprint === newest[1]),
    'the services have the newest keys',
  );
  // Whatever began before that is over.
  await turn(callers);
  const settled = (await requests()).at(-1).requestId;
  await turn(callers);
  const journal = await requests();
  callers.forEach((caller) => (caller.wanted = false));
  await Promise.all(callers.map(({ over }) => over));

  assert.ok(callers.every(({ calls }) => calls > ROTATIONS), 'there was load');
  for (const { seen, client } of services) {
    assert.deepEqual(seen.errors, [], 'no call failed');
    // The pair that a call begins with and the pair that the files hold then: four keys, each of them once.
    assert.ok(seen.most >= 2 && seen.most <= 4, `up to ${seen.most} attempts`);
    assert.ok(client.keyUsage().replacements >= ROTATIONS && client.keyUsage().failovers >= 1);
    assert.deepEqual(seen.events.filter(({ name }) => name === 'keysRefused' || name === 'sourceFailed'), []);
    assertNoKey(keys, [client, client.keyUsage(), ...seen.events]);
  }
  // The journal keeps so many entries only; without the last of before, all of it is later.
  const later = journal.slice(journal.findIndex(({ requestId }) => requestId === settled) + 1);
  assert.ok(later.length >= CALLERS, 'there was load to the end');
  assert.deepEqual(later.filter(({ status, fingerprint }) => status === 401 || !newest.includes(fingerprint)), []);
});

test('a call tries each key once, those it learns of on its way too', async () => {
  const { client, files } = service();
  // Known keys are dead, and so is the primary that the files hold by now.
  const keys = [primaryKey, secondaryKey, await generateKey('primary'), await generateKey('secondary')];
  await generateKey('primary');
  files.put('primary', keys[2]);
  files.put('secondary', keys[3]);
  const reply = await client.request('POST', EXCHANGE, { json: { userId: ADMIN } });
  assert.equal(reply.attempts, 4);
  const seen = (await requests()).map(({ status, fingerprint }) => [status, fingerprint]);
  const expected = keys.map((key, number) => [number === 3 ? 200 : 401, fingerprint(key)]);
  assert.deepEqual(seen, expected);
});
