// The same classes for `import` and `require`, so that `instanceof` holds across both.
import agglestone from './dist/index.js';

export const {
  AgglestoneError,
  ApiError,
  AuthenticationError,
  BadRequestError,
  Client,
  ClosedError,
  ConfigurationError,
  ConflictError,
  DeadlineExceededError,
  InternalError,
  InvalidArgumentError,
  InvalidResponseError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitedError,
  Reply,
  ResponseTooLargeError,
  ServerError,
  TlsError,
  Token,
  TransportError,
  UnexpectedRedirectError,
  UserClient,
} = agglestone;
