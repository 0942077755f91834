// Conformance driver of the Node face: one JSON command a line on stdin, one JSON answer a line on stdout.
// The protocol is in ../README.md. Runs from a project in which the package is installed.
import { createInterface } from 'node:readline';

import { AgglestoneError, Client } from 'agglestone';
import { liveHandles } from 'agglestone/diagnostics';

const TIMES = new Set(['connect_timeout', 'timeout', 'deadline']);

let client;

const commands = {
  new_client({ settings }) {
    commands.close_client();
    client = new Client(toOptions(settings));
    return null;
  },
  get_users: ({ args }) => client.getUsers(toOptions(args)),
  get_user: ({ args }) => client.getUser(args.user_id),
  exchange_api_key_for_token: ({ args }) => client.exchangeApiKeyForToken(args.user_id),
  async request({ args: { method, path, ...options } }) {
    const reply = await client.request(method, path, options);
    return { status: reply.status, headers: Object.fromEntries(reply.headers), json: reply.json() };
  },
  // Kept, because a case may go on with the closed client.
  close_client() {
    client?.close();
    return null;
  },
  live_handles: () => liveHandles(),
};

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  let answer;
  try {
    answer = { ok: await commands[command.command](command) };
  } catch (error) {
    answer = { error: describe(error) };
  }
  console.log(JSON.stringify(answer));
}

/** Settings and arguments are named in the core's way, and their times are seconds. */
function toOptions(settings = {}) {
  const entries = Object.entries(settings).map(([name, value]) => {
    const option = name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
    return [option, TIMES.has(name) && typeof value === 'number' ? value * 1000 : value];
  });
  return Object.fromEntries(entries);
}

function describe(error) {
  const known = { class: error.constructor.name, message: error.message };
  if (!(error instanceof AgglestoneError)) {
    return known;
  }
  return {
    ...known,
    code: error.number,
    name: error.code.replace(/^AGG_/, ''),
    status: error.status,
    request_id: error.requestId,
    retry_after: error.retryAfter === undefined ? undefined : error.retryAfter / 1000,
    retryable: error.retryable,
    argument: error.argument,
    service_message: error.serviceMessage,
  };
}
