// The same by jose, as its manual has it: keys from the service, cached by its remote key set, or given to it.
import { createLocalJWKSet, createRemoteJWKSet, jwtVerify } from 'jose';

import { measure, show } from './rounds.mjs';

const { AGGLESTONE_BASE_URL, AGGLESTONE_TENANT_ID, AGGLESTONE_API_KEY } = process.env;

async function ask(path, body) {
  const response = await fetch(`${AGGLESTONE_BASE_URL}/tenant/${AGGLESTONE_TENANT_ID}/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'X-API-Key': AGGLESTONE_API_KEY, 'Content-Type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return response.json();
}

const user = (await ask('api/v2.0/Users')).data.find((user) => user.enabled);
const { token } = await ask('v2.0/Auth/token-exchange', { userId: user.userId });
const { issuer, jwks_uri: uri } = await ask('v2.0/Auth/.well-known/openid-configuration');
const keySets = {
  'jose, remote key set': createRemoteJWKSet(new URL(uri)),
  'jose, local key set': createLocalJWKSet(await (await fetch(uri)).json()),
};
for (const [library, keys] of Object.entries(keySets)) {
  const rounds = await measure(() => jwtVerify(token, keys, { issuer, algorithms: ['RS256'] }));
  show(library, rounds, rounds);
}
