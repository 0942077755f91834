/**
 * A client's options: their names and types are checked here, their values by the core.
 */
import { kind } from './arguments.js';
import { ConfigurationError } from './errors.js';
import type { KeySource } from './keys.js';
import { camelCase, snakeCase } from './names.js';
import type { NativeSettings } from './native.js';

/** How to reach the service. What is not given is taken from the environment, then from the default. */
export interface ClientOptions {
  /** The tenant, a GUID. Environment: `AGGLESTONE_TENANT_ID`. */
  tenantId?: string;
  /** The key that calls use first. Environment: `AGGLESTONE_API_KEY`. */
  apiKey?: string;
  /** The tenant's other key, for when the first is refused. Environment: `AGGLESTONE_SECONDARY_API_KEY`. */
  secondaryApiKey?: string;
  /**
   * A file that holds the key, as a mounted secret does; a change is noticed within a second of the next call.
   * Environment: `AGGLESTONE_API_KEY_FILE`.
   */
  apiKeyFile?: string;
  /** A file that holds the tenant's other key. Environment: `AGGLESTONE_SECONDARY_API_KEY_FILE`. */
  secondaryApiKeyFile?: string;
  /**
   * A function that knows the keys, such as a secret manager's client: asked when every key was refused, and before the
   * first call unless `apiKey` is given too. Replaces files and environment. It has as long to answer as `deadline` says,
   * is never asked twice at once, and must not wait for this client, whose calls wait for it.
   */
  keySource?: KeySource;
  /** Where the service is. Default `https://auth.agglestone.com`. Environment: `AGGLESTONE_BASE_URL`. */
  baseUrl?: string;
  /** The path of the users below the tenant. Default `api/v2.0/Users`. Environment: `AGGLESTONE_USERS_PATH`. */
  usersPath?: string;
  /** Names the application in the User-Agent, so that the service side can tell who uses which key. */
  appName?: string;
  /**
   * Accepts plain http to another machine, as for an emulator in a container. Default `false`.
   * Environment: `AGGLESTONE_ALLOW_INSECURE_HTTP`.
   */
  allowInsecureHttp?: boolean;
  /** How long establishing a connection may take, in milliseconds. Default 5,000. */
  connectTimeout?: number;
  /** How long one attempt may take, from connecting to the last byte of the answer, in milliseconds. Default 30,000. */
  timeout?: number;
  /** How long a whole call may take, over all its attempts, in milliseconds. Default 60,000. */
  deadline?: number;
  /** How often a failed attempt may be followed by another, where that can't do anything twice. Default 2; 0 to 10. */
  maxRetries?: number;
  /**
   * A PEM file of certificates to trust beside the platform's, as for a service behind a company's own authority.
   * Environment: `AGGLESTONE_CA_FILE`.
   */
  caFile?: string;
  /** How many users' tokens are kept; the least recently used go first. Default 10,000; 1 to 1,000,000. */
  tokenCacheSize?: number;
}

const types: Readonly<Record<keyof ClientOptions, 'string' | 'boolean' | 'number' | 'function'>> = {
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
  connectTimeout: 'number',
  timeout: 'number',
  deadline: 'number',
  maxRetries: 'number',
  caFile: 'string',
  tokenCacheSize: 'number',
};

const times = ['connectTimeout', 'timeout', 'deadline'] as const;

/** The options as the core takes them, and what stays here. */
interface Checked {
  settings: Omit<NativeSettings, 'client'>;
  keySource: KeySource | undefined;
  /** The options as they were read, once: a getter could give another value next time. */
  given: object;
}

/** The options, with what is wrong with their names and types for the core to list beside what is wrong with their values. */
export function toSettings(options: ClientOptions): Checked {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new ConfigurationError(`invalid configuration: the options must be an object, not ${kind(options)}`);
  }
  const problems = Object.keys(options)
    .filter((name) => !Object.hasOwn(types, name))
    .map((name) => `${JSON.stringify(name)} is no option; ${closest(name)}`);
  const given: Record<string, unknown> = {};
  for (const [name, type] of Object.entries(types)) {
    const { value, problem } = read(options, name as keyof ClientOptions, type);
    if (problem !== undefined) {
      problems.push(`\`${snakeCase(name)}\` ${problem}`);
    } else if (value !== undefined) {
      given[name] = value;
    }
  }
  const { keySource, ...rest } = given as ClientOptions;
  const settings = { ...rest, runtime: `node/${process.versions.node}`, keySource: keySource !== undefined, problems };
  for (const time of times) {
    if (settings[time] !== undefined) {
      // Seconds are the core's unit, for every language.
      settings[time] /= 1000;
    }
  }
  return { settings, keySource, given };
}

/** An option's value, or what is wrong with it: the end of a sentence. */
function read(options: ClientOptions, name: keyof ClientOptions, type: string): { value?: unknown; problem?: string } {
  let value: unknown;
  try {
    value = options[name];
  } catch {
    // What the getter throws may hold anything.
    return { problem: "can't be read: its getter throws" };
  }
  if (value === undefined) {
    return {};
  }
  if (typeof value !== type) {
    return { problem: `must be a ${type}, not ${kind(value)}` };
  }
  if (typeof value === 'string' && !value.isWellFormed()) {
    return { problem: 'contains half of a surrogate pair' };
  }
  if (typeof value === 'number' && !(times as readonly string[]).includes(name) && !Number.isSafeInteger(value)) {
    return { problem: `must be a whole number, not ${value}` };
  }
  return { value };
}

/** A message of the core about times, with the times as the caller gave them. */
export function inMilliseconds(message: string, given: object): string {
  const aboutTime = /`([a-z_]+)` is \S+ s; more than 0 and at most (\d+) s are accepted/g;
  return message.replace(aboutTime, (_, name: string, most: string) => {
    const value = given[camelCase(name) as keyof typeof given] as unknown;
    return `\`${name}\` is ${String(value)} ms; more than 0 and at most ${Number(most) * 1000} ms are accepted`;
  });
}

/** The nearest names, or all of them when none is near. */
function closest(name: string): string {
  const quoted = (names: string[]) => names.map((option) => `\`${snakeCase(option)}\``);
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z]/g, '');
  const known = Object.keys(types).map((option) => ({ option, far: distance(plain(name), plain(option)) }));
  const least = Math.min(...known.map(({ far }) => far));
  if (least > name.length / 2) {
    return `the options are ${quoted(Object.keys(types)).join(', ')}`;
  }
  const nearest = known.filter(({ far }) => far === least).map(({ option }) => option);
  return `did you mean ${quoted(nearest).join(' or ')}?`;
}

/** How many letters must be added, removed or replaced. */
function distance(one: string, other: string): number {
  // A name as long as a key may be one; it needs no close look.
  if (one.length > 40) {
    return one.length;
  }
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const replaced = row[j - 1]! + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[other.length]!;
}
