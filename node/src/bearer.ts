/**
 * What the integrations for web frameworks do with a request's `Authorization` header: the rules of `docs/web.md`.
 */
import { checkedOptions, kind, refusal, text } from './arguments.js';
import { Client, type VerifyOptions } from './client.js';
import { AgglestoneError, InvalidTokenError, orThrow } from './errors.js';
import type { Claims } from './models.js';
import { native } from './native.js';

/** Who is let in. */
export interface BearerOptions {
  /** The user must be in one of these groups. Default: every user of the tenant is let in. */
  groups?: readonly string[] | undefined;
  /** With `'service'` the service is also asked whether the user may still, as by {@link Client.verifyToken}. Default: not. */
  check?: VerifyOptions['check'];
}

/** A client, or a function that gives one, which is called for each request. Whoever made it closes it. */
export type ClientSource = Client | (() => Client);

/** How a request is answered that is not let in. Nothing tells why, which would help attackers. */
export class Refusal {
  constructor(
    readonly status: number,
    readonly headers: Readonly<Record<string, string>>,
  ) {}
}

/** A request, as far as it matters here. */
interface Received {
  /** Names and values in turn, as they came: `headers` has only the first of several. */
  readonly rawHeaders: readonly string[];
}

/** Gives the claims of a request's token, or how to refuse. What is neither the token's fault, nor will pass, rejects. */
export type Gate = (request: Received) => Promise<Claims | Refusal>;

/** A gate by which every framework lets in the same. */
export function gate(client: ClientSource, options: BearerOptions | undefined): Gate {
  const give = giver(client);
  const given = checkedOptions<BearerOptions>(['groups', 'check'], options);
  const groups = checkedGroups(given.groups);
  const how = { check: checkedCheck(given.check) };
  return async (request) => {
    const token = tokenIn(request);
    if (typeof token === 'object') {
      return token;
    }
    try {
      const claims = await give().verifyToken(token, how);
      const letIn = groups?.some((group) => claims.groups.includes(group)) ?? true;
      return letIn ? claims : challenge(403, 'insufficient_scope');
    } catch (error) {
      return refusalFor(error);
    }
  };
}

function refusalFor(error: unknown): Refusal {
  if (error instanceof InvalidTokenError) {
    return challenge(401, 'invalid_token');
  }
  if (!(error instanceof AgglestoneError && error.retryable)) {
    throw error;
  }
  const wait = error.retryAfter;
  return new Refusal(503, wait === undefined ? {} : { 'Retry-After': String(Math.ceil(wait / 1_000)) });
}

/** As RFC 6750, section 3, has it; without credentials there is no error to tell. */
function challenge(status: number, error?: string): Refusal {
  return new Refusal(status, { 'WWW-Authenticate': error === undefined ? 'Bearer' : `Bearer error="${error}"` });
}

/** The token of the one `Authorization` header that there has to be. */
function tokenIn({ rawHeaders }: Received): string | Refusal {
  const values = rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]!.toLowerCase() === 'authorization');
  if (values.length > 1) {
    return challenge(401, 'invalid_token');
  }
  const [scheme, token] = split(values[0] ?? '');
  return scheme.toLowerCase() === 'bearer' ? token : challenge(401);
}

function split(value: string): [string, string] {
  const at = value.indexOf(' ');
  return at === -1 ? [value, ''] : [value.slice(0, at), value.slice(at).trim()];
}

function giver(client: ClientSource): () => Client {
  if (client instanceof Client) {
    return () => client;
  }
  if (typeof client !== 'function') {
    throw refusal('client', `must be a Client or a function that gives one, not ${kind(client)}`);
  }
  return client;
}

function checkedGroups(groups: readonly string[] | undefined): readonly string[] | undefined {
  if (groups === undefined) {
    return undefined;
  }
  if (!Array.isArray(groups) || groups.some((group) => typeof group !== 'string')) {
    throw refusal('groups', `must be an array of strings, not ${kind(groups)}`);
  }
  if (groups.length === 0) {
    throw refusal('groups', 'names no group: leave it out to let in every user of the tenant');
  }
  return [...groups];
}

function checkedCheck(check: BearerOptions['check']): BearerOptions['check'] {
  // Refuses a check that there isn't, now and not with each request.
  if (check !== undefined && check !== null) {
    orThrow(() => native.checkTokenCheck(text('check', check)));
  }
  return check;
}
