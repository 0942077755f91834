// What spans and metrics add to a call in Node, with exporters within the process.
//
// `off`: nobody watches. `on`: two spans and two measurements a call. `hand`: the same two and two, made by the program around a
// call that the client does not watch.
import Module, { createRequire } from 'node:module';
import { join } from 'node:path';

import { Client } from 'agglestone';
import { awaited, pageSize, way } from './measure.mjs';

// Where the workspace has its development dependencies. Where the client can't find them, it watches nothing.
const modules = process.env.AGG_BENCH_MODULES;
if (way === 'on') {
  process.env.NODE_PATH = modules;
  Module._initPaths();
}
const require = createRequire(join(modules, 'x.js'));

function watch() {
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
  return exporter;
}

function byHand(exporter, getUsers) {
  const { context, metrics, propagation, SpanKind, trace } = require('@opentelemetry/api');
  const tracer = trace.getTracer('by hand');
  const meter = metrics.getMeter('by hand');
  const [calls, requests] = ['calls', 'requests'].map((name) => meter.createHistogram(name));
  const ofCall = () => ({ 'http.request.method': 'GET', 'url.template': 'users', 'server.address': '127.0.0.1', 'server.port': 80 });
  const ofRequest = () => {
    const attributes = ofCall();
    attributes['http.response.status_code'] = 200;
    return attributes;
  };
  return async () => {
    const startTime = Date.now();
    const call = tracer.startSpan('agglestone', { startTime });
    const within = trace.setSpan(context.active(), call);
    propagation.inject(within, {});
    await getUsers();
    const endTime = Date.now();
    const seconds = (endTime - startTime) / 1e3;
    requests.record(seconds, ofRequest(), within);
    const attributes = ofRequest();
    attributes['agglestone.credential'] = 'primary';
    attributes['agglestone.key.fingerprint'] = '2f72fd8f';
    attributes['agglestone.request_id'] = '4bf92f3577b34da6a3ce929d0e0e4736';
    attributes['agglestone.connection_wait'] = 0.001;
    tracer.startSpan('GET users', { kind: SpanKind.CLIENT, attributes, startTime }, within).end(endTime);
    calls.record(seconds, ofCall(), within);
    call.updateName('agglestone GET users');
    call.setAttributes(ofCall());
    call.setAttribute('agglestone.attempts', 1);
    call.setAttribute('agglestone.failovers', 0);
    call.end(endTime);
    exporter.reset();
  };
}

const client = new Client();
const getUsers = () => client.getUsers({ pageSize });
if (way === 'off') {
  await awaited(getUsers);
} else {
  const exporter = watch();
  const observed = async () => {
    await getUsers();
    exporter.reset();
  };
  await awaited(way === 'hand' ? byHand(exporter, getUsers) : observed);
}
// A reader of metrics waits for its next export.
process.exit();
