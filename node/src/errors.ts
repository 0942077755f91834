/**
 * The error classes, one for each row of the core's table, and how its data becomes one of them.
 */
import type { ErrorData } from './native.js';

/** One thing that is wrong with a configuration. */
export interface Problem {
  /** The option, such as `baseUrl`. */
  readonly option: string;
  /** What is wrong with it, and what is accepted: the end of a sentence that begins with the option. */
  readonly reason: string;
}

/** Why a token is not to be believed. The names are stable; a later version may have more. */
export type TokenReason =
  | 'malformed'
  | 'expired'
  | 'not_yet_valid'
  | 'wrong_issuer'
  | 'wrong_tenant'
  | 'wrong_audience'
  | 'bad_signature'
  | 'unknown_key'
  | 'algorithm'
  | 'revoked';

/** What an error knows besides its message. Unknown members are absent. */
export interface ErrorDetails {
  /** Whether the same call may well succeed later, with nothing changed by the caller. */
  readonly retryable?: boolean;
  /** How many requests were sent before the call gave up. */
  readonly attempts?: number;
  /** The HTTP status, when there was an answer. */
  readonly status?: number;
  /** The service's name for the request, when its answer carried one: quote it to the vendor. */
  readonly requestId?: string;
  /** How long the service asked to wait before the next attempt, in milliseconds. */
  readonly retryAfter?: number;
  /** The service's own words, when it sent some. */
  readonly serviceMessage?: string;
  /** The name of the argument that was refused. */
  readonly argument?: string;
  /** Why a token is not to be believed. */
  readonly reason?: TokenReason;
  /** Everything that is wrong with a configuration. */
  readonly problems?: readonly Problem[];
  /** What led to it. */
  readonly cause?: unknown;
}

/**
 * What every rejection of this package is an instance of, except for an abort, which rejects with the signal's reason.
 * Never holds a key or a token.
 */
export class AgglestoneError extends Error {
  /** What a program decides by: `AGG_` and the stable name, such as `AGG_NOT_FOUND`. */
  readonly code: string = 'AGG_PANIC';
  /** The stable number of the code, the same in every language. */
  readonly number: number = 900;
  /** Whether the same call may well succeed later, with nothing changed by the caller. */
  readonly retryable: boolean;
  /** How many requests were sent before the call gave up. */
  readonly attempts: number;
  /** The HTTP status, when there was an answer. */
  declare readonly status?: number;
  /** The service's name for the request, when its answer carried one: quote it to the vendor. */
  declare readonly requestId?: string;
  /** How long the service asked to wait before the next attempt, in milliseconds. */
  declare readonly retryAfter?: number;
  /** The service's own words, when it sent some. */
  declare readonly serviceMessage?: string;
  /** The name of the argument that was refused, such as `userId`. */
  declare readonly argument?: string;

  constructor(message: string, details: ErrorDetails = {}) {
    const { retryable = false, attempts = 0, cause, ...known } = details;
    super(message, cause === undefined ? undefined : { cause });
    this.retryable = retryable;
    this.attempts = attempts;
    Object.assign(this, known);
  }
}

/** Invalid argument; nothing was sent. Its name is in `argument`. */
export class InvalidArgumentError extends AgglestoneError {
  override readonly code = 'AGG_INVALID_ARGUMENT';
  override readonly number = 100;
}

/** Invalid configuration; the message lists every problem. */
export class ConfigurationError extends AgglestoneError {
  override readonly code = 'AGG_INVALID_CONFIG';
  override readonly number = 101;
  /** Each problem by itself. */
  declare readonly problems?: readonly Problem[];
}

/** The client was closed. */
export class ClosedError extends AgglestoneError {
  override readonly code = 'AGG_CLOSED';
  override readonly number = 102;
}

/** DNS failure, connection failure, or a connection that closed before the response was complete. */
export class TransportError extends AgglestoneError {
  override readonly code: string = 'AGG_CONNECT';
  override readonly number: number = 200;
}

/** TLS handshake or certificate verification failed. */
export class TlsError extends TransportError {
  override readonly code = 'AGG_TLS';
  override readonly number = 201;
}

/** An attempt or the whole call took longer than allowed. */
export class DeadlineExceededError extends TransportError {
  override readonly code = 'AGG_TIMEOUT';
  override readonly number = 202;
}

/** The response exceeds the size limit. */
export class ResponseTooLargeError extends AgglestoneError {
  override readonly code = 'AGG_TOO_LARGE';
  override readonly number = 204;
}

/** The service returned a redirect, which is never followed. */
export class UnexpectedRedirectError extends AgglestoneError {
  override readonly code = 'AGG_UNEXPECTED_REDIRECT';
  override readonly number = 205;
}

/** The service returned an error status; those with a class of their own derive from this one. */
export class ApiError extends AgglestoneError {
  override readonly code: string = 'AGG_UNEXPECTED_STATUS';
  override readonly number: number = 399;
}

/** The service returned 400 or 422. */
export class BadRequestError extends ApiError {
  override readonly code = 'AGG_BAD_REQUEST';
  override readonly number = 300;
}

/** The service returned 401 to every key. */
export class AuthenticationError extends ApiError {
  override readonly code = 'AGG_UNAUTHORIZED';
  override readonly number = 301;
}

/** The service returned 403. */
export class PermissionDeniedError extends ApiError {
  override readonly code = 'AGG_FORBIDDEN';
  override readonly number = 303;
}

/** The service returned 404. */
export class NotFoundError extends ApiError {
  override readonly code = 'AGG_NOT_FOUND';
  override readonly number = 304;
}

/** The service returned 409. */
export class ConflictError extends ApiError {
  override readonly code = 'AGG_CONFLICT';
  override readonly number = 309;
}

/** A token that was verified is not to be believed; `reason` says why. A web service answers 401. */
export class InvalidTokenError extends AgglestoneError {
  override readonly code = 'AGG_INVALID_TOKEN';
  override readonly number = 310;
  /** Why. */
  declare readonly reason?: TokenReason;
}

/** There are no signing keys to verify a token with. A web service answers 503. */
export class KeysUnavailableError extends AgglestoneError {
  override readonly code = 'AGG_KEYS_UNAVAILABLE';
  override readonly number = 311;
}

/** The service can't be asked whether the user of a verified token may still. A web service answers 503. */
export class CheckUnavailableError extends AgglestoneError {
  override readonly code = 'AGG_CHECK_UNAVAILABLE';
  override readonly number = 312;
}

/** The service returned 429; `retryAfter` says when to come back, if it said so. */
export class RateLimitedError extends ApiError {
  override readonly code = 'AGG_RATE_LIMITED';
  override readonly number = 329;
}

/** The service returned 5xx. */
export class ServerError extends ApiError {
  override readonly code = 'AGG_SERVER';
  override readonly number = 350;
}

/** A 2xx response with an unexpected body. */
export class InvalidResponseError extends AgglestoneError {
  override readonly code = 'AGG_INVALID_RESPONSE';
  override readonly number = 400;
}

/** A bug in this package. */
export class InternalError extends AgglestoneError {
  override readonly code = 'AGG_PANIC';
  override readonly number = 900;
}

/** The class of each name in the core's table. `CANCELLED` has none: it is a DOMException, as everywhere in Node. */
const classes: Readonly<Record<string, typeof AgglestoneError>> = {
  INVALID_ARGUMENT: InvalidArgumentError,
  INVALID_CONFIG: ConfigurationError,
  CLOSED: ClosedError,
  CONNECT: TransportError,
  TLS: TlsError,
  TIMEOUT: DeadlineExceededError,
  TOO_LARGE: ResponseTooLargeError,
  UNEXPECTED_REDIRECT: UnexpectedRedirectError,
  BAD_REQUEST: BadRequestError,
  UNAUTHORIZED: AuthenticationError,
  FORBIDDEN: PermissionDeniedError,
  NOT_FOUND: NotFoundError,
  CONFLICT: ConflictError,
  INVALID_TOKEN: InvalidTokenError,
  KEYS_UNAVAILABLE: KeysUnavailableError,
  CHECK_UNAVAILABLE: CheckUnavailableError,
  RATE_LIMITED: RateLimitedError,
  SERVER: ServerError,
  UNEXPECTED_STATUS: ApiError,
  INVALID_RESPONSE: InvalidResponseError,
  PANIC: InternalError,
};

// On the prototypes and not in each error: there they would be listed among its members, and minifiers rename classes.
Object.defineProperty(AgglestoneError.prototype, 'name', { value: 'AgglestoneError', writable: true, configurable: true });
for (const type of Object.values(classes)) {
  Object.defineProperty(type.prototype, 'name', { value: type.name, writable: true, configurable: true });
}

/** Calls the addon. What it throws by itself comes of a panic in there, which is a bug. */
export function guarded<T>(call: () => T): T {
  try {
    return call();
  } catch (cause) {
    throw cause instanceof AgglestoneError ? cause : new InternalError(`a call of the addon failed: ${String(cause)}`, { cause });
  }
}

/** Calls the addon, and throws the error that it gives instead of an answer. */
export function orThrow(call: () => ErrorData | null): void;
export function orThrow(call: () => string | ErrorData): string;
export function orThrow(call: () => string | number | ErrorData | null): string | number | null;
export function orThrow(call: () => string | number | ErrorData | null): string | number | null {
  const result = guarded(call);
  if (typeof result === 'object' && result !== null) {
    throw toError(result);
  }
  return result;
}

/** An error of the core as one of the classes above. */
export function toError(data: ErrorData): Error {
  const { number: _, name, message, retryAfter, reason, ...same } = data;
  if (name === 'CANCELLED') {
    return new DOMException(message, 'AbortError');
  }
  return new (classes[name] ?? InternalError)(message, {
    ...same,
    ...(reason !== undefined && { reason: reason as TokenReason }),
    ...(retryAfter !== undefined && { retryAfter: retryAfter * 1000 }),
  });
}
