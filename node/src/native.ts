/**
 * Finds and loads the addon for this platform, and says what it offers. Nothing here is API.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** An error of the core as plain data. Unknown members are absent. */
export interface ErrorData {
  number: number;
  name: string;
  message: string;
  retryable: boolean;
  attempts: number;
  argument?: string;
  status?: number;
  requestId?: string;
  /** Seconds. */
  retryAfter?: number;
  serviceMessage?: string;
}

/** Settings that were given. Times in seconds. */
export interface NativeSettings {
  tenantId?: string;
  apiKey?: string;
  secondaryApiKey?: string;
  baseUrl?: string;
  usersPath?: string;
  appName?: string;
  runtime: string;
  allowInsecureHttp?: boolean;
  connectTimeout?: number;
  timeout?: number;
  deadline?: number;
}

/**
 * A client's session. The methods start a call in a slot and answer `null`, or why it was refused before anything was
 * sent. Times and numbers are judged by the core; types are not, so callers check them.
 */
export interface NativeSession {
  readonly tenantUrl: string;
  getUsers(slot: number, pageNumber: number | undefined, pageSize: number | undefined): ErrorData | null;
  getUser(slot: number, userId: string): ErrorData | null;
  exchangeApiKeyForToken(slot: number, userId: string): ErrorData | null;
  /** `query` and `headers` are name, value, name, value and so on. */
  request(
    slot: number,
    method: string,
    path: string,
    query: string[] | undefined,
    headers: string[] | undefined,
    json: string | undefined,
  ): ErrorData | null;
  /** Stops a call, which is still drained. */
  cancel(slot: number): void;
  close(): void;
}

/** One for each JavaScript environment. */
export interface NativeBridge {
  /** Slot, body, rest; slot, body, rest and so on. The body is `null` for an error, whose data is then the rest. */
  drain(): unknown[];
}

interface Native {
  version(): string;
  liveHandles(): number;
  errorTable(): { number: number; name: string; retryable: boolean }[];
  openSession(bridge: NativeBridge, settings: NativeSettings): NativeSession | ErrorData;
  NativeBridge: new (wake: () => void) => NativeBridge;
}

export const native = checked(load());

function load(): Native {
  const folder = join(__dirname, '..', 'native');
  const name = `agglestone.${process.platform}-${process.arch}`;
  const names = process.platform === 'linux' ? [`${name}-gnu`, `${name}-musl`] : [name];
  const there = names.map((name) => join(folder, `${name}.node`)).filter((file) => existsSync(file));
  // The report takes milliseconds, so it is only asked when there is a choice.
  const file = there.length > 1 ? there[usesMusl() ? 1 : 0] : there[0];
  if (file === undefined) {
    const platform = `${process.platform}-${process.arch}`;
    throw new Error(`agglestone: no native addon for ${platform}: ${names.join('.node or ')}.node is not in ${folder}`);
  }
  try {
    return require(file) as Native;
  } catch (cause) {
    throw new Error(`agglestone: the native addon ${file} can't be loaded: ${String(cause)}`, { cause });
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
