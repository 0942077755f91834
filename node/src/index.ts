/**
 * Client for the Agglestone Authentication and User Management Service.
 */
import './server-only.js';

export {
  AgglestoneError,
  ApiError,
  AuthenticationError,
  BadRequestError,
  ClosedError,
  ConfigurationError,
  ConflictError,
  DeadlineExceededError,
  type ErrorDetails,
  InternalError,
  InvalidArgumentError,
  InvalidResponseError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitedError,
  ResponseTooLargeError,
  ServerError,
  TlsError,
  TransportError,
  UnexpectedRedirectError,
} from './errors.js';
export { Client, type IterateOptions, type PageOptions, type Pairs, type RequestOptions } from './client.js';
export type { CallOptions } from './dispatch.js';
export type { User, UsersPage } from './models.js';
export type { ClientOptions } from './options.js';
export { Reply } from './reply.js';
export { Token } from './token.js';
