/**
 * Claims that were read before: parsing them again would take longer than everything else about a token that is known.
 */
import type { Claims } from './models.js';

/** How many are kept; those that came first go first. As many as the client remembers tokens, if it is not told otherwise. */
const most = 10_000;

/** Claims by the numbers that the addon gives them. */
export class KnownClaims {
  readonly #known = new Map<number, Claims>();

  /** The claims of this number, in an object of the caller's own. */
  get(number: number): Claims | undefined {
    const claims = this.#known.get(number);
    return claims === undefined ? undefined : copy(claims);
  }

  put(number: number, claims: Claims): void {
    if (this.#known.size === most) {
      this.#known.delete(this.#known.keys().next().value!);
    }
    this.#known.set(number, copy(claims));
  }
}

/** A copy of what JSON is made of, to any depth. */
function copy<T extends object>(value: T): T {
  if (Array.isArray(value)) {
    return value.map((item: unknown) => (isObject(item) ? copy(item) : item)) as T;
  }
  const members = { ...value } as Record<string, unknown>;
  for (const name of Object.keys(members)) {
    const member = members[name];
    if (isObject(member)) {
      members[name] = copy(member);
    }
  }
  return members as T;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
