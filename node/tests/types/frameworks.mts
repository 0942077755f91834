// What the integrations for web frameworks promise, as the types of the frameworks see it; nothing here runs.
import { Client } from 'agglestone';
import { bearer as forExpress } from 'agglestone/express';
import { bearer as forFastify } from 'agglestone/fastify';
import express from 'express';
import fastify from 'fastify';

const client = new Client();

const app = express();
app.use(forExpress(client));
app.get('/me', forExpress(() => client, { groups: ['Admin'], check: 'service' }), (request, response) => {
  const user: string | undefined = request.claims?.userId;
  response.json(user);
});

const server = fastify();
server.addHook('onRequest', forFastify(client));
server.get('/me', { onRequest: forFastify(() => client, { groups: ['Admin'] }) }, async (request) => {
  const groups: string[] | undefined = request.claims?.groups;
  return groups;
});

// @ts-expect-error groups are several
forExpress(client, { groups: 'Admin' });
// @ts-expect-error there is one check
forFastify(client, { check: 'services' });
// @ts-expect-error a client is needed
forFastify();
