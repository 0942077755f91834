/**
 * Middleware for Express: lets in whoever has a token of the tenant.
 *
 * @example
 * ```js
 * import { Client } from 'agglestone';
 * import { bearer } from 'agglestone/express';
 *
 * const client = new Client();
 * app.use(bearer(client));
 * app.get('/me', (request, response) => response.json({ userId: request.claims.userId }));
 * app.delete('/users/:id', bearer(client, { groups: ['Admin'] }), remove);
 * ```
 */
import './server-only.js';

import type { IncomingMessage, ServerResponse } from 'node:http';

import { type BearerOptions, type ClientSource, gate, Refusal } from './bearer.js';
import type { Claims } from './models.js';

export type { BearerOptions, ClientSource } from './bearer.js';

declare global {
  namespace Express {
    interface Request {
      /** What the request's token says, behind `bearer`. */
      claims?: Claims;
    }
  }
}

/** What Express, Connect and others that are built like them take as middleware. */
export type BearerHandler = (
  request: IncomingMessage & { claims?: Claims },
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * Verifies the token of each request; the user's claims are in `request.claims`. Without a token, or with one that is not to be
 * believed, the answer is 401, for a user who is in none of `groups` 403, and 503 while there are no keys to verify with; what
 * follows doesn't see the request. Other errors go to `next`.
 *
 * @param client Whoever made it closes it.
 * @throws InvalidArgumentError at once, for a client or options that can't be meant.
 */
export function bearer(client: ClientSource, options?: BearerOptions): BearerHandler {
  const admit = gate(client, options);
  return (request, response, next) => {
    admit(request).then((admitted) => {
      if (admitted instanceof Refusal) {
        response.writeHead(admitted.status, { ...admitted.headers, 'Content-Length': '0' }).end();
      } else {
        request.claims = admitted;
        next();
      }
    }).catch(next);
  };
}
