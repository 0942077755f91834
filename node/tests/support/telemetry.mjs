// OpenTelemetry as a program sets it up, with exporters within the process. Imported before the first call.
import Module, { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { found } from './development.mjs';

// In a program it is installed beside the package; here it is a development dependency of the workspace.
const api = fileURLToPath(found('@opentelemetry/api'));
const modules = api.slice(0, api.indexOf(join('@opentelemetry', 'api')));
process.env.NODE_PATH = dirname(join(modules, 'x'));
Module._initPaths();

const require = createRequire(join(modules, 'x.js'));
export const { context, metrics, propagation, SpanKind, SpanStatusCode, trace } = require('@opentelemetry/api');
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
const { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } = require('@opentelemetry/core');
const { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } = require('@opentelemetry/sdk-metrics');
const { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace-base');

export const spans = new InMemorySpanExporter();
const measured = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter: measured, exportIntervalMillis: 3_600_000 });

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }));
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }));
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));

/** What was counted so far, by the names of the instruments. */
export async function counted() {
  await reader.forceFlush();
  const last = measured.getMetrics().at(-1);
  const all = last.scopeMetrics.flatMap(({ metrics }) => metrics);
  return Object.fromEntries(all.map(({ descriptor, dataPoints }) => [descriptor.name, { descriptor, dataPoints }]));
}
