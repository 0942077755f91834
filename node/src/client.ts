/// <reference lib="esnext.disposable" preserve="true" />
/**
 * The client: one method for each thing the service does.
 */
import { checkedOptions, jsonText, pairs, type Scalar, text, wholeNumber } from './arguments.js';
import { type CallOptions, openSession, run } from './dispatch.js';
import type { User, UsersPage } from './models.js';
import type { NativeSession } from './native.js';
import { type ClientOptions, toSettings } from './options.js';
import { Reply } from './reply.js';
import { Token } from './token.js';

/** Which page of the users. */
export interface PageOptions extends CallOptions {
  /** The page, counted from 1. Default 1. */
  pageNumber?: number | undefined;
  /** How many users it holds at most, 1 to 100. Default 10. */
  pageSize?: number | undefined;
}

/** How to go through all users. */
export interface IterateOptions extends CallOptions {
  /** How many users are fetched at once, 1 to 100. Default 100. */
  pageSize?: number | undefined;
}

/** Names and values; a list of values repeats the name, and `undefined` and `null` leave it out. */
export type Pairs =
  | Readonly<Record<string, Scalar | readonly Scalar[] | null | undefined>>
  | Iterable<readonly [string, Scalar]>;

/** What a request carries. */
export interface RequestOptions extends CallOptions {
  /** The query; names and values are encoded. */
  query?: Pairs | undefined;
  /** Further headers. Credentials, `Host`, `Content-Length` and the like are refused: the client sets them. */
  headers?: Pairs | undefined;
  /** The body: anything that `JSON.stringify` can write. */
  json?: unknown;
}

const callOptions = ['signal'] as const;
const pageOptions = ['pageNumber', 'pageSize', 'signal'] as const;
const iterateOptions = ['pageSize', 'signal'] as const;
const requestOptions = ['query', 'headers', 'json', 'signal'] as const;

interface Page {
  page: UsersPage;
  next: number | null;
}

/**
 * A client of one tenant, to be made once and shared. It keeps a pool of connections and is freed when it is closed or
 * no longer used; an idle one does not keep the process alive.
 *
 * Every method rejects with an {@link AgglestoneError}, or with the signal's reason when it was aborted.
 *
 * @example
 * ```js
 * const client = new Client(); // AGGLESTONE_TENANT_ID, AGGLESTONE_API_KEY
 * const page = await client.getUsers();
 * ```
 */
export class Client {
  /** The URL of the tenant, with a slash at its end. */
  readonly tenantUrl: string;
  readonly #session: NativeSession;

  /**
   * @param options What is not given is taken from the environment, then from the default.
   * @throws ConfigurationError that lists everything missing or unusable.
   */
  constructor(options: ClientOptions = {}) {
    this.#session = openSession(toSettings(options));
    this.tenantUrl = this.#session.tenantUrl;
  }

  /** One page of the tenant's users, as the service sent it. */
  getUsers(options?: PageOptions): Promise<UsersPage> {
    return this.#page(options, ({ page }) => page);
  }

  /** All users of the tenant, fetched page by page as they are asked for. */
  async *iterUsers(options?: IterateOptions): AsyncGenerator<User, void, undefined> {
    const { pageSize = 100, signal } = checkedOptions<IterateOptions>(iterateOptions, options);
    let pageNumber: number | null = 1;
    while (pageNumber !== null) {
      const { page, next }: Page = await this.#page({ pageNumber, pageSize, signal }, (page) => page);
      yield* page.data;
      pageNumber = next;
    }
  }

  /**
   * One user, as the service sent it.
   *
   * @throws NotFoundError when the tenant has no such user.
   */
  getUser(userId: string, options?: CallOptions): Promise<User> {
    const session = this.#session;
    return run(
      session,
      callOptions,
      options,
      (slot) => session.getUser(slot, text('userId', userId)),
      (body) => JSON.parse(body as string) as User,
    );
  }

  /**
   * Exchanges the API key for a token that represents the user, a JWT to be sent as `Authorization: Bearer`. It acts as
   * the user: keep it out of logs.
   *
   * @throws NotFoundError when the tenant has no such user.
   */
  exchangeApiKeyForToken(userId: string, options?: CallOptions): Promise<string> {
    return this.#exchange(userId, options, (token) => token as string);
  }

  /** {@link exchangeApiKeyForToken} with the token's expiry, as an object that never prints the token. */
  getToken(userId: string, options?: CallOptions): Promise<Token> {
    return this.#exchange(userId, options, (token, expiresAt) => {
      return new Token(token as string, userId, expiresAt as number | null);
    });
  }

  /**
   * Any other call to the tenant.
   *
   * @param method `GET`, `HEAD`, `POST`, `PUT`, `PATCH` or `DELETE`, in any letter case.
   * @param path Below the tenant, such as `api/v2.0/Users`; without a query.
   */
  request(method: string, path: string, options?: RequestOptions): Promise<Reply> {
    const session = this.#session;
    return run<RequestOptions, Reply>(
      session,
      requestOptions,
      options,
      (slot, { query, headers, json }) =>
        session.request(
          slot,
          text('method', method),
          text('path', path),
          pairs('query', query),
          pairs('headers', headers),
          jsonText(json),
        ),
      (body, rest) => new Reply(body as string | Uint8Array, rest as [number, ...string[]]),
    );
  }

  /** {@link request} with `GET`. */
  get(path: string, options?: RequestOptions): Promise<Reply> {
    return this.request('GET', path, options);
  }

  /** {@link request} with `POST`. */
  post(path: string, options?: RequestOptions): Promise<Reply> {
    return this.request('POST', path, options);
  }

  /** {@link request} with `PUT`. */
  put(path: string, options?: RequestOptions): Promise<Reply> {
    return this.request('PUT', path, options);
  }

  /** {@link request} with `PATCH`. */
  patch(path: string, options?: RequestOptions): Promise<Reply> {
    return this.request('PATCH', path, options);
  }

  /** {@link request} with `DELETE`. */
  delete(path: string, options?: RequestOptions): Promise<Reply> {
    return this.request('DELETE', path, options);
  }

  /** Ends calls under way with a {@link ClosedError} and refuses new ones. Closing again does nothing. */
  close(): void {
    this.#session.close();
  }

  /** {@link close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** {@link close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  #page<T>(options: PageOptions | undefined, read: (page: Page) => T): Promise<T> {
    const session = this.#session;
    return run<PageOptions, T>(
      session,
      pageOptions,
      options,
      (slot, { pageNumber, pageSize }) =>
        session.getUsers(slot, wholeNumber('pageNumber', pageNumber), wholeNumber('pageSize', pageSize)),
      (body, next) => read({ page: JSON.parse(body as string) as UsersPage, next: next as number | null }),
    );
  }

  #exchange<T>(
    userId: string,
    options: CallOptions | undefined,
    read: (token: unknown, expiresAt: unknown) => T,
  ): Promise<T> {
    const session = this.#session;
    return run(
      session,
      callOptions,
      options,
      (slot) => session.exchangeApiKeyForToken(slot, text('userId', userId)),
      read,
    );
  }
}
