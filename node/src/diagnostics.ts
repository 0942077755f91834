/**
 * For tests: what the library holds, and the table its errors are made from.
 */
import './server-only.js';

import { native } from './native.js';

/** How many clients and calls exist in this process, over all its threads. 0 when all are closed. */
export function liveHandles(): number {
  return native.liveHandles();
}

/** Every code of the library: its number, its name, and whether a call that ended with it may be tried again. */
export function errorTable(): { number: number; name: string; retryable: boolean }[] {
  return native.errorTable();
}
