/**
 * A user's token, kept out of everything that prints, and the numbers of the cache that tokens come from.
 */

const inspect = Symbol.for('nodejs.util.inspect.custom');

/** A user's JWT, as the service issued it. Printing, inspecting or serializing it shows whose it is, never the token. */
export class Token {
  /** The user it stands for. */
  readonly userId: string;
  /** When it expires, from its `exp` claim, which is read and not verified; `null` without one. */
  readonly expiresAt: Date | null;
  readonly #token: string;

  /** @internal */
  constructor(token: string, userId: string, expiresAt: number | null) {
    this.#token = token;
    this.userId = userId;
    this.expiresAt = expiresAt === null ? null : new Date(expiresAt * 1000);
  }

  /** The token itself, for an `Authorization: Bearer` header. It acts as the user: keep it out of logs. */
  get token(): string {
    return this.#token;
  }

  /** Names the user, so that a token in a template string does not end up in a log. */
  toString(): string {
    return `[Token of ${this.userId}]`;
  }

  /** Without it, `util.inspect` with `getters` and `showHidden` would show the token. @internal */
  [inspect](_depth: number, options: object, show: (value: unknown, options: object) => string): string {
    return `Token ${show({ userId: this.userId, expiresAt: this.expiresAt }, options)}`;
  }
}

/** How the cache of tokens is doing. */
export interface TokenStats {
  /** For how many users it holds something. */
  size: number;
  /** How often it answered at once. */
  hits: number;
  /** How often an exchange had to be waited for. */
  misses: number;
  /** How often a token was renewed while it was still good. */
  renewals: number;
  /** How many tokens another process had exchanged, got from the token store. */
  fromOthers: number;
}
