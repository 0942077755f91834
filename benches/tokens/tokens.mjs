// What a token costs in Node: one that the client has at hand, and one that it exchanges its key for.
// Prints the measurements of every round; `cargo xtask bench tokens` runs this and makes the table.
import { Client } from 'agglestone';

const rounds = 101;
// Short, so that most rounds are undisturbed by whatever else the machine does.
const cachedInARound = 2_000;
const freshInARound = 3;
const warmUp = 500_000_000n;

const client = new Client();
const user = (await client.getUsers()).data.find((user) => user.enabled);

async function getCached(times) {
  const start = process.hrtime.bigint();
  for (let i = 0; i < times; i++) {
    await client.exchangeApiKeyForToken(user.userId);
  }
  return Number(process.hrtime.bigint() - start) / times;
}

async function getFresh(times) {
  const start = process.hrtime.bigint();
  for (let i = 0; i < times; i++) {
    await client.exchangeApiKeyForToken(user.userId, { fresh: true });
  }
  return Number(process.hrtime.bigint() - start) / times;
}

const start = process.hrtime.bigint();
while (process.hrtime.bigint() - start < warmUp) {
  await getCached(cachedInARound);
}
const [cached, fresh] = [[], []];
for (let round = 0; round < rounds; round++) {
  cached.push(Math.round(await getCached(cachedInARound)));
}
for (let round = 0; round < rounds; round++) {
  fresh.push(Math.round(await getFresh(freshInARound)));
}
console.log(JSON.stringify({ way: 'awaited', cached, fresh }));
