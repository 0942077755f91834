/**
 * Listens to abort signals: one listener a signal however many calls share it, because Node warns of more than ten.
 */
import type { Signal } from './web.js';

/** The calls that wait for a signal, and the one listener for all of them. */
interface Waiting {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

const signals = new WeakMap<Signal, Waiting>();

/** Calls back when the signal aborts; the answer takes that back. */
export function whenAborted(signal: Signal, callback: () => void): () => void {
  const waiting = signals.get(signal) ?? listen(signal);
  waiting.callbacks.add(callback);
  return () => {
    if (waiting.callbacks.delete(callback) && waiting.callbacks.size === 0) {
      stop(signal, waiting);
    }
  };
}

function listen(signal: Signal): Waiting {
  const callbacks = new Set<() => void>();
  const listener = () => {
    stop(signal, waiting);
    callbacks.forEach((callback) => callback());
  };
  const waiting = { callbacks, listener };
  signals.set(signal, waiting);
  signal.addEventListener('abort', listener);
  return waiting;
}

function stop(signal: Signal, { listener }: Waiting): void {
  signals.delete(signal);
  signal.removeEventListener('abort', listener);
}
