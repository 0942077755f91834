/// <reference lib="esnext.disposable" preserve="true" />
/**
 * The client: one method for each thing the service does.
 */
import { abortSignal, checkedOptions, flag, text } from './arguments.js';
import { type CallOptions, callOptions, callSettings } from './call-options.js';
import { openSession, run, type Session } from './dispatch.js';
import { guarded, orThrow } from './errors.js';
import { type ClientEvents, eventName } from './events.js';
import { KnownClaims } from './known-claims.js';
import { type KeyCheck, type KeyUsage, readUsage } from './keys.js';
import { native as addon } from './native.js';
import type { Claims } from './models.js';
import type { ClientOptions } from './options.js';
import { TenantApi } from './tenant-api.js';
import { Token, type TokenStats } from './token.js';
import { UserClient } from './user-client.js';

/** How to get a token. */
export interface TokenOptions extends CallOptions {
  /** Has a token issued now, whatever the cache holds. Default `false`. */
  fresh?: boolean | undefined;
}

/** What a verdict on a token is to rest on. */
export interface VerifyOptions extends CallOptions {
  /**
   * With `'service'` the service is asked whether the token's user is there and enabled. By default it is not: a token says what
   * was true when it was issued.
   */
  check?: 'service' | null | undefined;
}

type Listener<Name extends keyof ClientEvents> = (...args: ClientEvents[Name]) => void;

const tokenOptions = ['fresh', ...callOptions] as const;
const verifyOptions = ['check', ...callOptions] as const;

/**
 * A client of one tenant, to be made once and shared. It keeps a pool of connections, both API keys and the users' tokens,
 * and is freed when it is closed or no longer used; an idle one does not keep the process alive.
 *
 * Every method that sends something rejects with an {@link AgglestoneError}, or with the signal's reason when it was aborted.
 *
 * @example
 * ```js
 * const client = new Client(); // AGGLESTONE_TENANT_ID, AGGLESTONE_API_KEY
 * const page = await client.getUsers();
 * ```
 */
export class Client extends TenantApi {
  /** The URL of the tenant, with a slash at its end. */
  readonly tenantUrl: string;
  readonly #session: Session;
  readonly #claims = new KnownClaims();

  /**
   * @param options What is not given is taken from the environment, then from the default.
   * @throws ConfigurationError that lists everything missing or unusable.
   */
  constructor(options: ClientOptions = {}) {
    const session = openSession(options);
    super(session, undefined);
    this.#session = session;
    this.tenantUrl = session.native.tenantUrl;
  }

  /**
   * A token that represents the user, a JWT to be sent as `Authorization: Bearer`: from the cache, or by exchanging the API
   * key for one. One exchange serves everyone who asks meanwhile. It acts as the user: keep it out of logs.
   *
   * @throws NotFoundError when the tenant has no such user.
   */
  async exchangeApiKeyForToken(userId: string, options?: TokenOptions): Promise<string> {
    const { native } = this.#session;
    const cached = mayBeCached(options) ? guarded(() => native.cachedToken(text('userId', userId))) : null;
    return cached ?? this.#exchange(userId, options, (token) => token);
  }

  /** {@link exchangeApiKeyForToken} with the token's expiry, as an object that never prints the token. */
  async getToken(userId: string, options?: TokenOptions): Promise<Token> {
    const { native } = this.#session;
    const cached = mayBeCached(options) ? guarded(() => native.cachedTokenAndExpiry(text('userId', userId))) : null;
    if (cached !== null) {
      return new Token(cached[0], userId, cached[1]);
    }
    return this.#exchange(userId, options, (token, expiresAt) => new Token(token, userId, expiresAt));
  }

  /** Forgets a user's token: the next call that needs one has it issued. What is forgotten here is still valid there. */
  forgetToken(userId: string): void {
    orThrow(() => this.#session.native.forgetToken(text('userId', userId)));
  }

  /** Forgets every user's token. */
  forgetTokens(): void {
    orThrow(() => this.#session.native.forgetTokens());
  }

  /** How the cache of tokens is doing. */
  tokenStats(): TokenStats {
    return JSON.parse(orThrow(() => this.#session.native.tokenStats())) as TokenStats;
  }

  /**
   * The tenant as a user sees it: calls with the user's token and without the API key.
   *
   * @throws InvalidArgumentError for an id that can't be one. Whether there is such a user is seen at the first call.
   */
  asUser(userId: string): UserClient {
    orThrow(() => addon.checkUserId(text('userId', userId)));
    return new UserClient(this.#session, userId);
  }

  /**
   * Replaces both keys at once, from the next request on. Without a secondary there is none any more.
   *
   * @throws InvalidArgumentError naming `primary` or `secondary`; the keys in use stay.
   */
  setApiKeys(primary: string, secondary?: string | null): void {
    const other = secondary === undefined || secondary === null ? undefined : text('secondary', secondary);
    orThrow(() => this.#session.native.setApiKeys(text('primary', primary), other));
  }

  /** What this client did with its keys. Sends nothing. */
  keyUsage(): KeyUsage {
    return readUsage(orThrow(() => this.#session.native.keyUsage()));
  }

  /**
   * Whether a token of the tenant is to be believed, and what it says: its signature, issuer, tenant, audience and times. The
   * service's signing keys are fetched when they are needed and kept; a token that was verified before costs a lookup.
   *
   * With `{ check: 'service' }` a user who was deleted or disabled since is refused within a minute: by one `GET` of the user, whose
   * answer counts for a minute for everyone who asks, and less where this client writes to the users. What the user may do is not
   * asked: `groups` are as the token has them. Up to `tokenCacheSize` users are remembered.
   *
   * @throws InvalidTokenError with a `reason` for a token that is not to be believed, `revoked` for one whose user is gone or
   *   disabled; a web service answers 401.
   * @throws KeysUnavailableError when there are no keys to verify with: 503.
   * @throws CheckUnavailableError when the service can't be asked or does not say so, also where it refuses the API key: 503.
   */
  async verifyToken(token: string, options?: VerifyOptions): Promise<Claims> {
    const { native } = this.#session;
    text('token', token);
    const given = options === undefined ? undefined : checkedOptions<VerifyOptions>(verifyOptions, options);
    const check = wantedCheck(given);
    return (
      (isAsAlways(given) ? this.#verdict(token, check) : null) ??
      run<VerifyOptions, Claims>(
        this.#session,
        verifyOptions,
        given,
        (slot, settings) => native.verifyToken(slot, settings, token, check),
        (body) => JSON.parse(body as string) as Claims,
      )
    );
  }

  /** Asks the service with each key once which it accepts. Changes nothing about which is used. */
  checkApiKeys(options?: CallOptions): Promise<KeyCheck> {
    const { native } = this.#session;
    return run(
      this.#session,
      callOptions,
      options,
      (slot, settings) => native.checkApiKeys(slot, settings),
      (body) => JSON.parse(body as string) as KeyCheck,
    );
  }

  /**
   * Calls the listener whenever this happens to the client's keys; `event` is whatever happens. As with every emitter of
   * Node, what a listener throws is an uncaught exception. Waiting for events does not keep the process alive, and a closed
   * client tells nothing any more.
   */
  on<Name extends keyof ClientEvents>(name: Name, listener: Listener<Name>): this {
    this.#session.hooks.events.on(eventName(name), listener);
    return this;
  }

  /** {@link on}, for the first time only. */
  once<Name extends keyof ClientEvents>(name: Name, listener: Listener<Name>): this {
    this.#session.hooks.events.once(eventName(name), listener);
    return this;
  }

  /** Takes {@link on} or {@link once} back. */
  off<Name extends keyof ClientEvents>(name: Name, listener: Listener<Name>): this {
    this.#session.hooks.events.off(eventName(name), listener);
    return this;
  }

  /** {@link off} by its older name, which `once` and `on` of `node:events` use. */
  removeListener<Name extends keyof ClientEvents>(name: Name, listener: Listener<Name>): this {
    return this.off(name, listener);
  }

  /** Ends calls under way with a {@link ClosedError} and refuses new ones. Closing again does nothing. */
  close(): void {
    this.#session.native.close();
    // After it, because a source that is sent away would otherwise be what its call reports.
    this.#session.hooks.close();
  }

  /** {@link close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** {@link close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** What is at hand of a verdict. */
  #verdict(token: string, check: string | undefined): Claims | null {
    const { native } = this.#session;
    const verdict = orThrow(() => native.verifiedToken(token, check, false));
    const known = typeof verdict === 'number' ? this.#claims.get(verdict) : undefined;
    if (known !== undefined) {
      return known;
    }
    const json = typeof verdict === 'number' ? orThrow(() => native.verifiedToken(token, check, true)) : verdict;
    const claims = json === null ? null : (JSON.parse(json as string) as Claims);
    if (typeof verdict === 'number' && claims !== null) {
      this.#claims.put(verdict, claims);
    }
    return claims;
  }

  #exchange<T>(
    userId: string,
    options: TokenOptions | undefined,
    read: (token: string, expiresAt: number | null) => T,
  ): Promise<T> {
    const { native } = this.#session;
    return run<TokenOptions, T>(
      this.#session,
      tokenOptions,
      options,
      (slot, settings, { fresh }) =>
        native.exchangeApiKeyForToken(slot, settings, text('userId', userId), flag('fresh', fresh)),
      (token, expiresAt) => read(token as string, expiresAt as number | null),
    );
  }
}

/** Whether a token of the cache will do. Without options, as mostly, that is known at once. */
function mayBeCached(options: TokenOptions | undefined): boolean {
  if (options === undefined) {
    return true;
  }
  const given = checkedOptions<TokenOptions>(tokenOptions, options);
  return !flag('fresh', given.fresh) && isAsAlways(given);
}

/** Whether a call may be answered by what is at hand: it isn't over, and differs in nothing. */
function isAsAlways(given: CallOptions | undefined): boolean {
  if (given === undefined) {
    return true;
  }
  // Times are the core's to judge, so they go its way, on which what is at hand is found as well.
  return !abortSignal(given.signal)?.aborted && callSettings(given) === undefined;
}

function wantedCheck(given: VerifyOptions | undefined): string | undefined {
  const check = given?.check ?? undefined;
  return check === undefined ? undefined : text('check', check);
}
