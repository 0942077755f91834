// A service that runs until it is told to end: lists users, gets a fresh token now and then, and says how it goes.
// Configured by AGGLESTONE_TENANT_ID, AGGLESTONE_API_KEY_FILE and AGGLESTONE_SECONDARY_API_KEY_FILE.
// There is nothing about rotating keys in here: replacing the files is all it takes.
import { Client } from 'agglestone';

const client = new Client({ appName: 'example-service-node/1.0' });
const { userId } = (await client.getUsers({ pageSize: 1 })).data[0];
let calls = 0;
let failures = 0;

async function work() {
  try {
    if (calls % 10 === 0) {
      await client.exchangeApiKeyForToken(userId, { fresh: true });
    } else {
      await client.getUsers();
    }
  } catch (error) {
    failures += 1;
    console.error(String(error));
  }
  calls += 1;
}

// One line of JSON; the fingerprint tells which key is in use.
function report() {
  const { primary, secondary, failovers } = client.keyUsage();
  const key = (primary.active ? primary : secondary).fingerprint;
  console.log(JSON.stringify({ calls, failures, failovers, key }));
}

const timers = [setInterval(work, 20), setInterval(report, 250)];
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, () => timers.forEach(clearInterval));
}
// When the calls under way have ended, too.
process.once('beforeExit', report);
