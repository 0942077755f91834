/**
 * A `fetch` that carries a user's token.
 *
 * @example
 * ```js
 * import { Client } from 'agglestone';
 * import { userFetch } from 'agglestone/fetch';
 *
 * const client = new Client();
 * const fetchAsUser = userFetch(client, userId);
 * const response = await fetchAsUser('https://orders.example/api/orders');
 * ```
 */
import './server-only.js';

import type { Client } from './client.js';

/** The `fetch` of the web, where a program has its types. */
export type Fetch = typeof globalThis extends { fetch: infer Known } ? Known : (input: string, init?: object) => Promise<unknown>;

/** How the requests are made. */
export interface UserFetchOptions {
  /** Another `fetch`, such as undici's. Default: Node's own. */
  fetch?: Fetch | undefined;
}

const UNAUTHORIZED = 401;

/**
 * A `fetch` that sends `Authorization: Bearer` with a token of the user (`service.md`, "Token exchange"): renewed before it expires,
 * and once more where a service answers 401. A request is repeated only if its body is at hand: text, bytes, a form or a `Blob`, not a
 * stream and not the body of a `Request`. Following a redirect, `fetch` sends the token to no other origin. Rejects as `fetch` does
 * and as {@link Client.getToken} does; `signal` ends both. The client is not closed.
 */
export function userFetch(client: Client, userId: string, options: UserFetchOptions = {}): Fetch {
  const send: typeof fetch = options.fetch ?? fetch;
  return async (input, init) => {
    const request = input instanceof Request ? input : undefined;
    const signal = init?.signal ?? request?.signal;
    const waiting = signal == null ? {} : { signal };
    const headers = new Headers(init?.headers ?? request?.headers);
    const sendWith = (token: string) => {
      headers.set('Authorization', `Bearer ${token}`);
      return send(input, { ...init, headers });
    };
    const token = await client.exchangeApiKeyForToken(userId, waiting);
    const response = await sendWith(token);
    if (response.status !== UNAUTHORIZED || isStream(init?.body) || (request?.body ?? null) !== null) return response;
    // Read to its end or given up, so that its connection is not kept.
    await response.body?.cancel();
    const current = await client.exchangeApiKeyForToken(userId, waiting);
    // Of many that were refused at once, one has the new token issued.
    return sendWith(current === token ? await client.exchangeApiKeyForToken(userId, { ...waiting, fresh: true }) : current);
  };
}

/** Whether a body can be read only once. */
function isStream(body: unknown): boolean {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}
