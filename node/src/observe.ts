/**
 * Calls as spans and metrics of OpenTelemetry, where the program uses it, and as messages of `node:diagnostics_channel`.
 */
import { channel } from 'node:diagnostics_channel';
import { performance } from 'node:perf_hooks';

import { type AttemptAccount, type CallAccount, readAccount, unbegun } from './account.js';
import { AgglestoneError } from './errors.js';

/** The trace that a call belongs to: values of the headers that each attempt sends, unless the caller sets that header. */
export interface TraceContext {
  traceparent?: string;
  /** Counts with a `traceparent` only. */
  tracestate?: string;
  baggage?: string;
}

/**
 * A call, as subscribers of `agglestone:call:start`, `agglestone:call:end` and `agglestone:call:error` are told of it: the same object
 * each time.
 */
export interface CallMessage {
  /** May be changed by a subscriber of the start. */
  readonly trace: TraceContext;
  /** There from the end on. */
  account?: CallAccount;
  /** There from the error on, which comes before the end. */
  error?: unknown;
}

/** A call that somebody watches. */
export interface Observed {
  readonly trace: TraceContext;
  /** For `readAccount`. */
  account: string | undefined;
  end(): void;
  fail(error: unknown): void;
}

const start = channel('agglestone:call:start');
const end = channel('agglestone:call:end');
const failed = channel('agglestone:call:error');

/** Begins to watch a call that is about to start, in the context that is current; nothing where nobody is interested. */
export function observe(): Observed | undefined {
  const telemetry = openTelemetry();
  return telemetry === undefined && !start.hasSubscribers && !end.hasSubscribers && !failed.hasSubscribers
    ? undefined
    : new Observation(telemetry);
}

class Observation implements Observed {
  readonly trace: TraceContext = {};
  account: string | undefined;
  readonly #message: CallMessage = { trace: this.trace };
  readonly #span: CallSpan | undefined;

  constructor(telemetry: Telemetry | undefined) {
    this.#span = telemetry === undefined ? undefined : telemetry.begin(this.trace);
    start.publish(this.#message);
  }

  end(): void {
    this.#ended(undefined);
  }

  fail(error: unknown): void {
    this.#message.error = error;
    failed.publish(this.#message);
    this.#ended(error instanceof AgglestoneError ? error.code.replace('AGG_', '') : 'CANCELLED');
  }

  #ended(error: string | undefined): void {
    const account = this.account === undefined ? unbegun : readAccount(this.account);
    this.#message.account = account;
    end.publish(this.#message);
    this.#span?.end(account, error);
  }
}

/** What is used of `@opentelemetry/api`. */
type Api = typeof import('@opentelemetry/api');
type Attributes = Record<string, string | number>;

interface Telemetry {
  begin(trace: TraceContext): CallSpan;
}

interface CallSpan {
  /** `error` is the name of what the caller got; the account of a call that was given up may still be open. */
  end(account: CallAccount, error: string | undefined): void;
}

/** A program that uses OpenTelemetry has left this behind. Its own package is not loaded where nobody does. */
const registered = Symbol.for('opentelemetry.js.api.1');
let loaded: Telemetry | null | undefined;

function openTelemetry(): Telemetry | undefined {
  if (loaded === undefined) {
    if ((globalThis as Record<symbol, unknown>)[registered] === undefined) {
      return undefined;
    }
    loaded = load();
  }
  return loaded ?? undefined;
}

function load(): Telemetry | null {
  try {
    return telemetryOf(require('@opentelemetry/api') as Api);
  } catch {
    // It can't be found from here, as with a package manager that keeps packages apart.
    return null;
  }
}

function telemetryOf(api: Api): Telemetry {
  const { version } = require('../package.json') as { version: string };
  const tracer = api.trace.getTracer('agglestone', version);
  const meter = api.metrics.getMeter('agglestone', version);
  const advice = { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] };
  const requests = meter.createHistogram('http.client.request.duration', {
    unit: 's',
    description: 'Duration of HTTP client requests.',
    advice,
  });
  const calls = meter.createHistogram('agglestone.call.duration', {
    unit: 's',
    description: 'Duration of calls, over all their attempts.',
    advice,
  });
  const failovers = meter.createCounter('agglestone.failovers', {
    unit: '{failover}',
    description: 'Calls that went on with the other API key.',
  });

  return {
    begin(trace) {
      const began = now();
      const span = tracer.startSpan('agglestone', { startTime: time(began) });
      const context = api.trace.setSpan(api.context.active(), span);
      api.propagation.inject(context, trace);
      return {
        end(account, error) {
          const ended = now();
          const { method, route, token } = account;
          const isRecording = span.isRecording();
          for (const attempt of account.attempts) {
            endAttempt(account, attempt, began, ended, error, isRecording ? context : undefined);
          }
          if (method !== '') {
            const attributes = attributesOf(account, method, route, error);
            if (token !== undefined) attributes['agglestone.token'] = token;
            calls.record((ended - began) / 1e3, attributes, context);
            span.updateName(`agglestone ${method} ${route}`);
            span.setAttributes(attributes);
          } else if (error !== undefined) {
            span.setAttribute('error.type', error);
          }
          if (account.failovers > 0) {
            const shared = { 'server.address': account.serverAddress, 'server.port': account.serverPort };
            failovers.add(account.failovers, shared, context);
          }
          if (account.tokenStore !== undefined) span.setAttribute('agglestone.token_store', account.tokenStore);
          span.setAttribute('agglestone.attempts', account.attempts.length);
          span.setAttribute('agglestone.failovers', account.failovers);
          if (error !== undefined) span.setStatus({ code: api.SpanStatusCode.ERROR });
          span.end(time(ended));
        },
      };
    },
  };

  function endAttempt(
    account: CallAccount,
    attempt: AttemptAccount,
    callBegan: number,
    callEnded: number,
    callError: string | undefined,
    context: ReturnType<Api['context']['active']> | undefined,
  ): void {
    const { method, route, duration, status, resends } = attempt;
    const began = callBegan + attempt.start / 1e3;
    // One under way was given up with its call.
    const ended = duration === undefined ? Math.max(began, callEnded) : began + duration / 1e3;
    const error = duration === undefined ? callError : attempt.errorType;
    const metric = attributesOf(account, method, route, error, status);
    requests.record((ended - began) / 1e3, metric, context ?? api.context.active());
    if (context === undefined) {
      return;
    }
    // Not the metric's: the SDK keeps the first object of a series, and no series may have a request's id.
    const attributes = attributesOf(account, method, route, error, status);
    if (resends > 0) attributes['http.request.resend_count'] = resends;
    if (attempt.credential !== undefined) attributes['agglestone.credential'] = attempt.credential;
    if (attempt.fingerprint !== undefined) attributes['agglestone.key.fingerprint'] = attempt.fingerprint;
    if (attempt.requestId !== undefined) attributes['agglestone.request_id'] = attempt.requestId;
    if (attempt.connectionWait !== undefined) attributes['agglestone.connection_wait'] = attempt.connectionWait / 1e6;
    const options = { kind: api.SpanKind.CLIENT, attributes, startTime: time(began) };
    const span = tracer.startSpan(`${method} ${route}`, options, context);
    if (error !== undefined) span.setStatus({ code: api.SpanStatusCode.ERROR });
    span.end(time(ended));
  }
}

/** What calls and attempts say, in spans and metrics. Made anew each time: a copy that grows takes fifty times as long. */
function attributesOf(account: CallAccount, method: string, route: string, error?: string, status?: number): Attributes {
  const attributes: Attributes = {
    'http.request.method': method,
    'url.template': route,
    'server.address': account.serverAddress,
    'server.port': account.serverPort,
  };
  if (status !== undefined) attributes['http.response.status_code'] = status;
  if (error !== undefined) attributes['error.type'] = error;
  return attributes;
}

/** Milliseconds since 1970, with fractions. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

/** Seconds and nanoseconds: a double holds milliseconds since 1970 to the quarter of a microsecond. */
function time(milliseconds: number): [number, number] {
  const seconds = Math.trunc(milliseconds / 1e3);
  return [seconds, Math.round((milliseconds - seconds * 1e3) * 1e6)];
}
