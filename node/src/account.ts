/** What a call did: for spans, metrics and messages. No id, query, body or secret. */

/** One attempt of a call. Times are microseconds. */
export interface AttemptAccount {
  readonly method: string;
  /** The route template: no id and no query. */
  readonly route: string;
  /** Since the call began. */
  readonly start: number;
  /** Of one that is over. */
  readonly duration: number | undefined;
  /** How long it waited for a connection. */
  readonly connectionWait: number | undefined;
  /** How many attempts came before it. */
  readonly resends: number;
  readonly status: number | undefined;
  /** Why there was no response, such as `TIMEOUT`. */
  readonly error: string | undefined;
  /** `error`, or the status where that is 400 or more. */
  readonly errorType: string | undefined;
  readonly credential: 'primary' | 'secondary' | 'token' | undefined;
  /** Of the key: the first 8 hex digits of its SHA-256. */
  readonly fingerprint: string | undefined;
  readonly requestId: string | undefined;
}

/** What a call did: no id, query, body or secret. */
export interface CallAccount {
  /** Empty for a call that was refused before it began. */
  readonly method: string;
  /** The route template: no id and no query. */
  readonly route: string;
  readonly serverAddress: string;
  readonly serverPort: number;
  /** The status of the response that decided. */
  readonly status: number | undefined;
  /** The name of the error. */
  readonly error: string | undefined;
  /** Where a user's token came from, for a call that needed one. */
  readonly token: 'cache' | 'cacheRenewed' | 'store' | 'exchange' | undefined;
  /** For such a call with a token store, whether that could be used. */
  readonly tokenStore: 'up' | 'down' | undefined;
  /** How often the other key was tried because one was refused. */
  readonly failovers: number;
  /** How long it took, in microseconds; `undefined` for one that was aborted a moment ago. */
  readonly duration: number | undefined;
  readonly attempts: readonly AttemptAccount[];
}

const LINES_OF_CALL = 10;
const LINES_OF_ATTEMPT = 12;

/** Reads the lines that bindings/node/src/account.rs writes, all of the call and then all of each attempt. */
export function readAccount(text: string): CallAccount {
  const lines = text.split('\n');
  const attempts: AttemptAccount[] = [];
  for (let at = LINES_OF_CALL; at + LINES_OF_ATTEMPT <= lines.length; at += LINES_OF_ATTEMPT) {
    attempts.push({
      method: lines[at]!,
      route: lines[at + 1]!,
      start: Number(lines[at + 2]),
      duration: number(lines[at + 3]),
      connectionWait: number(lines[at + 4]),
      resends: Number(lines[at + 5]),
      status: number(lines[at + 6]),
      error: word(lines[at + 7]),
      errorType: word(lines[at + 8]),
      credential: word(lines[at + 9]),
      fingerprint: word(lines[at + 10]),
      requestId: word(lines[at + 11]),
    });
  }
  return {
    method: lines[0]!,
    route: lines[1]!,
    serverAddress: lines[2]!,
    serverPort: Number(lines[3]),
    status: number(lines[4]),
    error: word(lines[5]),
    token: word(lines[6]),
    tokenStore: word(lines[7]),
    failovers: Number(lines[8]),
    duration: number(lines[9]),
    attempts,
  };
}

/** Of a call that did not begin. */
export const unbegun: CallAccount = readAccount('\n'.repeat(10));

function number(line: string | undefined): number | undefined {
  return line === '' ? undefined : Number(line);
}

function word<Word extends string>(line: string | undefined): Word | undefined {
  return line === '' ? undefined : (line as Word);
}
