/**
 * For tests: what the library holds, and the table its errors are made from.
 */
import './server-only.js';

import { openSession, run } from './dispatch.js';
import { native } from './native.js';
import type { ClientOptions } from './options.js';

/** How many clients and calls exist in this process, over all its threads. 0 when all are closed. */
export function liveHandles(): number {
  return native.liveHandles();
}

/** Every code of the library: its number, its name, and whether a call that ended with it may be tried again. */
export function errorTable(): { number: number; name: string; retryable: boolean }[] {
  return native.errorTable();
}

/** One setting of a client, as the core lists it. */
export interface Setting {
  /** Its name, in snake case. */
  name: string;
  kind: 'text' | 'secret' | 'path' | 'flag' | 'span' | 'number' | 'keySource';
  /** The environment variable behind it. */
  variable: string | null;
  default: string | null;
  /** The smallest and the largest number; a span of time, in seconds, is longer than the first. */
  limits: [number, number] | null;
  /** Whether a call may have another value than its client. */
  perCall: boolean;
}

/** Every setting. */
export function settingsTable(): Setting[] {
  return JSON.parse(native.settingsTable()) as Setting[];
}

/** One method of a client, as the core lists it. */
export interface Method {
  /** Its name, in snake case. */
  name: string;
  /** The names of its arguments, in snake case. */
  arguments: string[];
  /** Whether a user's client has it too. */
  asUser: boolean;
  /** Whether it asks the service, so that it takes options of a call. */
  asks: boolean;
}

/** Everything that a client can do. */
export function methodsTable(): Method[] {
  return JSON.parse(native.methodsTable()) as Method[];
}

/** Fails inside the library, as a bug there would: rejects with an InternalError. Sends nothing. */
export async function testingPanic(options?: ClientOptions): Promise<never> {
  const session = openSession(options ?? {});
  try {
    return await run<object, never>(session, [], undefined, (slot) => session.native.testingPanic(slot), () => {
      throw new Error('it did not fail');
    });
  } finally {
    session.native.close();
    session.hooks.close();
  }
}
