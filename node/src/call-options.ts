/**
 * What every call takes: a signal, and times and retries of its own.
 */
import { anyNumber, wholeNumber } from './arguments.js';
import type { CallSettings } from './native.js';

/** What every call takes. What is not given is as the client has it. */
export interface CallOptions {
  /** Gives the call up: its promise rejects with the signal's reason. Already aborted, nothing is sent. */
  signal?: AbortSignal | undefined;
  /** How long one attempt may take, in milliseconds. */
  timeout?: number | undefined;
  /** How long the whole call may take, over all its attempts and the waits between them, in milliseconds. */
  deadline?: number | undefined;
  /** How often a failed attempt may be followed by another, where that can't do anything twice; 0 to 10. */
  maxRetries?: number | undefined;
}

/** Their names. */
export const callOptions = ['signal', 'timeout', 'deadline', 'maxRetries'] as const;

/** As the core takes them; nothing when the call is as the client has it, which is what most are. */
export function callSettings({ timeout, deadline, maxRetries }: CallOptions): CallSettings | undefined {
  if (timeout === undefined && deadline === undefined && maxRetries === undefined) {
    return undefined;
  }
  return {
    timeout: seconds('timeout', timeout),
    deadline: seconds('deadline', deadline),
    maxRetries: wholeNumber('maxRetries', maxRetries),
  };
}

function seconds(argument: string, milliseconds: unknown): number | undefined {
  const time = anyNumber(argument, milliseconds);
  return time === undefined ? undefined : time / 1000;
}
