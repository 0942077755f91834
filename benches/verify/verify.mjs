// What it costs in Node to verify a token: one that was seen before, and one that was not.
import { Client } from 'agglestone';

import { measure, show } from './rounds.mjs';

const client = new Client();
const forgetful = new Client({ verifyCacheSize: 0 });
const user = (await client.getUsers()).data.find((user) => user.enabled);
const token = await client.exchangeApiKeyForToken(user.userId);
const seen = await measure(() => client.verifyToken(token));
const anew = await measure(() => forgetful.verifyToken(token));
show('agglestone', seen, anew);
