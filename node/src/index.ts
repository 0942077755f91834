/**
 * Client for the Agglestone Authentication and User Management Service.
 */
import './server-only.js';

export {
  AgglestoneError,
  ApiError,
  AuthenticationError,
  BadRequestError,
  CheckUnavailableError,
  ClosedError,
  ConfigurationError,
  ConflictError,
  DeadlineExceededError,
  type ErrorDetails,
  InternalError,
  InvalidArgumentError,
  InvalidResponseError,
  InvalidTokenError,
  KeysUnavailableError,
  NotFoundError,
  PermissionDeniedError,
  type Problem,
  RateLimitedError,
  ResponseTooLargeError,
  ServerError,
  TlsError,
  type TokenReason,
  TransportError,
  UnexpectedRedirectError,
} from './errors.js';
export type { CallOptions } from './call-options.js';
export { Client, type TokenOptions, type VerifyOptions } from './client.js';
export type {
  CallEvent,
  ClientEvent,
  ClientEvents,
  EventLevel,
  FailoverElsewhereEvent,
  FailoverEvent,
  InsecureHttpEvent,
  KeyFileWritableEvent,
  KeysRefusedEvent,
  KeysReplacedEvent,
  RequestEvent,
  SigningKeysStaleEvent,
  TokenStoreBackEvent,
  TokenStoreLostEvent,
  SourceFailedEvent,
} from './events.js';
export type { AttemptAccount, CallAccount } from './account.js';
export type { CallMessage, TraceContext } from './observe.js';
export type { ApiKeys, CheckedKey, KeyCheck, KeySlotUsage, KeySource, KeyUsage } from './keys.js';
export type { Claims, User, UsersPage } from './models.js';
export type { ClientOptions } from './options.js';
export { Reply } from './reply.js';
export type { IterateOptions, PageOptions, Pairs, RequestOptions, TenantApi } from './tenant-api.js';
export { Token, type TokenStats } from './token.js';
export { UserClient } from './user-client.js';
export type { HeadersRead, ReplyHeaders, Signal } from './web.js';
