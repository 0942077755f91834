/**
 * Finds and loads the addon for this platform, and says what it offers. Nothing here is API.
 */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';

import { bundled } from './bundled.js';

/** An error of the core as plain data. Unknown members are absent. */
export interface ErrorData {
  number: number;
  name: string;
  message: string;
  retryable: boolean;
  attempts: number;
  argument?: string;
  reason?: string;
  problems?: { option: string; reason: string }[];
  status?: number;
  requestId?: string;
  /** Seconds. */
  retryAfter?: number;
  serviceMessage?: string;
}

/** An event of the core as plain data. Members that an event doesn't have are absent. */
export interface EventData {
  name: string;
  level: string;
  message: string;
  from?: string;
  to?: string;
  primary?: string;
  secondary?: string;
  reason?: string;
  fingerprints?: string[];
  url?: string;
  path?: string;
  method?: string;
  route?: string;
  status?: number;
  error?: string;
  attempt?: number;
  attempts?: number;
  /** Milliseconds. */
  duration?: number;
  credential?: string;
  requestId?: string;
}

/** Keys are wanted. The first answer counts. */
export interface KeyQuestion {
  answer(primary: string, secondary: string | undefined): void;
  fail(reason: string): void;
}

/** What a client is made from. */
export interface NativeSettings {
  /** The number that events and questions of the client carry. */
  client: number;
  runtime: string;
  /** The options that were given. Times are milliseconds. */
  given: Record<string, string | number | boolean>;
  /** Whether questions for keys are answered. */
  keySource: boolean;
  /** What is wrong with those that were not passed on: names, and the ends of sentences. */
  problems: [option: string, reason: string][];
}

/** What a single call does differently from its client. Times are milliseconds. */
export type CallSettings = Record<string, number>;

/** What the addon asks for the next page by. */
export type NextPage = object & { readonly nextPage: unique symbol };

/**
 * A client's session. The methods with a slot start a call in it and answer `null`, or why it was refused before anything
 * was sent; with `settings` the call has times and retries of its own, with `asUser` it is made as that user. Times and
 * numbers are judged by the core; types are not, so callers check them.
 */
export interface NativeSession {
  readonly tenantUrl: string;
  getUsers(
    slot: number,
    settings: CallSettings | undefined,
    asUser: string | undefined,
    pageNumber: number | undefined,
    pageSize: number | undefined,
  ): ErrorData | null;
  /** The first page, or the one that is `next` to the page before: its rest. */
  iterateUsers(
    slot: number,
    settings: CallSettings | undefined,
    asUser: string | undefined,
    pageSize: number,
    next: NextPage | undefined,
  ): ErrorData | null;
  getUser(
    slot: number,
    settings: CallSettings | undefined,
    asUser: string | undefined,
    userId: string,
  ): ErrorData | null;
  exchangeApiKeyForToken(
    slot: number,
    settings: CallSettings | undefined,
    userId: string,
    fresh: boolean,
  ): ErrorData | null;
  checkApiKeys(slot: number, settings: CallSettings | undefined): ErrorData | null;
  verifyToken(
    slot: number,
    settings: CallSettings | undefined,
    token: string,
    check: string | undefined,
  ): ErrorData | null;
  /** `query` and `headers` are name, value, name, value and so on. */
  request(
    slot: number,
    settings: CallSettings | undefined,
    asUser: string | undefined,
    method: string,
    path: string,
    query: string[] | undefined,
    headers: string[] | undefined,
    json: string | undefined,
  ): ErrorData | null;
  testingPanic(slot: number): ErrorData | null;
  /** Has the call watched that is about to start in the slot. Values of headers. */
  observe(slot: number, traceparent: string | undefined, tracestate: string | undefined, baggage: string | undefined): void;
  /** Nobody watches the slot any more, whose call did not start. */
  stopObserving(slot: number): void;
  /** What the watched call of a slot did so far, for `readAccount`. */
  account(slot: number): string | null;
  /** Stops a call, which is still drained. */
  cancel(slot: number): void;
  close(): void;
  /** The token that is at hand; `null` also for what a call will refuse. */
  cachedToken(userId: string): string | null;
  /** The token that is at hand, and when it expires in seconds since 1970. */
  cachedTokenAndExpiry(userId: string): [token: string, expiresAt: number | null] | null;
  /**
   * The claims as JSON, or why not; `null` when signing keys have to be fetched first, or the service asked, by a call. Claims that
   * were given before are a number, the same each time, unless `asText`.
   */
  verifiedToken(token: string, check: string | undefined, asText: boolean): string | number | ErrorData | null;
  forgetToken(userId: string): ErrorData | null;
  forgetTokens(): ErrorData | null;
  setApiKeys(primary: string, secondary: string | undefined): ErrorData | null;
  /** JSON. */
  keyUsage(): string | ErrorData;
  /** JSON. */
  tokenStats(): string | ErrorData;
}

/** One for each JavaScript environment. */
export interface NativeBridge {
  /**
   * Four items for each thing that came. A call: its slot, body, rest, and what it did, if it is watched; the body is `null` for an
   * error, whose data is then the rest. An event: -1, the client's number, its data. A question for keys: -2, the client's number,
   * the question.
   */
  drain(): unknown[];
}

interface Native {
  version(): string;
  liveHandles(): number;
  errorTable(): { number: number; name: string; retryable: boolean }[];
  /** JSON. */
  settingsTable(): string;
  /** JSON. */
  methodsTable(): string;
  checkUserId(userId: string): ErrorData | null;
  checkTokenCheck(check: string): ErrorData | null;
  openSession(bridge: NativeBridge, settings: NativeSettings): NativeSession | ErrorData;
  NativeBridge: new (wake: () => void) => NativeBridge;
}

export const native = checked(load());

function load(): Native {
  // Within the package this file keeps its name. Elsewhere an addon could be found by chance, of any version.
  if (basename(__filename) !== 'native.js') throw bundled(new Error(`this is ${__filename}`));
  const { platform, arch } = process;
  const kinds: Record<string, string[]> = { linux: ['-gnu', '-musl'], win32: ['-msvc'] };
  const names = (kinds[platform] ?? ['']).map((kind) => `${platform}-${arch}${kind}`);
  const there = names.map(find).filter((file) => file !== undefined);
  // The report takes milliseconds, so it is only asked when there is a choice.
  const file = there.length > 1 ? there[usesMusl() ? 1 : 0] : there[0];
  if (file === undefined) {
    throw new Error(
      `agglestone: no native addon for ${platform}-${arch}: ${names.map((name) => `@agglestone/${name}`).join(' or ')} ` +
        'is not installed. It is an optional dependency: install without --omit=optional, on the platform that the program runs on',
    );
  }
  try {
    return require(file) as Native;
  } catch (cause) {
    throw new Error(`agglestone: the native addon ${file} can't be loaded: ${String(cause)}`, { cause });
  }
}

/** The addon that was built here, or else that of the platform's package. */
function find(name: string): string | undefined {
  const built = join(__dirname, '..', 'native', `agglestone.${name}.node`);
  if (existsSync(built)) return built;
  try {
    return require.resolve(`@agglestone/${name}`);
  } catch {
    return undefined;
  }
}

/** An addon of another version would be spoken to in the wrong way. */
function checked(native: Native): Native {
  const { version } = require('../package.json') as { version: string };
  if (native.version() !== version) {
    throw new Error(`agglestone: the native addon is version ${native.version()}, the package ${version}; install it anew`);
  }
  return native;
}

function usesMusl(): boolean {
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return report.header?.glibcVersionRuntime === undefined;
}
