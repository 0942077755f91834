// Arguments and options that can't be meant are refused by name, before anything is sent.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Client, ConfigurationError, InvalidArgumentError } from 'agglestone';

import { rejection, requests, settings, useService } from './support/service.mjs';

const newClient = useService();
const LONE_SURROGATE = 'user-\ud800';
const circular = {};
circular.itself = circular;

const refused = [
  ['a number as an id', 'userId', (client) => client.getUser(7)],
  ['no id', 'userId', (client) => client.getUser()],
  ['null as an id', 'userId', (client) => client.getToken(null)],
  ['a String object as an id', 'userId', (client) => client.getUser(new String('u'))],
  ['half a surrogate pair in an id', 'userId', (client) => client.exchangeApiKeyForToken(LONE_SURROGATE)],
  ['an id that reaches another route', 'userId', (client) => client.getUser('..')],
  ['an empty id', 'userId', (client) => client.getUser('')],
  ['a fractional page size', 'pageSize', (client) => client.getUsers({ pageSize: 1.5 })],
  ['NaN as a page size', 'pageSize', (client) => client.getUsers({ pageSize: NaN })],
  ['a bigint as a page size', 'pageSize', (client) => client.getUsers({ pageSize: 10n })],
  ['text as a page size', 'pageSize', (client) => client.getUsers({ pageSize: '10' })],
  ['a page size over the maximum', 'pageSize', (client) => client.getUsers({ pageSize: 101 })],
  ['page 0', 'pageNumber', (client) => client.getUsers({ pageNumber: 0 })],
  ['a page number beyond all counting', 'pageNumber', (client) => client.getUsers({ pageNumber: 2 ** 53 })],
  ['a page size that is negative zero', 'pageSize', (client) => client.getUsers({ pageSize: -0 })],
  ['null as a page number', 'pageNumber', (client) => client.getUsers({ pageNumber: null })],
  ['an array for options', 'options', (client) => client.getUsers([])],
  ['an option whose getter throws', 'pageSize', (client) => client.getUsers({ get pageSize() { throw new Error('planted'); } })],
  ['a time whose getter throws', 'timeout', (client) => client.getUser('u', { get timeout() { throw new Error('planted'); } })],
  ['a signal whose getter throws', 'signal', (client) => client.getUser('u', { get signal() { throw new Error('planted'); } })],
  ['a time of negative zero', 'deadline', (client) => client.getUser('u', { deadline: -0 })],
  ['an infinite time', 'timeout', (client) => client.getToken('u', { timeout: Infinity })],
  ['a number of retries as text', 'maxRetries', (client) => client.getUser('u', { maxRetries: '1' })],
  ['text for fresh', 'fresh', (client) => client.getToken('u', { fresh: 'yes' })],
  ['an array as an id', 'userId', (client) => client.getUser(['u'])],
  ['half a surrogate pair in a path', 'path', (client) => client.get(`a/${LONE_SURROGATE}`)],
  ['half a surrogate pair in a method', 'method', (client) => client.request(LONE_SURROGATE, 'a')],
  ['half a surrogate pair in the name of a query', 'query', (client) => client.get('a', { query: { [LONE_SURROGATE]: 'a' } })],
  ['half a surrogate pair in a header', 'headers', (client) => client.get('a', { headers: { a: LONE_SURROGATE } })],
  ['half a surrogate pair in the name of a header', 'headers', (client) => client.get('a', { headers: { [LONE_SURROGATE]: 'a' } })],
  ['half a surrogate pair in the user that it is called as', 'userId', async (client) => client.asUser(LONE_SURROGATE)],
  ['half a surrogate pair in a token to forget', 'userId', async (client) => client.forgetToken(LONE_SURROGATE)],
  ['half a surrogate pair in a key', 'primary', async (client) => client.setApiKeys(LONE_SURROGATE)],
  ['half a surrogate pair in the other key', 'secondary', async (client) => client.setApiKeys('k', LONE_SURROGATE)],
  ['a key that is no text', 'primary', async (client) => client.setApiKeys({ primary: 'planted' })],
  ['a query whose getter throws', 'query', (client) => client.get('a', { query: { get a() { throw new Error('planted'); } } })],
  ['headers whose iterator throws', 'headers', (client) => client.get('a', { headers: (function* () { throw new Error('planted'); })() })],
  ['a body whose getter throws', 'json', (client) => client.post('a', { json: { get a() { throw new Error('planted'); } } })],
  ['NaN in a query', 'query', (client) => client.get('a', { query: { a: NaN } })],
  ['a misspelt option', 'pagesize', (client) => client.getUsers({ pagesize: 10 })],
  ['options that are no object', 'options', (client) => client.getUsers(10)],
  ['null for options', 'options', (client) => client.getUser('u', null)],
  ['a signal that is none', 'signal', (client) => client.getUser('u', { signal: {} })],
  ['the wrong method', 'method', (client) => client.request('TRACE', 'a')],
  ['a method that is no text', 'method', (client) => client.request(Symbol('GET'), 'a')],
  ['a path with a query', 'path', (client) => client.get('a?b=c')],
  ['a path that leaves the tenant', 'path', (client) => client.get('../other')],
  ['a query that is no object', 'query', (client) => client.get('a', { query: 'a=b' })],
  ['an object in a query', 'query', (client) => client.get('a', { query: { a: {} } })],
  ['infinity in a query', 'query', (client) => client.get('a', { query: { a: Infinity } })],
  ['half a surrogate pair in a query', 'query', (client) => client.get('a', { query: { a: LONE_SURROGATE } })],
  ['a credential among the headers', 'headers', (client) => client.get('a', { headers: { 'x-api-key': 'x' } })],
  ['a line break in a header', 'headers', (client) => client.get('a', { headers: { a: 'b\r\nc: d' } })],
  ['headers that are no pairs', 'headers', (client) => client.get('a', { headers: ['a'] })],
  ['a circular body', 'json', (client) => client.post('a', { json: circular })],
  ['a bigint in a body', 'json', (client) => client.post('a', { json: { a: 1n } })],
  ['a function as a body', 'json', (client) => client.post('a', { json: () => 1 })],
  ['page size 0 for the iterator', 'pageSize', (client) => client.iterUsers({ pageSize: 0 }).next()],
  ['a misspelt option of the iterator', 'page', (client) => client.iterUsers({ page: 1 }).next()],
];

for (const [what, argument, call] of refused) {
  test(`${what} is refused as ${argument}, and nothing is sent`, async () => {
    // Called outside a try: it must reject and not throw.
    const promise = call(newClient());
    const error = await rejection(promise);
    assert.ok(error instanceof InvalidArgumentError, String(error));
    assert.equal(error.argument, argument);
    assert.ok(error.message.includes(`\`${argument}\``), error.message);
    assert.ok(!error.message.includes('planted'), error.message);
    assert.deepEqual(await requests(), []);
  });
}

function configurationError(options) {
  try {
    new Client(options).close();
  } catch (error) {
    assert.ok(error instanceof ConfigurationError, String(error));
    return error.message;
  }
  assert.fail('this client should have been refused');
}

test('an option that there is none of is refused as it was written, and those that there are are named', () => {
  assert.match(configurationError({ ...settings, tenantID: 'x' }), /"tenantID" is an unknown option; expected one of `tenantId`, `apiKey`/);
  assert.match(configurationError({ ...settings, secondary_api_key: 'x' }), /"secondary_api_key".*`secondaryApiKey`/);
  assert.match(configurationError({ ...settings, colour: 1 }), /"colour".*`tenantId`.*`deadline`/);
});

test('every problem with the options is in one message, and no value is', () => {
  const message = configurationError({ apiKey: ['planted'], timeout: 'planted', allowInsecureHttp: 'planted', usersPath: LONE_SURROGATE });
  for (const option of ['apiKey', 'timeout', 'allowInsecureHttp', 'usersPath']) {
    assert.ok(message.includes(`\`${option}\``), message);
  }
  assert.ok(!message.includes('planted'), message);
});

test('names, types and values are refused together, and what was of no use is not called missing', () => {
  const message = configurationError({ tenantID: 't', timeout: 'soon', baseUrl: 'ftp://x', connectTimeout: 0 });
  for (const expected of [
    /^invalid configuration, 6 problems: /,
    /"tenantID" is an unknown option; expected one of `tenantId`, /,
    /`timeout` must be a number, not a string/,
    /`tenantId` is missing/,
    /`apiKey` is missing/,
    /`baseUrl`/,
    /`connectTimeout` is 0 ms/,
  ]) {
    assert.match(message, expected);
  }
  const useless = configurationError({ tenantId: 7, keySource: 'planted', tenant_id: 't' });
  assert.match(useless, /^invalid configuration, 3 problems: "tenant_id" is an unknown option; expected one of [^;]*; `tenantId` must be a string, not a number; `keySource` must be a function, not a string$/);
});

test('an option whose getter throws is refused by name, and read once otherwise', () => {
  const reads = { get timeout() { throw new Error('planted'); }, get apiKey() { throw null; } };
  const message = configurationError(Object.assign(reads, { colour: 1 }));
  assert.match(message, /`timeout` can't be read.*/);
  assert.match(message, /`apiKey` can't be read/);
  assert.ok(!message.includes('planted'), message);
  let read = 0;
  assert.match(configurationError({ ...settings, get: 1, deadline: 0 }), /"get"/);
  new Client(Object.defineProperty({ ...settings }, 'timeout', { get: () => (read++ === 0 ? 1000 : 'planted'), enumerable: true })).close();
  assert.equal(read, 1);
});

test('what the core refuses is named as it is spelt here', () => {
  const message = configurationError({ ...settings, connectTimeout: -1, baseUrl: 'http://example.com', apiKey: 'planted key' });
  for (const option of ['connectTimeout', 'baseUrl', 'apiKey', 'allowInsecureHttp']) {
    assert.ok(message.includes(`\`${option}\``), message);
  }
  assert.ok(!message.includes('planted'), message);
});

test('messages about times speak milliseconds, as the options do', () => {
  const message = configurationError({ ...settings, connectTimeout: 0, timeout: -1, deadline: NaN, apiKey: 'planted key' });
  for (const given of ['`connectTimeout` is 0 ms', '`timeout` is -1 ms', '`deadline` is NaN ms', '`apiKey`']) {
    assert.ok(message.includes(given), message);
  }
  assert.ok(message.includes('at most 86400000 ms') && !message.includes(' s '), message);
  assert.match(configurationError({ ...settings, timeout: 86_400_001 }), /`timeout` is 86400001 ms/);
  assert.match(configurationError({ ...settings, deadline: Infinity }), /`deadline` is Infinity ms/);
});

test('numbers that count something are whole, and within their limits', () => {
  for (const [options, expected] of [
    [{ tokenCacheSize: 1.5 }, /`tokenCacheSize` must be a whole number, not 1.5/],
    [{ tokenCacheSize: 0 }, /`tokenCacheSize` is 0; 1 to 1000000/],
    [{ tokenCacheSize: 2 ** 53 }, /`tokenCacheSize`/],
    [{ maxRetries: NaN }, /`maxRetries` must be a whole number/],
    [{ maxRetries: 11 }, /`maxRetries` is 11; 0 to 10/],
  ]) {
    assert.match(configurationError({ ...settings, ...options }), expected);
  }
});

test('a key source is a function, and other places for the keys are named with it', () => {
  assert.match(configurationError({ ...settings, keySource: { primary: 'planted' } }), /`keySource` must be a function, not an object/);
  const files = { apiKeyFile: 7, secondaryApiKeyFile: ['planted'], caFile: '/missing/ca.pem' };
  assert.match(configurationError({ ...settings, ...files }), /`apiKeyFile` must be a string.*`secondaryApiKeyFile` must be a string/);
  assert.match(configurationError({ ...settings, caFile: '/missing/ca.pem' }), /`caFile` \/missing\/ca.pem/);
});

test('options that are no object are refused', () => {
  for (const options of [null, 'key', 7, [], ['key']]) {
    assert.match(configurationError(options), /must be an object/);
  }
});

test('an option that is undefined counts as not given', () => {
  new Client({ ...settings, timeout: undefined, appName: undefined }).close();
});
