// Users of the tenant behind Express, for whoever has a user's token, by a plugin that other routers can use too.
// Run by `node express.mjs`.
import express from 'express';

import { Client, NotFoundError } from 'agglestone';
import { bearer } from 'agglestone/express';

/** Gives each request the client, and a signal that is aborted when whoever asked has gone. */
export function agglestone(client) {
  return (request, response, next) => {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    request.agglestone = client;
    request.gone = gone.signal;
    next();
  };
}

/** Answers errors of the client as what they are to whoever asked. Nothing of their texts is for others. */
export function agglestoneErrors(error, request, response, next) {
  if (request.gone?.aborted) return; // Nobody waits for the answer.
  if (error instanceof NotFoundError) response.status(404).json({ error: 'no such user' });
  else next(error);
}

const client = new Client({ appName: 'users-express/1.0' });
const app = express();
app.use(agglestone(client));
app.use('/users', bearer(client, { groups: ['Admin'] }));

app.get('/me', bearer(client), async (request, response) => {
  response.json(await request.agglestone.getUser(request.claims.userId, { signal: request.gone }));
});

app.get('/users', async (request, response) => {
  const page = await request.agglestone.getUsers({ pageNumber: Number(request.query.page ?? 1), pageSize: 20, signal: request.gone });
  response.json(page);
});

app.get('/users/:id', async (request, response) => {
  response.json(await request.agglestone.getUser(request.params.id, { signal: request.gone }));
});

app.use(agglestoneErrors);

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
process.on('SIGTERM', () => server.close(() => client.close()));
