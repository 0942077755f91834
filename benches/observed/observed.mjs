// What spans and metrics add to a call in Node: what this client does for them, and what the SDK does.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import Module, { createRequire } from 'node:module';
import { join } from 'node:path';

import { Client } from 'agglestone';

const ROUNDS = 41;
const IN_A_ROUND = 200;
const WARM_UP = 500;

/** Nanoseconds of processor time a call, round by round. */
async function measure(run) {
  const round = async () => {
    const start = process.cpuUsage();
    for (let number = 0; number < IN_A_ROUND; number++) await run();
    const { user, system } = process.cpuUsage(start);
    return Math.round(((user + system) * 1e3) / IN_A_ROUND);
  };
  for (const start = Date.now(); Date.now() - start < WARM_UP; ) await round();
  const rounds = [];
  while (rounds.length < ROUNDS) rounds.push(await round());
  return rounds;
}

const client = new Client();
const off = await measure(() => client.getUsers());

// Somebody is told of each call and does nothing with it.
const listener = () => {};
subscribe('agglestone:call:end', listener);
const quiet = await measure(() => client.getUsers());
unsubscribe('agglestone:call:end', listener);

// Where the workspace has its development dependencies.
const modules = process.env.AGG_BENCH_MODULES;
process.env.NODE_PATH = modules;
Module._initPaths();
const require = createRequire(join(modules, 'x.js'));
const { context, metrics, propagation, trace } = require('@opentelemetry/api');
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

console.log(JSON.stringify({ off, quiet, on }));
process.exit();
