// Keys in files: read when the client is made, when they change, and when they are refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Client, ConfigurationError } from 'agglestone';

import { assertNoKey, keyFolder } from './support/keys.mjs';
import { program } from './support/programs.mjs';
import {
  eventually,
  fingerprint,
  generateKey,
  primaryKey,
  rejection,
  secondaryKey,
  settings,
  useService,
} from './support/service.mjs';

const newClient = useService();
const files = keyFolder();
const fromFiles = (more) =>
  newClient({ apiKey: undefined, apiKeyFile: files.path('primary'), secondaryApiKeyFile: files.path('secondary'), ...more });

/** Both files as they should be. */
function mount() {
  files.put('primary', `${primaryKey}\n`);
  files.put('secondary', secondaryKey);
}

test('keys are read from files, with or without a line break at the end', async () => {
  mount();
  const client = fromFiles();
  assert.equal((await client.getUsers()).pageNumber, 1);
  const { primary, secondary } = client.keyUsage();
  assert.deepEqual([primary.fingerprint, secondary.fingerprint], [primaryKey, secondaryKey].map(fingerprint));
});

test('the environment names the files as well', async () => {
  mount();
  const { code, output, errors } = await program(
    `
    import { Client } from 'agglestone';
    const client = new Client();
    await client.getUsers();
    const { primary, secondary } = client.keyUsage();
    console.log(primary.fingerprint, secondary.fingerprint);
    `,
    {
      env: {
        AGGLESTONE_API_KEY: '',
        AGGLESTONE_API_KEY_FILE: files.path('primary'),
        AGGLESTONE_SECONDARY_API_KEY_FILE: files.path('secondary'),
      },
    },
  );
  const expected = [primaryKey, secondaryKey].map(fingerprint).join(' ');
  assert.deepEqual({ code, output, errors }, { code: 0, output: expected, errors: '' });
});

test('files that make no sense are refused when the client is made, by the name of the option', () => {
  files.put('empty', '');
  files.put('two', 'planted-one\nplanted-two\n');
  const { apiKey: _, ...rest } = settings;
  const refused = (options) => {
    let message;
    assert.throws(() => new Client({ ...rest, ...options }).close(), (error) => {
      message = error.message;
      return error instanceof ConfigurationError;
    });
    return message;
  };
  assert.match(refused({ apiKeyFile: files.path('missing') }), /`apiKeyFile`.*missing/);
  assert.match(refused({ apiKeyFile: files.path('empty') }), /`apiKeyFile`.*empty/);
  assert.match(refused({ apiKeyFile: 7 }), /`apiKeyFile` must be a string/);
  assert.match(refused({ apiKey: 'planted', apiKeyFile: files.path('two') }), /`apiKey`.*both/);
  const both = refused({ apiKeyFile: files.path('two'), secondaryApiKeyFile: files.path('missing') });
  assert.match(both, /2 problems: .*`apiKeyFile`.*`secondaryApiKeyFile`/);
  assert.ok(!both.includes('planted'), both);
});

test('a file that changes is noticed without a refusal', async () => {
  mount();
  const client = fromFiles();
  await client.getUsers();
  // The primary is taken out of use while it still works.
  files.put('primary', secondaryKey);
  files.put('secondary', primaryKey);
  await eventually(async () => {
    await client.getUsers({ pageSize: 1 });
    return client.keyUsage().primary.fingerprint === fingerprint(secondaryKey);
  }, 'the changed files are read');
  const { replacements, primary, secondary } = client.keyUsage();
  assert.deepEqual([replacements, primary.refusals, secondary.refusals], [1, 0, 0]);
});

test('files are read at once when every key was refused, within the call', async () => {
  mount();
  const client = fromFiles();
  const fresh = [await generateKey('primary'), await generateKey('secondary')];
  files.put('primary', fresh[0]);
  files.put('secondary', fresh[1]);
  const reply = await client.get('api/v2.0/Users');
  assert.deepEqual([reply.status, reply.attempts], [200, 3]);
  assert.equal(client.keyUsage().primary.fingerprint, fingerprint(fresh[0]));
});

test('a file that is gone or spoilt leaves the keys in use, and is told once', async () => {
  mount();
  const client = fromFiles();
  const events = [];
  client.on('event', (event) => events.push(event));
  for (const spoil of [() => files.remove('primary'), () => files.put('primary', 'planted key')]) {
    const known = events.length;
    spoil();
    await eventually(async () => {
      await client.getUsers({ pageSize: 1 });
      return events.length > known;
    }, 'the spoilt file is noticed');
  }
  assert.deepEqual(events.map(({ name }) => name), ['sourceFailed', 'sourceFailed']);
  assert.ok(events.every(({ reason }) => reason.includes(files.path('primary'))));
  assertNoKey(['planted', primaryKey, secondaryKey], events);
  assert.equal(client.keyUsage().replacements, 0);
});

test('keys that the files do not make good either end in an error with every fingerprint', async () => {
  mount();
  const client = fromFiles();
  await generateKey('primary');
  await generateKey('secondary');
  const error = await rejection(client.getUsers());
  assert.deepEqual([error.code, error.attempts], ['AGG_UNAUTHORIZED', 2]);
  for (const key of [primaryKey, secondaryKey]) {
    assert.ok(error.message.includes(fingerprint(key)), error.message);
  }
});
