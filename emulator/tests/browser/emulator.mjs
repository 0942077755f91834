// The emulator that the tests talk to: started by whoever runs them (`cargo xtask test --only emulator`), told to them by environment.

function setting(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run these tests by \`cargo xtask test --only emulator\``);
  return value;
}

export const url = setting("AGG_TEST_EMULATOR_URL");
export const tenant = setting("AGG_TEST_TENANT_ID");
export const controlToken = setting("AGG_TEST_CONTROL_TOKEN");
/** The keys it starts with, and has again after a reset. */
export const primary = setting("AGG_TEST_PRIMARY_KEY");
export const secondary = setting("AGG_TEST_SECONDARY_KEY");

/** A control call; `body` is sent and the answer read as JSON. */
export async function control(method, path, body) {
  const headers = { authorization: `Bearer ${controlToken}` };
  const response = await fetch(`${url}/_emulator/${path}`, { method, headers, body: body && JSON.stringify(body) });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** What a service does: lists users with its key. Answers the status. */
export async function listUsers(key, userAgent) {
  const headers = { "x-api-key": key, "user-agent": userAgent };
  const response = await fetch(`${url}/tenant/${tenant}/api/v2.0/Users`, { headers });
  await response.arrayBuffer();
  return response.status;
}

/** The fingerprints of the accepted keys, and of those replaced. */
export async function fingerprints() {
  const { keys } = await control("GET", "keys");
  return keys.map((key) => key.fingerprint);
}
