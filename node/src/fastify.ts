/**
 * A hook for Fastify: lets in whoever has a token of the tenant.
 *
 * @example
 * ```js
 * import { Client } from 'agglestone';
 * import { bearer } from 'agglestone/fastify';
 *
 * const client = new Client();
 * app.addHook('onClose', () => client.close());
 * app.addHook('onRequest', bearer(client));
 * app.get('/me', (request) => ({ userId: request.claims.userId }));
 * app.delete('/users/:id', { onRequest: bearer(client, { groups: ['Admin'] }) }, remove);
 * ```
 */
import './server-only.js';

import type { FastifyReply, FastifyRequest } from 'fastify';

import { type BearerOptions, type ClientSource, gate, Refusal } from './bearer.js';
import type { Claims } from './models.js';

export type { BearerOptions, ClientSource } from './bearer.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the request's token says, behind `bearer`. */
    claims?: Claims;
  }
}

/** A hook for `onRequest`, of a server, a plugin or a route. */
export type BearerHook = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/**
 * Verifies the token of each request; the user's claims are in `request.claims`. Without a token, or with one that is not to be
 * believed, the answer is 401, for a user who is in none of `groups` 403, and 503 while there are no keys to verify with; the
 * handler doesn't see the request. Other errors are thrown, for Fastify's error handler.
 *
 * @param client Whoever made it closes it.
 * @throws InvalidArgumentError at once, for a client or options that can't be meant.
 */
export function bearer(client: ClientSource, options?: BearerOptions): BearerHook {
  const admit = gate(client, options);
  return async (request, reply) => {
    const admitted = await admit(request.raw);
    if (admitted instanceof Refusal) {
      return reply.code(admitted.status).headers(admitted.headers).send();
    }
    request.claims = admitted;
    return undefined;
  };
}
