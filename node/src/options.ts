/**
 * A client's options: their names and types are checked here, their values by the core.
 */
import { bare, kind, own } from './arguments.js';
import { ConfigurationError } from './errors.js';
import { printed } from './hooks.js';
import type { KeySource } from './keys.js';
import type { NativeSettings } from './native.js';

/** How to reach the service. What is not given is taken from the environment, then from the default. */
export interface ClientOptions {
  /** The tenant, a GUID. Environment: `AGGLESTONE_TENANT_ID`. */
  tenantId?: string | undefined;
  /** The key that calls use first. Environment: `AGGLESTONE_API_KEY`. */
  apiKey?: string | undefined;
  /** The tenant's other key, for when the first is refused. Environment: `AGGLESTONE_SECONDARY_API_KEY`. */
  secondaryApiKey?: string | undefined;
  /**
   * A file that holds the key, as a mounted secret does; a change is noticed within a second of the next call.
   * Environment: `AGGLESTONE_API_KEY_FILE`.
   */
  apiKeyFile?: string | undefined;
  /** A file that holds the tenant's other key. Environment: `AGGLESTONE_SECONDARY_API_KEY_FILE`. */
  secondaryApiKeyFile?: string | undefined;
  /**
   * A function that knows the keys, such as a secret manager's client: asked when every key was refused, and before the
   * first call unless `apiKey` is given too. Replaces files and environment. It has as long to answer as `deadline` says,
   * is never asked twice at once, and must not wait for this client, whose calls wait for it.
   */
  keySource?: KeySource | undefined;
  /** Where the service is. Default `https://auth.agglestone.com`. Environment: `AGGLESTONE_BASE_URL`. */
  baseUrl?: string | undefined;
  /** The path of the users below the tenant. Default `api/v2.0/Users`. Environment: `AGGLESTONE_USERS_PATH`. */
  usersPath?: string | undefined;
  /** Names the application in the User-Agent, so that the service side can tell who uses which key. */
  appName?: string | undefined;
  /**
   * Accepts plain http to another machine, as for an emulator in a container. Default `false`.
   * Environment: `AGGLESTONE_ALLOW_INSECURE_HTTP`.
   */
  allowInsecureHttp?: boolean | undefined;
  /** How long establishing a connection may take, in milliseconds. Default 5,000. */
  connectTimeout?: number | undefined;
  /** How long one attempt may take, from connecting to the last byte of the answer, in milliseconds. Default 30,000. */
  timeout?: number | undefined;
  /** How long a whole call may take, over all its attempts, in milliseconds. Default 60,000. */
  deadline?: number | undefined;
  /** How often a failed attempt is retried, only when that can't duplicate an action. Default 2; 0 to 10. */
  maxRetries?: number | undefined;
  /**
   * A PEM file of certificates to trust in addition to the platform's, as for a service behind a private CA.
   * Environment: `AGGLESTONE_CA_FILE`.
   */
  caFile?: string | undefined;
  /**
   * How many connections to the service there may be over HTTP/1.1; over HTTP/2 one is shared by all. Calls beyond it wait, first
   * come first served, as long as their `deadline` allows. Default 128; 1 to 10,000.
   */
  maxConnections?: number | undefined;
  /**
   * How many threads drive the network. Clients of the process with the same number share them. Default 1, which serves some
   * 60,000 calls a second; 1 to 16.
   */
  ioThreads?: number | undefined;
  /**
   * How long a connection may be idle before it is closed, in milliseconds; less where the service is seen to close earlier.
   * Default 55,000.
   */
  idleTimeout?: number | undefined;
  /**
   * How old a connection may grow before another takes its place, in milliseconds, so that a busy client follows DNS. Spread by a
   * tenth; 0 for never. Default 300,000.
   */
  connectionMaxAge?: number | undefined;
  /** How many users' tokens are kept; the least recently used go first. Default 10,000; 1 to 1,000,000. */
  tokenCacheSize?: number | undefined;
  /**
   * A Valkey or Redis server (6 or newer) over which processes share their users' tokens, so that a whole fleet makes one exchange a
   * user: `rediss://user:password@host:6379/0`; plain `redis://` to this machine, or with `allowInsecureHttp`. Entries are sealed: the
   * server sees neither users nor tokens. No call fails or waits longer than 100 ms because of it. Environment:
   * `AGGLESTONE_TOKEN_STORE`. Default: none.
   */
  tokenStore?: string | undefined;
  /**
   * What the entries of the token store are sealed with, the same for the whole fleet: at least 32 characters, 32 random bytes in
   * base64 or hex. Environment: `AGGLESTONE_TOKEN_STORE_KEY`. Default: the API keys, under each of which every entry is then written.
   */
  tokenStoreKey?: string | undefined;
  /**
   * Whom tokens may be meant for: what the claim `aud` of a token to verify may hold beside the tenant's id. A token without `aud`
   * is accepted either way. Default: the tenant's id alone.
   */
  audience?: string | undefined;
  /**
   * How far the clocks of the service and of this machine may be apart when tokens are verified, in milliseconds. Default 5,000; 0
   * to 60,000.
   */
  clockTolerance?: number | undefined;
  /**
   * How many verified tokens are known again, by their SHA-256, until they expire; the least recently used go first. Default
   * 10,000; 0, which verifies each token anew, to 1,000,000.
   */
  verifyCacheSize?: number | undefined;
  /**
   * Whether each attempt (`request`, at `debug`) and each call (`call`, at `info`) is an event, with route template, status, time and
   * key, and without ids, queries, bodies and secrets. Default `false`, or `true` where `NODE_DEBUG` has `agglestone`, which also prints
   * every event to the error output. Environment: `AGGLESTONE_REQUEST_LOG`.
   */
  requestLog?: boolean | undefined;
}

/** What each is. The compiler knows when one is missing here. */
const kinds: Readonly<Record<keyof ClientOptions, 'string' | 'boolean' | 'milliseconds' | 'whole number' | 'function'>> = {
  tenantId: 'string',
  apiKey: 'string',
  secondaryApiKey: 'string',
  apiKeyFile: 'string',
  secondaryApiKeyFile: 'string',
  keySource: 'function',
  baseUrl: 'string',
  usersPath: 'string',
  appName: 'string',
  allowInsecureHttp: 'boolean',
  connectTimeout: 'milliseconds',
  timeout: 'milliseconds',
  deadline: 'milliseconds',
  maxRetries: 'whole number',
  caFile: 'string',
  maxConnections: 'whole number',
  ioThreads: 'whole number',
  idleTimeout: 'milliseconds',
  connectionMaxAge: 'milliseconds',
  tokenCacheSize: 'whole number',
  tokenStore: 'string',
  tokenStoreKey: 'string',
  audience: 'string',
  clockTolerance: 'milliseconds',
  verifyCacheSize: 'whole number',
  requestLog: 'boolean',
};

/** The options as the core takes them, and what stays here. */
interface Checked {
  settings: Omit<NativeSettings, 'client'>;
  keySource: KeySource | undefined;
}

/** The options, with what is wrong with their names and types for the core to list beside what is wrong with their values. */
export function toSettings(options: ClientOptions): Checked {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new ConfigurationError(`invalid configuration: the options must be an object, not ${kind(options)}`);
  }
  const known = Object.keys(kinds).map((name) => `\`${name}\``);
  const problems: [string, string][] = Object.keys(options)
    .filter((name) => !Object.hasOwn(kinds, name))
    // A long name may be a secret in the wrong place.
    .map((name) => [name.slice(0, 40), `is an unknown option; expected one of ${known.join(', ')}`]);
  const given = bare<Record<string, string | number | boolean>>();
  let keySource: KeySource | undefined;
  for (const [name, kind] of Object.entries(kinds)) {
    const { value, problem } = read(options, name as keyof ClientOptions, kind);
    if (problem !== undefined) {
      problems.push([name, problem]);
    } else if (typeof value === 'function') {
      keySource = value;
    } else if (value !== undefined) {
      given[name] = value;
    }
  }
  if (printed.enabled) {
    given['requestLog'] ??= true;
  }
  const settings = { given, runtime: `node/${process.versions.node}`, keySource: keySource !== undefined, problems };
  return { settings, keySource };
}

type Read = { value?: ClientOptions[keyof ClientOptions]; problem?: string };

/** An option's value, or what is wrong with it: the end of a sentence. */
function read(options: ClientOptions, name: keyof ClientOptions, expected: string): Read {
  let value: ClientOptions[keyof ClientOptions];
  try {
    value = own(options, name);
  } catch {
    // What the getter throws may hold anything.
    return { problem: "can't be read: its getter throws" };
  }
  if (value === undefined) {
    return {};
  }
  const type = expected === 'milliseconds' || expected === 'whole number' ? 'number' : expected;
  if (typeof value !== type) {
    return { problem: `must be a ${type}, not ${kind(value)}` };
  }
  if (typeof value === 'string' && !value.isWellFormed()) {
    return { problem: 'contains half of a surrogate pair' };
  }
  if (expected === 'whole number' && !Number.isSafeInteger(value)) {
    return { problem: `must be a whole number, not ${String(value)}` };
  }
  return { value };
}
