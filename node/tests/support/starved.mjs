// Calls while whoever started it has left it no room for a thread, and again when there is.
import { createInterface } from 'node:readline';

import { AgglestoneError, Client } from 'agglestone';

const client = new Client();
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
console.log('ready');
await lines.next();
const errors = [];
for (const call of [() => client.getUsers(), () => client.getToken('b95816fe-f4ab-49ac-889a-e6a161005339')]) {
  errors.push(await call().catch((error) => error));
}
console.log('failed', ...errors.map((error) => error instanceof AgglestoneError));
await lines.next();
console.log((await client.getUsers()).totalRecords);
client.close();
process.stdin.destroy();
