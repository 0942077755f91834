/**
 * What the library asks of a client's program and tells it: the keys, when it has a source for them, and events.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { debuglog } from 'node:util';

import { kind } from './arguments.js';
import type { ClientEvent } from './events.js';
import { checkKeys, type KeySource } from './keys.js';
import { camelCase } from './names.js';
import type { EventData, KeyQuestion } from './native.js';

/** Prints events to the error output where `NODE_DEBUG` has `agglestone`. */
export const printed = debuglog('agglestone');

/** A reason longer than this is no sentence: the service's whole answer, perhaps. */
const MAX_REASON = 500;

// Not by the client itself: a source or a listener mostly refers to its client, which then would never be collected.
const hooks = new Map<number, WeakRef<Hooks>>();
const collected = new FinalizationRegistry<number>((client) => hooks.delete(client));

/** One client's listeners, and its source of keys. */
export class Hooks {
  readonly events = new EventEmitter();
  readonly #client: number;
  readonly #source: KeySource | undefined;
  // What comes from the library comes in no context of the program's; its stores are those in which the client was made.
  readonly #within = AsyncLocalStorage.snapshot();
  #asked: KeyQuestion | undefined;

  constructor(client: number, source: KeySource | undefined) {
    this.#client = client;
    this.#source = source;
    hooks.set(client, new WeakRef(this));
    collected.register(this, client);
  }

  /** Nothing is told any more, and whoever waits for keys is sent away. */
  close(): void {
    hooks.delete(this.#client);
    this.#asked?.fail('the client was closed');
  }

  /** Gives the listeners an event, after the drain and each on its own: one that throws must stop neither. */
  tell({ name, ...rest }: EventData): void {
    const event = { name: camelCase(name), ...rest } as ClientEvent;
    if (event.name === 'keysReplaced') {
      Object.assign(event, { secondary: event.secondary ?? null });
    }
    printed('%s %s: %s', event.level, event.name, event.message);
    for (const listened of [event.name, 'event']) {
      queueMicrotask(() => this.#within(() => this.events.emit(listened, event)));
    }
  }

  /** Has the source answer. The library asks one question of a client at a time. */
  async ask(question: KeyQuestion): Promise<void> {
    this.#asked = question;
    try {
      const { primary, secondary } = checkKeys(await this.#within(this.#source!));
      question.answer(primary, secondary);
    } catch (error) {
      question.fail(reason(error));
    }
  }
}

/** The hooks of a client, unless it was closed or collected meanwhile. */
export function hooksOf(client: number): Hooks | undefined {
  return hooks.get(client)?.deref();
}

/** The message and nothing else: causes and stacks are more likely to hold a key. */
function reason(error: unknown): string {
  try {
    const { message } = error as Error;
    if (typeof message === 'string' && message !== '') {
      return message.slice(0, MAX_REASON);
    }
  } catch {
    // A getter that throws, or `null` and `undefined`, which have no members.
  }
  return `it threw ${kind(error)} without a message`;
}
