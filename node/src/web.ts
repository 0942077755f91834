/**
 * What comes from the web's standards, declared so that a program needs neither the types of Node nor those of the DOM.
 */

/** An `AbortSignal`, as far as it is listened to here. */
export interface Signal {
  /** Whether it was aborted. */
  readonly aborted: boolean;
  /** What a call then rejects with. */
  readonly reason?: unknown;
  /** Listens for its abort. */
  addEventListener(type: 'abort', listener: () => void): void;
  /** Takes that back. */
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** The `Headers` of the web, where a program has their types; what they are read with, where it has not. */
export type ReplyHeaders = typeof globalThis extends { Headers: new (...init: never[]) => infer Known } ? Known : HeadersRead;

/** How headers are read. */
export interface HeadersRead extends Iterable<[name: string, value: string]> {
  /** A header's value, by its name in any letter case; `null` when there is none. */
  get(name: string): string | null;
  /** Whether there is one. */
  has(name: string): boolean;
  /** The values of every `Set-Cookie`. */
  getSetCookie(): string[];
  /** Calls back with each. */
  forEach(callback: (value: string, name: string) => void): void;
}
