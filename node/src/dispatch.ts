/**
 * Calls under way in this JavaScript environment: each has a slot, and a drain settles all that have ended at once.
 * Events and questions of the sessions come the same way.
 */
import { whenAborted } from './abort.js';
import { abortSignal, checkedOptions } from './arguments.js';
import { type CallOptions, callSettings } from './call-options.js';
import { type AgglestoneError, guarded, toError } from './errors.js';
import { Hooks, hooksOf } from './hooks.js';
import {
  type CallSettings,
  type ErrorData,
  type EventData,
  type KeyQuestion,
  native,
  type NativeBridge,
  type NativeSession,
} from './native.js';
import { observe, type Observed } from './observe.js';
import { type ClientOptions, toSettings } from './options.js';
import type { Signal } from './web.js';

/** What a client holds. */
export interface Session {
  readonly native: NativeSession;
  readonly hooks: Hooks;
}

/** A call that waits for its outcome. */
interface Call {
  settle: (call: Call) => void;
  // Keeps the session from being collected, which would close it, while a promise of it is awaited.
  session: Session;
  stopListening: (() => void) | undefined;
  observed: Observed | undefined;
  body: unknown;
  rest: unknown;
}

const EVENT = -1;
const QUESTION = -2;

const calls: (Call | undefined)[] = [];
const freeSlots: number[] = [];
// Made with the first client: a program that only imports this has nothing running.
let bridge: NativeBridge | undefined;
let clients = 0;

/** A session of this environment. Throws a ConfigurationError. */
export function openSession(options: ClientOptions): Session {
  const { settings, keySource } = toSettings(options);
  const client = ++clients;
  const to = (bridge ??= new native.NativeBridge(drain));
  const opened = guarded(() => native.openSession(to, { ...settings, client }));
  // Not by `instanceof`: a second copy of the package in the process replaces the class that the addon makes.
  if ('number' in opened) {
    throw toError(opened);
  }
  return { native: opened, hooks: new Hooks(client, keySource) };
}

/** Starts a call in the slot it is given, with what it does differently from its client, and its checked options. */
export type Begin<Options> = (slot: number, settings: CallSettings | undefined, options: Options) => ErrorData | null;

/**
 * Runs one call that `begin` starts; `read` makes the result.
 *
 * Arguments are checked in here and errors are made in here because this function is asynchronous: the first reject
 * instead of being thrown, and the stack traces of the others lead to whoever awaits.
 */
export async function run<Options extends CallOptions, T>(
  session: Session,
  known: readonly (keyof Options & string)[],
  options: Options | undefined,
  begin: Begin<Options>,
  read: (body: unknown, rest: unknown) => T,
): Promise<T> {
  const given = checkedOptions(known, options);
  const signal = abortSignal(given.signal);
  if (signal?.aborted) {
    throw signal.reason;
  }
  const observed = observe();
  if (observed === undefined) {
    return result(await outcome(session, given, signal, begin, undefined), read);
  }
  try {
    const answer = result(await outcome(session, given, signal, begin, observed), read);
    observed.end();
    return answer;
  } catch (error) {
    observed.fail(error);
    throw error;
  }
}

/** Starts a call and waits for what it comes to. */
function outcome<Options extends CallOptions>(
  session: Session,
  given: Options,
  signal: Signal | undefined,
  begin: Begin<Options>,
  observed: Observed | undefined,
): Promise<Call> {
  return new Promise<Call>((resolve, reject) => {
    const slot = freeSlots.pop() ?? calls.length;
    // Taken before `begin`, whose arguments may have getters that start calls of their own.
    const call: Call = { settle: resolve, session, stopListening: undefined, observed, body: null, rest: null };
    calls[slot] = call;
    if (observed !== undefined) {
      const { traceparent, tracestate, baggage } = observed.trace;
      session.native.observe(slot, text(traceparent), text(tracestate), text(baggage));
    }
    const refused = tryToBegin(begin, slot, given);
    if (refused !== undefined) {
      if (observed !== undefined) {
        session.native.stopObserving(slot);
      }
      free(slot);
      reject(refused);
    } else if (signal !== undefined) {
      call.stopListening = whenAborted(signal, () => {
        // The slot stays taken until the cancelled call comes out of the drain.
        session.native.cancel(slot);
        if (observed !== undefined) {
          observed.account = session.native.account(slot) ?? undefined;
        }
        reject(signal.reason);
      });
    }
  });
}

/** What a subscriber puts there may be anything: a trace that can't be passed on must fail no call. */
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function result<T>({ body, rest }: Call, read: (body: unknown, rest: unknown) => T): T {
  if (body === null) {
    throw toError(rest as ErrorData);
  }
  return read(body, rest);
}

function tryToBegin<Options extends CallOptions>(
  begin: Begin<Options>,
  slot: number,
  options: Options,
): Error | undefined {
  try {
    const refused = guarded(() => begin(slot, callSettings(options), options));
    return refused === null ? undefined : toError(refused);
  } catch (error) {
    return error as AgglestoneError;
  }
}

function drain(): void {
  const items = bridge!.drain();
  for (let index = 0; index < items.length; index += 4) {
    const slot = items[index] as number;
    if (slot < 0) {
      notice(slot, items[index + 1] as number, items[index + 2]);
      continue;
    }
    const call = free(slot)!;
    call.body = items[index + 1];
    call.rest = items[index + 2];
    if (call.observed !== undefined) {
      call.observed.account = items[index + 3] as string;
    }
    call.stopListening?.();
    call.settle(call);
  }
}

function notice(what: number, client: number, data: unknown): void {
  const hooks = hooksOf(client);
  if (what === EVENT) {
    hooks?.tell(data as EventData);
  } else if (what === QUESTION && hooks !== undefined) {
    void hooks.ask(data as KeyQuestion);
  } else if (what === QUESTION) {
    (data as KeyQuestion).fail('the client was closed');
  }
}

function free(slot: number): Call | undefined {
  const call = calls[slot];
  calls[slot] = undefined;
  freeSlots.push(slot);
  return call;
}
