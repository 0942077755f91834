/**
 * The service's local stand-in inside your own tests: real answers, real tokens, and failures on demand.
 *
 * @example
 * ```js
 * import { Client } from 'agglestone';
 * import { Emulator } from 'agglestone/testing';
 *
 * const emulator = await Emulator.start();
 * const client = new Client(emulator.clientOptions());
 * await emulator.addFault({ path: '*\/Users*', status: 503 });
 * const page = await client.getUsers(); // retried
 * await emulator.close();
 * ```
 */
import './server-only.js';

import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, rmSync, mkdtempSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { broughtBy } from './programs.js';

/** One of the tenant's two keys. */
export type Slot = 'primary' | 'secondary';

/** How an emulator is started. */
export interface EmulatorOptions {
  /** The program. Default: what `AGGLESTONE_EMULATOR` names, what the package `agglestone-emulator` brings, or `agglestone-emulator` on the `PATH`. */
  binary?: string;
  tenantId?: string;
  /** Users instead of the 45 demo users; each needs a `userId`. */
  users?: readonly Record<string, unknown>[];
  /** Default: random. */
  primaryApiKey?: string;
  /** Default: random. */
  secondaryApiKey?: string;
  /** Seconds that tokens live. Default: 900. */
  tokenLifetime?: number;
  /** Serve HTTPS with a certificate of its own; `clientOptions()` trusts it. Default: false. */
  tls?: boolean;
  /** Further arguments of the program. */
  arguments?: readonly string[];
}

/** What a `Client` needs. */
export interface EmulatorClientOptions {
  tenantId: string;
  apiKey: string;
  secondaryApiKey: string;
  baseUrl: string;
  caFile?: string;
}

/** Something to do wrong. The emulator's README explains each member. */
export interface Fault {
  /** Matched whole, without the query; `*` stands for anything. Default: all. */
  path?: string;
  /** Default: all. */
  method?: string;
  /** How often; 0 is until `clearFaults()`. Default: 1. */
  times?: number;
  status?: number;
  headers?: Record<string, string | number | string[]>;
  /** Text, bytes, or any other JSON value. */
  body?: unknown;
  delayMs?: number;
  dripMs?: number;
  close?: 'before' | 'mid-body' | 'after';
  raw?: string | Uint8Array;
  repeat?: number;
  gzip?: boolean;
  /** Stays until `clearFaults()`. */
  rateLimit?: { requests: number; perSeconds: number };
}

/** A request that reached the emulator. It holds no secret; what is not known is null. */
export interface RecordedRequest {
  time: string;
  method: string;
  path: string;
  query: string | null;
  status: number | null;
  keySlot: Slot | null;
  fingerprint: string | null;
  credential: 'api-key' | 'bearer' | 'both' | 'none';
  userAgent: string | null;
  requestId: string;
}

/** How often one caller presented one key. */
export interface KeyCaller {
  userAgent: string | null;
  requests: number;
  refused: number;
  firstUsed: string;
  lastUsed: string;
}

/** A key, by its fingerprint, and who presented it. */
export interface KeyReport {
  fingerprint: string;
  state: 'accepted' | 'replaced' | 'unknown';
  slot: Slot | null;
  since: string | null;
  replacedAt: string | null;
  callers: KeyCaller[];
}

interface Ready {
  url: string;
  tenantId: string;
  primaryApiKey: string;
  secondaryApiKey: string;
  portalUrl: string;
  controlToken: string;
  caFile?: string;
}

/** The emulator can't start, or refuses a call to its control API; the message says why. */
export class EmulatorError extends Error {
  static {
    this.prototype.name = 'EmulatorError';
  }
}

/** A running emulator. It ends with `close()`, at the end of an `await using` block, or with this process, however that ends. */
export class Emulator {
  /** Base URL, without a slash at its end. */
  readonly url: string;
  readonly tenantId: string;
  /** Where its page for people is. */
  readonly portalUrl: string;
  /** The authority to trust, if it serves HTTPS. */
  readonly caFile: string | undefined;
  readonly #process: ChildProcess;
  readonly #ready: Ready;

  private constructor(child: ChildProcess, ready: Ready) {
    this.#process = child;
    this.#ready = ready;
    this.url = ready.url;
    this.tenantId = ready.tenantId;
    this.portalUrl = ready.portalUrl;
    this.caFile = ready.caFile;
  }

  /** Starts an emulator on a free port; resolves once it answers, and rejects with the reason if it can't start. */
  static async start(options: EmulatorOptions = {}): Promise<Emulator> {
    const values: Record<string, string | number | undefined> = {
      '--tenant': options.tenantId,
      '--primary-api-key': options.primaryApiKey,
      '--secondary-api-key': options.secondaryApiKey,
      '--token-lifetime': options.tokenLifetime,
      '--tls': options.tls ? 'self-signed' : undefined,
    };
    const given = Object.entries(values).filter(([, value]) => value !== undefined);
    const args = ['--port=0', '--json', '--until-stdin-closes', ...(options.arguments ?? []), ...given.map(([name, value]) => `${name}=${value}`)];
    const folder = options.users && mkdtempSync(path.join(tmpdir(), 'agglestone-emulator-'));
    try {
      if (folder) {
        const seed = path.join(folder, 'seed.json');
        writeFileSync(seed, JSON.stringify({ users: options.users }));
        args.push(`--seed=${seed}`);
      }
      const binary = options.binary ?? process.env['AGGLESTONE_EMULATOR'] ?? broughtBy('agglestone-emulator') ?? 'agglestone-emulator';
      // The tests' own settings of the program would come on top of what is asked for here.
      const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('AGGLESTONE_EMULATOR_'));
      const child = spawn(binary, args, { env: Object.fromEntries(inherited), stdio: 'pipe' });
      const emulator = new Emulator(child, await readyLine(child, binary));
      // One that nobody closes keeps no process from ending, and ends with it: its standard input is a pipe from here.
      for (const held of [child, child.stdin as Socket, child.stdout as Socket, child.stderr as Socket]) held.unref();
      return emulator;
    } finally {
      if (folder) rmSync(folder, { recursive: true });
    }
  }

  /** The primary API key that it started with, and has again after a `reset()`. */
  get primaryApiKey(): string {
    return this.#ready.primaryApiKey;
  }

  /** The secondary API key that it started with, and has again after a `reset()`. */
  get secondaryApiKey(): string {
    return this.#ready.secondaryApiKey;
  }

  /** Bearer token of the control API. */
  get controlToken(): string {
    return this.#ready.controlToken;
  }

  /** Options for a `Client`, with both keys. */
  clientOptions(): EmulatorClientOptions {
    const { tenantId, primaryApiKey: apiKey, secondaryApiKey, url: baseUrl, caFile } = this.#ready;
    return { tenantId, apiKey, secondaryApiKey, baseUrl, ...(caFile === undefined ? {} : { caFile }) };
  }

  /** The same as environment variables, for programs under test. */
  environment(): Record<string, string> {
    const { tenantId, primaryApiKey, secondaryApiKey, url, caFile } = this.#ready;
    return {
      AGGLESTONE_TENANT_ID: tenantId,
      AGGLESTONE_API_KEY: primaryApiKey,
      AGGLESTONE_SECONDARY_API_KEY: secondaryApiKey,
      AGGLESTONE_BASE_URL: url,
      ...(caFile === undefined ? {} : { AGGLESTONE_CA_FILE: caFile }),
    };
  }

  /** Replaces a key; the previous key is refused immediately. */
  async generateKey(slot: Slot): Promise<string> {
    const { apiKey } = await this.#control<{ apiKey: string }>('POST', `keys/${slot}`);
    return apiKey;
  }

  /** Makes `key` the key in `slot`; the previous key is refused immediately. */
  async setKey(slot: Slot, key: string): Promise<void> {
    await this.#control('POST', `keys/${slot}`, { apiKey: key });
  }

  /** Accepted, replaced and unknown keys, and who presented them. */
  async keyReport(): Promise<KeyReport[]> {
    const { keys } = await this.#control<{ keys: KeyReport[] }>('GET', 'keys');
    return keys;
  }

  /** The requests that arrived, oldest first. */
  requests(): Promise<RecordedRequest[]> {
    return this.#control('GET', 'requests');
  }

  /** Makes matching requests go wrong. Rejects if the fault has no effect, or its members can't go together. */
  async addFault(fault: Fault): Promise<void> {
    const { body, raw, ...rest } = fault;
    await this.#control('POST', 'faults', { ...rest, ...bytesOrValue('body', body), ...bytesOrValue('raw', raw) });
  }

  /** Forgets all faults. */
  async clearFaults(): Promise<void> {
    await this.#control('DELETE', 'faults');
  }

  /** Lets so many seconds pass at once: tokens expire, and new ones are issued at the new time. */
  async advanceClock(seconds: number): Promise<void> {
    await this.#control('POST', 'clock', { advanceSeconds: seconds });
  }

  /** Adds users, or replaces those with the same `userId`. */
  async putUsers(users: readonly Record<string, unknown>[]): Promise<void> {
    await this.#control('POST', 'users', { users });
  }

  /** Removes a user. */
  async removeUser(userId: string): Promise<void> {
    await this.#control('DELETE', `users/${encodeURIComponent(userId)}`);
  }

  /** Refuses every token that the user has at this moment; new ones can be had. */
  async revokeTokens(userId: string): Promise<void> {
    await this.#control('POST', `users/${encodeURIComponent(userId)}/revoke`);
  }

  /** Users, keys and signing key, for `restore()`. Holds secrets. */
  snapshot(): Promise<Record<string, unknown>> {
    return this.#control('GET', 'snapshot');
  }

  /** Restores what `snapshot()` gave, of this or another emulator of the same tenant. */
  async restore(snapshot: Record<string, unknown>): Promise<void> {
    await this.#control('PUT', 'snapshot', snapshot);
  }

  /** Back to the keys, users and time that it started with; no faults, no recorded requests. */
  async reset(): Promise<void> {
    await this.#control('POST', 'reset');
  }

  /** Stops the emulator, and resolves when it has ended. Closing twice is a no-op. */
  async close(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.ref();
    this.#process.kill();
    await ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #control<T>(method: string, call: string, body?: unknown): Promise<T> {
    const { url, controlToken, caFile } = this.#ready;
    const headers = { authorization: `Bearer ${controlToken}`, 'content-type': 'application/json' };
    const secure = caFile === undefined ? {} : { ca: readFileSync(caFile) };
    const send = caFile === undefined ? http.request : https.request;
    return new Promise((resolve, reject) => {
      // No connection is kept, so none keeps the process alive.
      const options = { method, headers, agent: false, ...secure } as const;
      const request = send(`${url}/_emulator/${call}`, options, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (text += part));
        response.on('error', reject);
        response.on('end', () => {
          const answer = JSON.parse(text) as T & { detail?: string };
          if (response.statusCode === 200) resolve(answer);
          else reject(new EmulatorError(`${method} ${call}: ${answer.detail ?? response.statusCode}`));
        });
      });
      request.on('error', reject);
      request.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

/** JSON has no bytes, so they go by another name. */
function bytesOrValue(name: string, value: unknown): Record<string, unknown> {
  return value instanceof Uint8Array ? { [`${name}Base64`]: Buffer.from(value).toString('base64') } : { [name]: value };
}

/** What the program says when it answers. */
function readyLine(child: ChildProcess, binary: string): Promise<Ready> {
  return new Promise((resolve, reject) => {
    let [output, errors] = ['', ''];
    child.stdout?.setEncoding('utf8').on('data', (part: string) => {
      output += part;
      if (output.endsWith('\n')) resolve(JSON.parse(output) as Ready);
    });
    child.stderr?.setEncoding('utf8').on('data', (part: string) => (errors += part));
    child.once('error', (error) => {
      reject(new EmulatorError(`cannot run ${binary}: npm install --save-dev agglestone-emulator, or set AGGLESTONE_EMULATOR to the path of one`, { cause: error }));
    });
    child.once('close', () => reject(new EmulatorError(errors.trim() || 'the emulator ended at once')));
  });
}
