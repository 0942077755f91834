/**
 * The answer to a request that has no method of its own.
 */
import { InvalidResponseError } from './errors.js';
import type { ReplyHeaders } from './web.js';

const inspect = Symbol.for('nodejs.util.inspect.custom');

/** A successful answer, read to its end. Printing it shows no more than its status: the rest may be personal data. */
export class Reply {
  /** The HTTP status, 200 to 299. */
  readonly status: number;
  /** How many requests the call took: more than one when a key was refused and another one worked. */
  readonly attempts: number;
  readonly #body: string | Uint8Array;
  #headers: string[] | ReplyHeaders;

  /** @internal */
  constructor(body: string | Uint8Array, [status, attempts, ...headers]: [number, number, ...string[]]) {
    this.status = status;
    this.attempts = attempts;
    this.#body = body;
    this.#headers = headers;
  }

  /** The answer's headers. */
  get headers(): ReplyHeaders {
    if (Array.isArray(this.#headers)) {
      const headers = new Headers();
      for (let index = 0; index < this.#headers.length; index += 2) {
        headers.append(this.#headers[index]!, this.#headers[index + 1]!);
      }
      this.#headers = headers;
    }
    return this.#headers;
  }

  /** The body as text. Bytes that are not UTF-8 become U+FFFD. */
  get text(): string {
    return typeof this.#body === 'string' ? this.#body : new TextDecoder().decode(this.#body);
  }

  /** The body as bytes, a copy. */
  get bytes(): Uint8Array {
    return typeof this.#body === 'string' ? new TextEncoder().encode(this.#body) : new Uint8Array(this.#body);
  }

  /**
   * The body parsed as JSON; `null` for an empty one, as a 204 has.
   *
   * @throws InvalidResponseError when it is not JSON.
   */
  json<T = unknown>(): T {
    const text = this.text;
    if (text === '') {
      return null as T;
    }
    try {
      return JSON.parse(text) as T;
    } catch {
      // The parser's own message quotes the body.
      throw new InvalidResponseError(`the service returned ${this.status} with a body that is not JSON`, {
        status: this.status,
      });
    }
  }

  /** Without it, `util.inspect` with `getters` and `showHidden` would show the body. @internal */
  [inspect](): string {
    return `Reply { status: ${this.status} }`;
  }
}
