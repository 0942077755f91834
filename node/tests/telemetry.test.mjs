// Calls as spans and metrics of OpenTelemetry, seen by exporters within the process, and as messages of node:diagnostics_channel.
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createServer } from 'node:http';
import { afterEach, test } from 'node:test';

import { NotFoundError } from 'agglestone';

import { assertNoKey } from './support/keys.mjs';
import { ADMIN, fault, generateKey, primaryKey, rejection, secondaryKey, useService } from './support/service.mjs';
import { context, counted, propagation, SpanKind, spans, SpanStatusCode, trace } from './support/telemetry.mjs';
import { program } from './support/programs.mjs';

const newClient = useService();
const SERVER = ['server.address', 'server.port'];
const ROUTE = [...SERVER, 'http.request.method', 'url.template', 'error.type'];
/** What tells series apart: of each there is a bounded number of values. */
const SERIES = {
  'http.client.request.duration': [...ROUTE, 'http.response.status_code'],
  'agglestone.call.duration': [...ROUTE, 'agglestone.token'],
  'agglestone.failovers': SERVER,
};

const tracer = trace.getTracer('test');

afterEach(async () => {
  const texts = spans.getFinishedSpans().map(({ name, attributes }) => `${name} ${JSON.stringify(attributes)}`);
  const instruments = await counted();
  texts.push(JSON.stringify(instruments));
  for (const [name, { dataPoints }] of Object.entries(instruments)) {
    for (const { attributes } of dataPoints) {
      assert.deepEqual(Object.keys(attributes).filter((attribute) => !SERIES[name]?.includes(attribute)), [], name);
    }
  }
  assertNoKey([primaryKey, secondaryKey, ADMIN, 'planted'], texts);
  spans.reset();
});

/** The span of the one call, and those of its attempts. */
function exported() {
  const all = spans.getFinishedSpans();
  const calls = all.filter(({ name }) => name.startsWith('agglestone'));
  assert.equal(calls.length, 1);
  const attempts = all.filter(({ kind }) => kind === SpanKind.CLIENT);
  for (const attempt of attempts) {
    assert.equal(parentOf(attempt), calls[0].spanContext().spanId);
    const times = [calls[0].startTime, attempt.startTime, attempt.endTime, calls[0].endTime];
    const sorted = [...times].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    assert.deepEqual(times, sorted);
  }
  return { call: calls[0], attempts };
}

const parentOf = ({ parentSpanContext }) => parentSpanContext?.spanId;
const of = ({ attributes }, ...names) => names.map((name) => attributes[name]);

test('a call that is retried is a span with one for each attempt, in the span that is current', async () => {
  await fault({ path: '*/Users/*', status: 503, times: 1 });
  const client = newClient();
  const ours = await tracer.startActiveSpan('ours', async (span) => {
    await client.getUser(ADMIN);
    span.end();
    return span;
  });
  const { call, attempts } = exported();
  assert.equal(call.name, 'agglestone GET users/{userId}');
  assert.equal(parentOf(call), ours.spanContext().spanId);
  assert.deepEqual(of(call, 'agglestone.attempts', 'agglestone.failovers', 'error.type'), [2, 0, undefined]);
  const names = ['http.request.method', 'url.template', 'http.response.status_code', 'http.request.resend_count', 'error.type'];
  assert.deepEqual(of(attempts[0], ...names), ['GET', 'users/{userId}', 503, undefined, '503']);
  assert.deepEqual(of(attempts[1], ...names), ['GET', 'users/{userId}', 200, 1, undefined]);
  assert.equal(attempts[0].status.code, SpanStatusCode.ERROR);
  const { hostname, port } = new URL(client.tenantUrl);
  const [address, number, credential, fingerprint, wait] = of(
    attempts[1],
    'server.address',
    'server.port',
    'agglestone.credential',
    'agglestone.key.fingerprint',
    'agglestone.connection_wait',
  );
  assert.deepEqual([address, number, credential, fingerprint.length, typeof wait], [hostname, Number(port), 'primary', 8, 'number']);
});

test('a failover shows both keys', async () => {
  await generateKey('primary');
  await newClient({ secondaryApiKey: secondaryKey }).getUsers();
  const { call, attempts } = exported();
  assert.deepEqual(of(call, 'agglestone.failovers'), [1]);
  const seen = attempts.map((attempt) => of(attempt, 'http.response.status_code', 'agglestone.credential'));
  assert.deepEqual(seen, [[401, 'primary'], [200, 'secondary']]);
  assert.ok((await counted())['agglestone.failovers'].dataPoints[0].value >= 1);
});

test("a user's call has the exchange that it began, the next one the cache, and a refused token is replaced", async () => {
  const user = newClient().asUser(ADMIN);
  await user.getUser(ADMIN);
  let { call, attempts } = exported();
  assert.deepEqual(of(call, 'agglestone.token'), ['exchange']);
  assert.deepEqual(attempts.map(({ name }) => name), ['POST v2.0/Auth/token-exchange', 'GET users/{userId}']);
  assert.deepEqual(of(attempts[1], 'agglestone.credential', 'agglestone.key.fingerprint'), ['token', undefined]);
  spans.reset();
  await user.getUser(ADMIN);
  ({ call, attempts } = exported());
  assert.deepEqual([...of(call, 'agglestone.token'), attempts.length], ['cache', 1]);
  spans.reset();
  await fault({ path: '*/Users/*', status: 401, times: 1 });
  await user.getUser(ADMIN);
  ({ call, attempts } = exported());
  assert.deepEqual(of(call, 'agglestone.token'), ['exchange']);
  assert.deepEqual(attempts.map((attempt) => of(attempt, 'http.response.status_code')[0]), [401, 200, 200]);
});

test("a user's call says how the token store is", async () => {
  const store = { tokenStore: 'redis://127.0.0.1:1', tokenStoreKey: 'planted-'.repeat(5) };
  for (const [settings, state] of [[{}, undefined], [store, 'down']]) {
    await newClient(settings).asUser(ADMIN).getUser(ADMIN);
    assert.deepEqual(of(exported().call, 'agglestone.token_store'), [state]);
    spans.reset();
  }
});

test('a failed, a timed-out and an aborted call end their spans with the error', async () => {
  const client = newClient({ maxRetries: 0 });
  assert.ok((await rejection(client.getUser('planted-nobody'))) instanceof NotFoundError);
  let { call, attempts } = exported();
  assert.deepEqual([...of(call, 'error.type'), ...of(attempts[0], 'error.type')], ['NOT_FOUND', '404']);
  assert.equal(call.status.code, SpanStatusCode.ERROR);

  spans.reset();
  await fault({ path: '*/Users', delayMs: 300_000, times: 2 });
  assert.equal((await rejection(client.getUsers({ timeout: 100 }))).code, 'AGG_TIMEOUT');
  ({ call, attempts } = exported());
  assert.deepEqual([...of(call, 'error.type'), ...of(attempts[0], 'error.type')], ['TIMEOUT', 'TIMEOUT']);

  spans.reset();
  const controller = new AbortController();
  const aborted = client.getUsers({ signal: controller.signal });
  setTimeout(() => controller.abort(), 100);
  await rejection(aborted);
  ({ call, attempts } = exported());
  assert.deepEqual([...of(call, 'error.type'), ...of(attempts[0], 'error.type')], ['CANCELLED', 'CANCELLED']);
});

test('requests are counted in seconds, with bounded attributes', async () => {
  const client = newClient();
  for (const { userId } of (await client.getUsers()).data) {
    await client.getUser(userId);
    await client.get(`api/v2.0/Users/${userId}`);
  }
  const { 'http.client.request.duration': requests, 'agglestone.call.duration': calls } = await counted();
  assert.equal(requests.descriptor.unit, 's');
  assert.equal(requests.dataPoints[0].value.buckets.boundaries[0], 0.005);
  const routes = new Set(requests.dataPoints.map(({ attributes }) => attributes['url.template']));
  assert.ok(routes.has('users/{userId}') && routes.has('api/v2.0/Users/{id}'));
  assert.ok(requests.dataPoints.length < 20 && calls.dataPoints.length < 20);
});

test('one trace and its baggage cross the client to a second service, each for itself at the same time', async (t) => {
  const seen = [];
  const second = createServer(({ headers }, response) => {
    const parent = propagation.extract(context.active(), headers);
    tracer.startSpan('second service', {}, parent).end();
    seen.push(headers.baggage);
    response.setHeader('content-type', 'application/json').end('{"data":[]}');
  });
  await new Promise((listening) => second.listen(0, '127.0.0.1', listening));
  t.after(() => second.close());
  const client = newClient({ baseUrl: `http://127.0.0.1:${second.address().port}` });
  const within = (name) => {
    const shop = propagation.setBaggage(context.active(), propagation.createBaggage({ shop: { value: name } }));
    return context.with(shop, () =>
      tracer.startActiveSpan(name, async (span) => {
        await client.getUsers();
        span.end();
        return span.spanContext().traceId;
      }),
    );
  };
  const traces = await Promise.all([within('a'), within('b')]);
  assert.deepEqual(seen.sort(), ['shop=a', 'shop=b']);
  const all = spans.getFinishedSpans();
  for (const traceId of traces) {
    const own = all.filter((span) => span.spanContext().traceId === traceId);
    const byName = Object.fromEntries(own.map((span) => [span.name, span]));
    const call = byName['agglestone GET users'].spanContext().spanId;
    assert.equal(own.length, 4);
    assert.equal(parentOf(byName['second service']), call);
    assert.equal(parentOf(byName['GET users']), call);
  }
});

test('subscribers of the channels may name the trace and are told of the account and the error', async (t) => {
  const told = [];
  const listeners = {
    start: ({ trace }) => told.push(['start', Object.keys(trace)]),
    end: ({ account, error }) => {
      assert.ok(account.attempts.every(({ start, duration }) => start + duration <= account.duration));
      told.push(['end', account.route, account.attempts.length, error?.code]);
    },
    error: ({ error }) => told.push(['error', error.code]),
  };
  for (const [name, listener] of Object.entries(listeners)) {
    subscribe(`agglestone:call:${name}`, listener);
    t.after(() => unsubscribe(`agglestone:call:${name}`, listener));
  }
  const client = newClient();
  await client.getUsers();
  await rejection(client.getUser('planted-nobody'));
  await rejection(client.getUser('..'));
  assert.deepEqual(told, [
    ['start', ['traceparent']],
    ['end', 'users', 1, undefined],
    ['start', ['traceparent']],
    ['error', 'AGG_NOT_FOUND'],
    ['end', 'users/{userId}', 1, 'AGG_NOT_FOUND'],
    ['start', ['traceparent']],
    ['error', 'AGG_INVALID_ARGUMENT'],
    ['end', '', 0, 'AGG_INVALID_ARGUMENT'],
  ]);
});

test('what a subscriber sets as a trace may be anything', async (t) => {
  const listener = ({ trace }) => Object.assign(trace, { traceparent: 42, tracestate: 'a\r\nb', baggage: {} });
  subscribe('agglestone:call:start', listener);
  t.after(() => unsubscribe('agglestone:call:start', listener));
  assert.ok((await newClient().getUsers()).data.length > 0);
});

test('a program that does not use OpenTelemetry never loads it', async () => {
  const { output } = await program(`
    import { createRequire } from 'node:module';
    import { Client } from 'agglestone';
    await new Client().getUsers();
    const { cache } = createRequire(import.meta.url);
    console.log(Object.keys(cache).filter((file) => file.includes('opentelemetry')).length);`);
  assert.equal(output, '0');
});
