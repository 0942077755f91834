// The same page by Node's other clients; the way is the client's name: `fetch`, `undici`, `axios`.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { awaited, pageUrl, way } from './measure.mjs';

const url = pageUrl();
const headers = { 'X-API-Key': process.env.AGGLESTONE_API_KEY };
const caFile = process.env.AGGLESTONE_CA_FILE;
const ca = caFile === undefined ? undefined : readFileSync(caFile);
const allowH2 = process.env.BENCH_HTTP2 !== undefined;

const ways = {
  // Node's own takes the certificate from NODE_EXTRA_CA_CERTS.
  fetch: async () => async () => {
    const answer = await fetch(url, { headers });
    if (!answer.ok) throw new Error(`the answer is ${answer.status}`);
    return answer.json();
  },
  undici: async () => {
    const { Agent, request } = await import('undici');
    const dispatcher = new Agent({ allowH2, connect: { ca } });
    return async () => {
      const { statusCode, body } = await request(url, { headers, dispatcher });
      if (statusCode !== 200) throw new Error(`the answer is ${statusCode}`);
      return body.json();
    };
  },
  axios: async () => {
    const { default: axios } = await import('axios');
    const options = { keepAlive: true, ca };
    const client = axios.create({
      headers,
      httpAgent: new http.Agent(options),
      httpsAgent: new https.Agent(options),
    });
    return async () => (await client.get(url)).data;
  },
};
await awaited(await ways[way]());
process.exit();
