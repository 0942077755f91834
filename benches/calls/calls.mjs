// Calls of the client in Node: `awaited`, `cached`, `verified`.
import { Client } from 'agglestone';
import { awaited, pageSize, way } from './measure.mjs';

const client = new Client();
switch (way) {
  case 'awaited':
    await awaited(() => client.getUsers({ pageSize }));
    break;
  case 'cached': {
    const [user] = (await client.getUsers()).data;
    await client.exchangeApiKeyForToken(user.userId);
    await awaited(() => client.exchangeApiKeyForToken(user.userId));
    break;
  }
  case 'verified': {
    const [user] = (await client.getUsers()).data;
    const token = await client.exchangeApiKeyForToken(user.userId);
    await awaited(() => client.verifyToken(token));
    break;
  }
  default:
    throw new Error(`no way is called ${way}`);
}
