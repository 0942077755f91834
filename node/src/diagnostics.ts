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
