/**
 * Listens to abort signals: one listener a signal however many calls share it, because Node warns of more than ten.
 */

const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls back when the signal aborts; the answer takes that back. */
export function whenAborted(signal: AbortSignal, callback: () => void): () => void {
  let callbacks = waiting.get(signal);
  if (callbacks === undefined) {
    callbacks = new Set();
    waiting.set(signal, callbacks);
    signal.addEventListener('abort', aborted);
  }
  const set = callbacks.add(callback);
  return () => {
    if (set.delete(callback) && set.size === 0) {
      waiting.delete(signal);
      signal.removeEventListener('abort', aborted);
    }
  };
}

function aborted(event: Event): void {
  const signal = event.target as AbortSignal;
  const callbacks = waiting.get(signal) ?? [];
  waiting.delete(signal);
  signal.removeEventListener('abort', aborted);
  for (const callback of callbacks) {
    callback();
  }
}
