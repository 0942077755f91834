// The emulator that the tests run against, which was started by whoever runs them.
import { createHash } from 'node:crypto';
import { after, afterEach, beforeEach } from 'node:test';

import { Client } from 'agglestone';
import { liveHandles } from 'agglestone/diagnostics';

function variable(name) {
  const value = process.env[name];
  if (!value) {
    throw new Error(`${name} is not set: these tests run against an emulator`);
  }
  return value;
}

export const url = variable('AGG_TEST_EMULATOR_URL');
export const tenantId = variable('AGG_TEST_TENANT_ID');
export const primaryKey = variable('AGG_TEST_PRIMARY_KEY');
export const secondaryKey = variable('AGG_TEST_SECONDARY_KEY');
const controlToken = variable('AGG_TEST_CONTROL_TOKEN');

/** The address of something below the tenant, for calls without the client. */
export const tenantUrl = (path) => `${url}/tenant/${tenantId}/${path}`;

export const settings = { tenantId, apiKey: primaryKey, baseUrl: url };

/** The same settings as environment variables, for child processes. */
export const environment = {
  ...process.env,
  AGGLESTONE_TENANT_ID: tenantId,
  AGGLESTONE_API_KEY: primaryKey,
  AGGLESTONE_BASE_URL: url,
};

/** What the demo data of the emulator has. */
export const TOTAL_USERS = 45;
export const NOBODY = '11111111-1111-4111-8111-111111111111';
/** In the group of administrators, so may see every user. */
export const ADMIN = 'b95816fe-f4ab-49ac-889a-e6a161005339';
/** May see nobody but itself. */
export const PLAIN_USER = '98685d54-c262-4143-affd-5b6e1d8c5d77';
export const EXCHANGE = 'v2.0/Auth/token-exchange';

/** How a key is named where it must not be shown. */
export const fingerprint = (key) => createHash('sha256').update(key).digest('hex').slice(0, 8);

async function control(method, path, body) {
  const response = await fetch(`${url}/_emulator/${path}`, {
    method,
    headers: { Authorization: `Bearer ${controlToken}`, 'Content-Type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  });
  if (!response.ok) {
    throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  }
  const text = await response.text();
  return text === '' ? undefined : JSON.parse(text);
}

/** Makes the service misbehave: `{path, method, times, status, headers, body, delayMs, close}`. */
export const fault = (what) => control('POST', 'faults', what);

/** Ends all misbehaviour. */
export const noFaults = () => control('DELETE', 'faults');

/** The requests that arrived since the last reset. */
export const requests = () => control('GET', 'requests');

/** Those of them that exchanged a key for a token. */
export const exchanges = async () => (await requests()).filter(({ path }) => path.endsWith('/token-exchange'));

/** Refuses every token that a user has at this moment. */
export const revoke = (userId) => control('POST', `users/${userId}/revoke`);

/** Deletes a user behind the client's back. */
export const removeUser = (userId) => control('DELETE', `users/${userId}`);

/** Has a new key generated in a slot, `primary` or `secondary`; the old one is dead at once. */
export const generateKey = async (slot) => (await control('POST', `keys/${slot}`)).apiKey;

/**
 * Puts the emulator back before each test and after the last, and closes the clients that the test made with the function it
 * returns. Nothing may be left of them then.
 */
export function useService() {
  const clients = [];
  const reset = () => control('POST', 'reset');
  beforeEach(reset);
  after(reset);
  afterEach(async () => {
    clients.splice(0).forEach((client) => client.close());
    await eventually(() => liveHandles() === 0, 'nothing is left of the clients of the test');
  });
  return (more = {}) => {
    const client = new Client({ ...settings, ...more });
    clients.push(client);
    return client;
  };
}

/** Waits until something holds. Only a test that fails waits long. */
export async function eventually(holds, what) {
  const end = Date.now() + 20_000;
  while (!(await holds())) {
    if (Date.now() > end) {
      throw new Error(`it never came to this: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** What a promise rejects with. */
export async function rejection(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('this promise should have been rejected');
}
