/**
 * What every call takes: a signal, and times and retries of its own.
 */
import { anyNumber, bare, wholeNumber } from './arguments.js';
import type { CallSettings } from './native.js';
import type { Signal } from './web.js';

/** What every call takes. What is not given is as the client has it. */
export interface CallOptions {
  /** An `AbortSignal` that gives the call up: its promise rejects with the signal's reason. Already aborted, nothing is sent. */
  signal?: Signal | undefined;
  /**
   * How long establishing a connection may take, in milliseconds. Calls with another time than the client's use connections
   * of their own, kept for a few different times.
   */
  connectTimeout?: number | undefined;
  /** How long one attempt may take, from connecting to the last byte of the answer, in milliseconds. */
  timeout?: number | undefined;
  /** How long the whole call may take, over all its attempts and the waits between them, in milliseconds. */
  deadline?: number | undefined;
  /** How often a failed attempt is retried, only when that can't duplicate an action; 0 to 10. */
  maxRetries?: number | undefined;
}

/** How each that the core takes is checked. The compiler knows when one is missing here. */
const checks: Readonly<Record<Exclude<keyof CallOptions, 'signal'>, typeof anyNumber>> = {
  connectTimeout: anyNumber,
  timeout: anyNumber,
  deadline: anyNumber,
  maxRetries: wholeNumber,
};
const entries = Object.entries(checks) as [keyof typeof checks, typeof anyNumber][];

/** Their names. */
export const callOptions = ['signal', ...entries.map(([name]) => name)] as const;

/** As the core takes them; nothing when the call is as the client has it, which is what most are. */
export function callSettings(options: CallOptions): CallSettings | undefined {
  let settings: CallSettings | undefined;
  for (const [name, check] of entries) {
    const value = check(name, options[name]);
    if (value !== undefined) {
      (settings ??= bare<CallSettings>())[name] = value;
    }
  }
  return settings;
}
