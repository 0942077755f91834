/**
 * What a client tells of its keys and, with `requestLog`, of its calls, for the application's log. Fingerprints, never keys.
 */
import { InvalidArgumentError } from './errors.js';

/** How much an event matters: `debug` is for whoever looks for something, `info` is as planned, at `warning` someone should look, at `error` calls fail. */
export type EventLevel = 'debug' | 'info' | 'warning' | 'error';

interface Happening {
  /** How much it matters. */
  readonly level: EventLevel;
  /** What happened, in words fit for a log. */
  readonly message: string;
}

/** The key in use was refused and the other one works: it is the key in use from now on. */
export interface FailoverEvent extends Happening {
  readonly name: 'failover';
  /** Fingerprint of the refused key. */
  readonly from: string;
  /** Fingerprint of the key in use now. */
  readonly to: string;
}

/** The keys were replaced, by `setApiKeys` or because their source has others. */
export interface KeysReplacedEvent extends Happening {
  readonly name: 'keysReplaced';
  /** Fingerprint of the primary key. */
  readonly primary: string;
  /** Fingerprint of the secondary key; `null` when there is none. */
  readonly secondary: string | null;
}

/** Another process saw the key in use refused, or had it replaced: the other key is the one in use from now on. */
export interface FailoverElsewhereEvent extends Happening {
  readonly name: 'failoverElsewhere';
  /** Fingerprint of the key that others had no luck with. */
  readonly from: string;
  /** Fingerprint of the key in use now. */
  readonly to: string;
}

/** The token store does not answer as it should: tokens are exchanged without it. Told once until it is back. */
export interface TokenStoreLostEvent extends Happening {
  readonly name: 'tokenStoreLost';
  /** What was wrong. */
  readonly reason: string;
}

/** The token store answers again. */
export interface TokenStoreBackEvent extends Happening {
  readonly name: 'tokenStoreBack';
}

/** The source of the keys could not be read; the keys in use stay. */
export interface SourceFailedEvent extends Happening {
  readonly name: 'sourceFailed';
  /** What was wrong. Of an error that a key source threw, its message. */
  readonly reason: string;
}

/** Keys and tokens travel unencrypted, because `allowInsecureHttp` allows it. Told each time a client is made. */
export interface InsecureHttpEvent extends Happening {
  readonly name: 'insecureHttp';
  /** The base URL. */
  readonly url: string;
}

/** Every user of the machine may write a file that a key is read from. Told each time a client is made. */
export interface KeyFileWritableEvent extends Happening {
  readonly name: 'keyFileWritable';
  /** The file. */
  readonly path: string;
}

/** Every key that the client has was refused. */
export interface KeysRefusedEvent extends Happening {
  readonly name: 'keysRefused';
  /** Fingerprints of the refused keys. */
  readonly fingerprints: readonly string[];
}

/** The signing keys that tokens are verified with could not be renewed; the last ones serve, for a day at most. */
export interface SigningKeysStaleEvent extends Happening {
  readonly name: 'signingKeysStale';
  /** Why the fetch failed. */
  readonly reason: string;
}

/** What a request and a call have in common. */
interface Passing extends Happening {
  /** The method, such as `GET`. */
  readonly method: string;
  /** The route template, such as `users/{userId}`: no id and no query. */
  readonly route: string;
  /** The status of the response, if there was one. */
  readonly status?: number;
  /** The name of the error, such as `TIMEOUT`, if it failed. */
  readonly error?: string;
  /** How long it took, in milliseconds. */
  readonly duration: number;
}

/** An attempt of a call is over. Only with the option `requestLog`. */
export interface RequestEvent extends Passing {
  readonly name: 'request';
  readonly level: 'debug';
  /** Which attempt of its call this was, counted from 1. */
  readonly attempt: number;
  /** What it proved who it is with. */
  readonly credential?: 'primary' | 'secondary' | 'token';
  /** Of the key: the first 8 hex digits of its SHA-256. */
  readonly fingerprint?: string;
  /** The service's name for the request, if it gave one. */
  readonly requestId?: string;
}

/** A call is over. Only with the option `requestLog`. */
export interface CallEvent extends Passing {
  readonly name: 'call';
  readonly level: 'info';
  /** How many attempts it took; 0 for what was at hand. */
  readonly attempts: number;
}

/** Any of them, told apart by `name`. */
export type ClientEvent =
  | FailoverEvent
  | FailoverElsewhereEvent
  | TokenStoreLostEvent
  | TokenStoreBackEvent
  | KeysReplacedEvent
  | SourceFailedEvent
  | InsecureHttpEvent
  | KeyFileWritableEvent
  | KeysRefusedEvent
  | SigningKeysStaleEvent
  | RequestEvent
  | CallEvent;

/** The names to listen to, with what a listener is given; `event` is all of them. */
export interface ClientEvents {
  failover: [event: FailoverEvent];
  failoverElsewhere: [event: FailoverElsewhereEvent];
  tokenStoreLost: [event: TokenStoreLostEvent];
  tokenStoreBack: [event: TokenStoreBackEvent];
  keysReplaced: [event: KeysReplacedEvent];
  sourceFailed: [event: SourceFailedEvent];
  insecureHttp: [event: InsecureHttpEvent];
  keyFileWritable: [event: KeyFileWritableEvent];
  keysRefused: [event: KeysRefusedEvent];
  signingKeysStale: [event: SigningKeysStaleEvent];
  request: [event: RequestEvent];
  call: [event: CallEvent];
  event: [event: ClientEvent];
}

const names: Readonly<Record<keyof ClientEvents, true>> = {
  failover: true,
  failoverElsewhere: true,
  tokenStoreLost: true,
  tokenStoreBack: true,
  keysReplaced: true,
  sourceFailed: true,
  insecureHttp: true,
  keyFileWritable: true,
  keysRefused: true,
  signingKeysStale: true,
  request: true,
  call: true,
  event: true,
};

/** The name of an event. A misspelt one is refused, because its listener would silently never be called. */
export function eventName(name: string): string {
  // `once` of `node:events` listens to `error` as well, of whatever emitter; a client emits none.
  if (Object.hasOwn(names, name) || name === 'error') {
    return name;
  }
  const known = Object.keys(names).join(', ');
  throw new InvalidArgumentError(`\`name\` is no event of a client; these are: ${known}`, { argument: 'name' });
}
