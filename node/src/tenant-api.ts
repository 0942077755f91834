/**
 * The calls that a client makes for the application, and for a user just as well.
 */
import { checkedOptions, jsonText, pairs, type Scalar, text, wholeNumber } from './arguments.js';
import { type CallOptions, callOptions } from './call-options.js';
import { run, type Session } from './dispatch.js';
import type { User, UsersPage } from './models.js';
import type { NextPage } from './native.js';
import { Reply } from './reply.js';

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
  /** The query; names and values are encoded. Path and query may come to 32 KiB. */
  query?: Pairs | undefined;
  /**
   * Further headers, at most 100 of them and 64 KiB. Credentials, `Host`, `Content-Length` and the like are refused, also with
   * `_` for `-`: the client sets them.
   */
  headers?: Pairs | undefined;
  /** The body: anything that `JSON.stringify` can write. */
  json?: unknown;
}

const pageOptions = ['pageNumber', 'pageSize', ...callOptions] as const;
const iterateOptions = ['pageSize', ...callOptions] as const;
const requestOptions = ['query', 'headers', 'json', ...callOptions] as const;

interface Page {
  page: UsersPage;
  next: NextPage | null | undefined;
}

/**
 * The tenant, as the application or a user may see it.
 *
 * Every method rejects with an {@link AgglestoneError}, or with the signal's reason when it was aborted.
 */
export abstract class TenantApi {
  readonly #session: Session;
  readonly #asUser: string | undefined;

  /** @internal */
  constructor(session: Session, asUser: string | undefined) {
    this.#session = session;
    this.#asUser = asUser;
  }

  /** One page of the tenant's users, as the service sent it. */
  getUsers(options?: PageOptions): Promise<UsersPage> {
    const { native } = this.#session;
    return run<PageOptions, UsersPage>(
      this.#session,
      pageOptions,
      options,
      (slot, settings, { pageNumber, pageSize }) => {
        const [number, size] = [wholeNumber('pageNumber', pageNumber), wholeNumber('pageSize', pageSize)];
        return native.getUsers(slot, settings, this.#asUser, number, size);
      },
      (body) => JSON.parse(body as string) as UsersPage,
    );
  }

  /** All users of the tenant, fetched page by page as they are asked for. */
  async *iterUsers(options?: IterateOptions): AsyncGenerator<User, void, undefined> {
    const given = checkedOptions<IterateOptions>(iterateOptions, options);
    const pageSize = given.pageSize === undefined ? 100 : given.pageSize;
    let following: NextPage | undefined;
    do {
      const { page, next }: Page = await this.#page({ ...given, pageSize }, following);
      yield* page.data;
      following = next ?? undefined;
    } while (following !== undefined);
  }

  /**
   * One user, as the service sent it.
   *
   * @throws NotFoundError when the tenant has no such user.
   */
  getUser(userId: string, options?: CallOptions): Promise<User> {
    const { native } = this.#session;
    return run(
      this.#session,
      callOptions,
      options,
      (slot, settings) => native.getUser(slot, settings, this.#asUser, text('userId', userId)),
      (body) => JSON.parse(body as string) as User,
    );
  }

  /**
   * Any other call to the tenant.
   *
   * @param method `GET`, `HEAD`, `POST`, `PUT`, `PATCH` or `DELETE`, in any letter case.
   * @param path Below the tenant, such as `api/v2.0/Users`; without a query.
   */
  request(method: string, path: string, options?: RequestOptions): Promise<Reply> {
    const { native } = this.#session;
    return run<RequestOptions, Reply>(
      this.#session,
      requestOptions,
      options,
      (slot, settings, { query, headers, json }) =>
        native.request(
          slot,
          settings,
          this.#asUser,
          text('method', method),
          text('path', path),
          pairs('query', query),
          pairs('headers', headers),
          jsonText(json),
        ),
      (body, rest) => new Reply(body as string | Uint8Array, rest as [number, number, ...string[]]),
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

  #page(options: IterateOptions, following: NextPage | undefined): Promise<Page> {
    const { native } = this.#session;
    return run<IterateOptions, Page>(
      this.#session,
      iterateOptions,
      options,
      (slot, settings, { pageSize }) =>
        native.iterateUsers(slot, settings, this.#asUser, wholeNumber('pageSize', pageSize) as number, following),
      (body, next) => ({ page: JSON.parse(body as string) as UsersPage, next: next as Page['next'] }),
    );
  }
}
