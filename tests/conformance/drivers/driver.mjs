// Conformance driver of the Node face: one JSON command a line on stdin, one JSON answer a line on stdout.
// The protocol is in ../README.md. Runs from a project in which the package is installed.
import { subscribe } from 'node:diagnostics_channel';
import { createInterface } from 'node:readline';

import { AgglestoneError, Client } from 'agglestone';
import { liveHandles, testingPanic } from 'agglestone/diagnostics';

import { show, takeShown } from './shown.mjs';

const TIMES = new Set(['connect_timeout', 'timeout', 'deadline', 'clock_tolerance']);

let client;
let options;
let told = [];
// The trace that the next calls belong to, and what was observed of those that are over.
let trace = {};
let observed = [];

subscribe('agglestone:call:start', (call) => Object.assign(call.trace, trace));
subscribe('agglestone:call:end', ({ account }) => {
  show(account);
  observed.push(JSON.stringify(account));
});

const commands = {
  new_client({ settings }) {
    commands.close_client();
    told = [];
    options = toOptions(settings);
    client = new Client(options);
    client.on('event', (event) => {
      show(event);
      told.push({ name: snakeCase(event.name), line: `${event.level} ${snakeCase(event.name)}: ${event.message}` });
    });
    return null;
  },
  get_users: ({ args }) => as(args).getUsers(toOptions(args)),
  async iter_users({ args }) {
    const users = [];
    for await (const user of as(args).iterUsers(toOptions(args))) {
      users.push(user);
    }
    return users;
  },
  get_user: ({ args: { user_id, ...rest } }) => as(rest).getUser(user_id, toOptions(rest)),
  exchange_api_key_for_token: ({ args: { user_id, ...rest } }) => client.exchangeApiKeyForToken(user_id, toOptions(rest)),
  async request({ args: { method, path, ...rest } }) {
    const reply = await as(rest).request(method, path, toOptions(rest));
    show(reply);
    return { status: reply.status, attempts: reply.attempts, headers: Object.fromEntries(reply.headers), json: reply.json() };
  },
  async get_token({ args: { user_id, ...options } }) {
    const token = await client.getToken(user_id, options);
    show(token);
    return token.token;
  },
  testing_panic: () => testingPanic(options),
  forget_token: ({ args }) => client.forgetToken(args.user_id),
  forget_tokens: () => client.forgetTokens(),
  token_stats: () => client.tokenStats(),
  set_api_keys: ({ args }) => client.setApiKeys(args.primary, args.secondary),
  key_usage: () => client.keyUsage(),
  check_api_keys: () => client.checkApiKeys(),
  verify_token: ({ args: { token, ...rest } }) => client.verifyToken(token, toOptions(rest)),
  events: () => told.splice(0).map(({ name }) => name),
  log: () => told.splice(0).map(({ line }) => line),
  observed: () => observed.splice(0),
  // Kept, because a case may go on with the closed client.
  close_client() {
    client?.close();
    return null;
  },
  show() {
    if (client !== undefined) {
      show(client);
    }
    process.stderr.write('-- shown\n');
    return takeShown();
  },
  live_handles: () => liveHandles(),
};

/** The client, or the user that the call is made as. */
function as({ as_user: userId } = {}) {
  const caller = userId === undefined ? client : client.asUser(userId);
  show(caller);
  return caller;
}

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  trace = takeTrace(command.args);
  let answer;
  try {
    answer = { ok: (await commands[command.command](command)) ?? null };
  } catch (error) {
    show(error);
    answer = { error: describe(error) };
  }
  console.log(JSON.stringify(answer));
}

/** The headers of a trace among the arguments, which are no arguments of the call. */
function takeTrace(args = {}) {
  const taken = {};
  for (const name of ['traceparent', 'tracestate', 'baggage'].filter((name) => name in args)) {
    taken[name] = args[name];
    delete args[name];
  }
  return taken;
}

/** Settings and arguments are named in the core's way, and their times are seconds. */
function toOptions({ as_user, key_source, ...given } = {}) {
  const entries = Object.entries(given).map(([name, value]) => {
    const option = name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
    // NaN and the infinities are texts, because JSON has none.
    return [option, TIMES.has(name) ? Number(value) * 1000 : value];
  });
  return { ...Object.fromEntries(entries), ...(key_source && { keySource: inTurn(key_source) }) };
}

/** A key source that gives the answers in turn, the last one again and again. */
function inTurn(answers) {
  const left = [...answers];
  return async () => {
    const { failure, ...keys } = left.length > 1 ? left.shift() : left[0];
    if (failure !== undefined) {
      throw new Error(failure);
    }
    return keys;
  };
}

function snakeCase(name) {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
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
    reason: error.reason,
    service_message: error.serviceMessage,
    attempts: error.attempts,
  };
}
