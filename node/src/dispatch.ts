/**
 * Calls under way in this JavaScript environment: each has a slot, and a drain settles all that have ended at once.
 */
import { whenAborted } from './abort.js';
import { toError } from './errors.js';
import { type ErrorData, native, type NativeSession } from './native.js';

/** A call that waits for its outcome. */
interface Call {
  settle: (call: Call) => void;
  // Keeps the session from being collected, which would close it, while a promise of it is awaited.
  session: NativeSession;
  forget: (() => void) | undefined;
  body: unknown;
  rest: unknown;
}

const calls: (Call | undefined)[] = [];
const freeSlots: number[] = [];
const bridge = new native.NativeBridge(drain);

export function openSession(settings: Parameters<typeof native.openSession>[1]): NativeSession {
  const opened = native.openSession(bridge, settings);
  if (opened instanceof native.NativeSession) {
    return opened;
  }
  throw toError(opened as ErrorData);
}

/**
 * Runs one call. `begin` starts it in the slot it is given; `read` makes the result of its outcome.
 *
 * Errors are made here and not in the drain, because only an asynchronous function knows who awaits it: their stack
 * traces lead to the caller.
 */
export async function run<T>(
  session: NativeSession,
  signal: AbortSignal | undefined,
  begin: (slot: number) => ErrorData | null,
  read: (body: unknown, rest: unknown) => T,
): Promise<T> {
  if (signal?.aborted) {
    throw signal.reason;
  }
  const slot = freeSlots.pop() ?? calls.length;
  const { body, rest } = await new Promise<Call>((resolve, reject) => {
    const refused = begin(slot);
    if (refused !== null) {
      freeSlots.push(slot);
      throw toError(refused);
    }
    const call: Call = { settle: resolve, session, forget: undefined, body: undefined, rest: undefined };
    calls[slot] = call;
    if (signal !== undefined) {
      call.forget = whenAborted(signal, () => {
        // The slot stays taken until the cancelled call comes out of the drain.
        session.cancel(slot);
        reject(signal.reason);
      });
    }
  });
  if (body === null) {
    throw toError(rest as ErrorData);
  }
  return read(body, rest);
}

function drain(): void {
  const items = bridge.drain();
  for (let index = 0; index < items.length; index += 3) {
    const slot = items[index] as number;
    const call = calls[slot]!;
    calls[slot] = undefined;
    freeSlots.push(slot);
    call.body = items[index + 1];
    call.rest = items[index + 2];
    call.forget?.();
    call.settle(call);
  }
}
