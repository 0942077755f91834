// What spans and metrics add to a call in Node, beside what the SDK takes for the same spans and measurements alone.
import Module, { createRequire } from 'node:module';
import { join } from 'node:path';

import { Client } from 'agglestone';

const ROUNDS = 41;
const IN_A_ROUND = 200;
const WARM_UP = 500;

async function measure(run) {
  const round = async () => {
    const start = process.hrtime.bigint();
    for (let number = 0; number < IN_A_ROUND; number++) await run();
    return Math.round(Number(process.hrtime.bigint() - start) / IN_A_ROUND);
  };
  for (const start = Date.now(); Date.now() - start < WARM_UP; ) await round();
  const rounds = [];
  while (rounds.length < ROUNDS) rounds.push(await round());
  return rounds;
}

const client = new Client();
const off = await measure(() => client.getUsers());

// Where the workspace has its development dependencies.
const modules = process.env.AGG_BENCH_MODULES;
process.env.NODE_PATH = modules;
Module._initPaths();
const require = createRequire(join(modules, 'x.js'));
const { context, metrics, propagation, SpanKind, trace } = require('@opentelemetry/api');
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
const { W3CTraceContextPropagator } = require('@opentelemetry/core');
const { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } = require('@opentelemetry/sdk-metrics');
const { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace-base');

const exporter = new InMemorySpanExporter();
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(new W3CTraceContextPropagator());
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
const reader = new PeriodicExportingMetricReader({ exporter: new InMemoryMetricExporter(AggregationTemporality.DELTA), exportIntervalMillis: 3_600_000 });
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));

const on = await measure(async () => {
  await client.getUsers();
  exporter.reset();
});
client.close();

const tracer = trace.getTracer('alone');
const durations = metrics.getMeter('alone').createHistogram('alone');
const attributes = { 'http.request.method': 'GET', 'url.template': 'users', 'server.address': 'a', 'server.port': 1 };
const alone = await measure(() => {
  const call = tracer.startSpan('call');
  const within = trace.setSpan(context.active(), call);
  propagation.inject(within, {});
  const status = { ...attributes, 'http.response.status_code': 200 };
  durations.record(0.001, status);
  durations.record(0.001, attributes);
  const more = { ...status, 'agglestone.credential': 'primary', 'agglestone.key.fingerprint': '00000000' };
  tracer.startSpan('GET users', { kind: SpanKind.CLIENT, attributes: more }, within).end();
  call.setAttributes(attributes);
  call.end();
  exporter.reset();
});

console.log(JSON.stringify({ off, on, alone }));
process.exit();
