// Users of the tenant behind Fastify, for whoever has a user's token, by a plugin that decorates the application.
// Run by `node fastify.mjs`.
import Fastify from 'fastify';

import { Client, NotFoundError } from 'agglestone';
import { bearer } from 'agglestone/fastify';

/** `app.agglestone`: made with the application, closed with it. */
export async function agglestone(app, options) {
  const client = new Client(options);
  app.decorate('agglestone', client);
  app.addHook('onClose', async () => client.close());
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof NotFoundError) return reply.code(404).send({ error: 'no such user' });
    throw error;
  });
}
// For the whole application, not only for what is registered in the plugin.
agglestone[Symbol.for('skip-override')] = true;

const app = Fastify();
await app.register(agglestone, { appName: 'users-fastify/1.0' });

const admin = { onRequest: bearer(app.agglestone, { groups: ['Admin'] }) };
const page = { ...admin, schema: { querystring: { type: 'object', properties: { page: { type: 'integer', minimum: 1, default: 1 } } } } };
app.get('/me', { onRequest: bearer(app.agglestone) }, (request) => app.agglestone.getUser(request.claims.userId));
app.get('/users', page, (request) => app.agglestone.getUsers({ pageNumber: request.query.page, pageSize: 20 }));
app.get('/users/:id', admin, (request) => app.agglestone.getUser(request.params.id));

console.log(await app.listen({ port: Number(process.env.PORT ?? 3000), host: '127.0.0.1' }));
process.on('SIGTERM', () => app.close());
