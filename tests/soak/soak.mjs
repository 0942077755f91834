// Calls until it is told to end, also as a user and cancelled, with clients that are made and dropped.
// A line of JSON a second says how it goes, failures by the number of their code.
import { setTimeout as sleep } from 'node:timers/promises';
import { AgglestoneError, Client } from 'agglestone';

const WORKERS = 4;
const CALLS_OF_A_CLIENT = 100;
const MILLISECONDS_BETWEEN_CALLS = 50;

const failures = {};
let calls = 0;
let clients = 0;
let running = true;

// One call, of another kind each time.
async function one(client, number, userId) {
  if (number % 4 === 0) {
    await client.exchangeApiKeyForToken(userId, { fresh: true });
  } else if (number % 4 === 1) {
    await client.asUser(userId).getUser(userId);
  } else if (number % 4 === 2) {
    const controller = new AbortController();
    const call = client.getUsers({ signal: controller.signal }).catch((error) => {
      if (error.name !== 'AbortError') throw error;
    });
    await Promise.all([call, sleep(1).then(() => controller.abort())]);
  } else {
    await client.getUsers();
  }
}

async function work() {
  let userId;
  while (running) {
    clients += 1;
    const client = new Client({ timeout: 5000 });
    for (let number = 0; running && number < CALLS_OF_A_CLIENT; number += 1) {
      try {
        userId ??= (await client.getUsers()).data[0].userId;
        await one(client, number, userId);
      } catch (error) {
        const cause = error instanceof AgglestoneError ? error.number : String(error);
        failures[cause] = (failures[cause] ?? 0) + 1;
      }
      calls += 1;
      await sleep(MILLISECONDS_BETWEEN_CALLS);
    }
    client.close();
  }
}

const timer = setInterval(() => console.log(JSON.stringify({ calls, clients, failures })), 1000);
process.once('SIGTERM', () => {
  running = false;
});
await Promise.all(Array.from({ length: WORKERS }, work));
clearInterval(timer);
