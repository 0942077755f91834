// One process of the fleet: asks for users' tokens and makes calls with a key until it is told to end.
// A line of JSON a second says how it goes, failures by the number of their code.
import { setTimeout as sleep } from 'node:timers/promises';
import { AgglestoneError, Client } from 'agglestone';

const USERS = 10_000;
const TOKENS_A_CALL = 10;
const MILLISECONDS_BETWEEN_CALLS = 30;

const failures = {};
let calls = 0;
let running = true;

const tokens = new Client({ appName: 'tokens' });
const client = new Client({ appName: 'calls' });
const timer = setInterval(() => console.log(JSON.stringify({ calls, failures })), 1000);
process.once('SIGTERM', () => {
  running = false;
});

while (running) {
  try {
    for (let number = 0; number < TOKENS_A_CALL; number += 1) {
      const user = String(Math.floor(Math.random() * USERS)).padStart(12, '0');
      await tokens.exchangeApiKeyForToken(`00000000-0000-4000-8000-${user}`);
    }
    await client.getUsers({ pageSize: 1 });
  } catch (error) {
    const cause = error instanceof AgglestoneError ? error.number : String(error);
    failures[cause] = (failures[cause] ?? 0) + 1;
  }
  calls += TOKENS_A_CALL + 1;
  await sleep(MILLISECONDS_BETWEEN_CALLS);
}
clearInterval(timer);
tokens.close();
client.close();
